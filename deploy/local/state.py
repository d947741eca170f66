"""Where an installation keeps its state, and how its secrets are written."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import LauncherError

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


@dataclass(frozen=True)
class State:
    """The folder `.safar` (or SAFAR_STATE) and the names inside it."""

    folder: Path

    @classmethod
    def from_environment(cls) -> "State":
        return cls(Path(os.environ.get("SAFAR_STATE") or ROOT / ".safar").resolve())

    @property
    def identifier(self) -> str:
        """Short name of this installation for what must live outside the folder."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]

    @property
    def addresses(self) -> Path:
        return self.folder / "addresses.json"

    @property
    def crossing(self) -> Path:
        """The trace ids of the demo's latest crossing, one for each agency's system."""
        return self.folder / "crossing.json"

    @property
    def lock(self) -> Path:
        return self.folder / "launcher.lock"

    @property
    def border_ca(self) -> Path:
        return self.folder / "border-ca"

    def node(self, node: str) -> Path:
        return self.folder / "nodes" / node

    def keys(self, node: str) -> Path:
        return self.node(node) / "keys"

    def log(self, component: str) -> Path:
        return self.folder / "logs" / f"{component}.log"

    def pid_file(self, component: str) -> Path:
        return self.folder / "pids" / f"{component}.json"

    def trace(self, component: str) -> Path:
        return self.folder / "traces" / f"{component}.jsonl"

    def create(self) -> None:
        """Make the folders; only ours get a mode: the top may be crossed (Postgres' own user), not listed."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            self.folder.chmod(0o711)
        elif not self.lock.exists() and any(self.folder.iterdir()):
            raise LauncherError(f"{self.folder} holds other files than Safar's state. Choose another SAFAR_STATE.")
        for name in ("logs", "pids", "traces", "nodes"):
            private_folder(self.folder / name)


def private_folder(path: Path) -> Path:
    """Make a folder that only we may enter; one that exists is left as it is."""
    if not path.exists():
        path.mkdir(parents=True, mode=0o700)
    return path


def write_private(path: Path, content: str | bytes) -> Path:
    """Replace a file at once; only its owner may read it."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    draft.replace(path)
    return path


def secret_file(path: Path, length: int = 32) -> str:
    """A random secret (hex) that is made on first use and then stays."""
    if not path.exists():
        write_private(path, secrets.token_hex(length))
    return path.read_text().strip()


def read_json(path: Path) -> Any:
    """A JSON file of ours, or None where it is missing or was cut off while being written."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


@contextmanager
def only_launcher(state: State) -> Iterator[None]:
    """Hold the installation: the lock goes with the process, however it ends."""
    state.create()
    with state.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise LauncherError(
                f"Safar is already running from {state.folder} (launcher pid {holder}). "
                "See `make status`, or end it with `make stop`."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def launcher_pid(state: State) -> int | None:
    """The pid that holds the installation now, or None."""
    if not state.lock.exists():
        return None
    with state.lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
    return None
