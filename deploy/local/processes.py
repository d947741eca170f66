"""Processes of this installation as the kernel sees them: found by pid file and by mark, never by name alone."""

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.component import Account
from deploy.local.state import State, read_json, write_private

MARK = "SAFAR_INSTALLATION"
"""Environment variable that every process we start carries; its value is the state folder."""

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_START_TIME = 19
_STATE = 0
_PARENT = 1
_CLOCK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Running:
    """A live process; `started` (clock ticks since boot) tells it from a later one with the same pid."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        return running(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        """Signal the process and what it started, if it is still the same one."""
        if self.alive:
            _kill_group(self.pid, number)

    def uptime(self) -> float:
        """Seconds since it started."""
        return float((_PROC / "uptime").read_text().split()[0]) - self.started / _CLOCK


def memory() -> Callable[[Running], int]:
    """Bytes of a process and all it started, without what they share, so that sums mean something; one look now."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)):
            children.setdefault(parent, []).append(int(entry.name))

    def together(pid: int) -> int:
        return _own_memory(pid) + sum(together(child) for child in children.get(pid, []))

    return lambda process: together(process.pid)


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[_PARENT])
    except OSError:
        return None


def _own_memory(pid: int) -> int:
    try:
        resident, shared = (_PROC / str(pid) / "statm").read_text().split()[1:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE


def running(pid: int) -> Running | None:
    """The live process with this pid; a zombie is not alive."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[_STATE] in "ZX" else Running(pid, int(fields[_START_TIME]))


def end_with_launcher(launcher: int, number: signal.Signals, account: Account | None) -> Callable[[], None]:
    """What a child does before it becomes its program: take its account, then ask for a signal when we are gone.

    In this order: the kernel forgets the wish when the account changes.
    """

    def ask() -> None:
        if account:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        _libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != launcher:
            os._exit(1)

    return ask


def remember(state: State, component: str, process: Running) -> None:
    """Write the pid file."""
    write_private(state.pid_file(component), json.dumps({"pid": process.pid, "started": process.started}))


def forget(state: State, component: str) -> None:
    state.pid_file(component).unlink(missing_ok=True)


def remembered(state: State, component: str) -> Running | None:
    """The live process of a component, by its pid file."""
    noted = read_json(state.pid_file(component))
    if not noted:
        return None
    process = Running(noted["pid"], noted["started"])
    return process if process.alive else None


def marked(state: State) -> list[Running]:
    """Every live process that carries this installation's mark, whoever its parent is now."""
    wanted = f"{MARK}={state.folder}".encode()
    found = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _has(entry, wanted):
            process = running(int(entry.name))
            if process:
                found.append(process)
    return found


def end(processes: Iterable[Running], first: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask, wait, then kill."""
    remaining = list(processes)
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for process in remaining:
            process.signal(number)
        deadline = time.monotonic() + seconds
        while remaining and time.monotonic() < deadline:
            remaining = [process for process in remaining if process.alive]
            time.sleep(0.05)


def _has(entry: Path, wanted: bytes) -> bool:
    try:
        return wanted in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _kill_group(pid: int, number: signal.Signals) -> None:
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        pass
