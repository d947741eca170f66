"""Random secrets of one installation: made on first need, kept in a file of its owner, reused afterwards."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


class Credentials:
    """Passwords and client secrets by name, in `credentials.json` (0600)."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = directory / "credentials.json"
        self._known: dict[str, dict[str, str]] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def has_password(self, username: str) -> bool:
        """Whether this installation has told that person's password before."""
        return username in self._known.get("passwords", {})

    def password(self, username: str) -> str:
        return self._secret("passwords", username, secrets.token_urlsafe(9))

    def client_secret(self, client_id: str) -> str:
        return self._secret("clients", client_id, secrets.token_urlsafe(32))

    def own(self, name: str) -> str:
        """A secret of the provider itself."""
        return self._secret("own", name, secrets.token_urlsafe(32))

    def _secret(self, kind: str, name: str, fresh: str) -> str:
        kept = self._known.setdefault(kind, {})
        if name not in kept:
            kept[name] = fresh
            write_private(self._path, json.dumps(self._known, indent=1))
        return kept[name]


def write_private(path: Path, content: str) -> bool:
    """Replace a file of its owner in one step, unless it says so already; whether it changed."""
    if path.exists() and path.read_text() == content:
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    draft.replace(path)
    return True


def write_private_json(path: Path, value: Any) -> bool:
    return write_private(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
