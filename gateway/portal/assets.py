"""Own-origin files, held in memory under one digest: a changed file changes every address."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.portal import weave

STATIC = Path(__file__).parent.parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A file as it is served."""

    content: bytes
    media_type: str


class Assets:
    """All files of the portal by name, and the digest that stands in their addresses."""

    def __init__(self) -> None:
        found = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in _TYPES}
        found |= weave.files()
        self._files = {name: Asset(body, _TYPES[Path(name).suffix]) for name, body in found.items()}
        self.digest = sha256(b"".join(name.encode() + body for name, body in sorted(found.items()))).hexdigest()[:16]

    def find(self, name: str) -> Asset | None:
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Where a browser finds a file; it may keep it for ever."""
        return f"/static/{self.digest}/{name}"
