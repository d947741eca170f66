"""Whether the ports of a plan are free, and who holds one that is not."""

import socket
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.plan import Plan

_LISTENING = "0A"


def require_free(plan: Plan) -> None:
    """Raise LauncherError naming the first port of the plan that something else listens on."""
    for port, part in sorted(plan.ports().items()):
        if not _free(port):
            raise LauncherError(
                f"Port {port}, which {part} needs, is taken{_holder(port)}. "
                f"End that program, or choose other ports: make run PORT={_another(plan)}"
            )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _another(plan: Plan) -> int:
    step = 1000
    return plan.port_base + step if plan.port_base + 2 * step < 2**16 else plan.port_base - step


def _holder(port: int) -> str:
    """' by NAME (pid N)', as far as the kernel lets us see."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == _LISTENING
    }
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            held = {str(link.readlink()) for link in (entry / "fd").iterdir()}
            if any(f"socket:[{inode}]" in held for inode in inodes):
                return f" by {(entry / 'comm').read_text().strip()} (pid {entry.name})"
        except OSError:
            continue
    return ""
