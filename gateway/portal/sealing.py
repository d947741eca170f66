"""What the portal must keep of a session, encrypted under a key of its own; ids are random and kept as hashes only."""

import json
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def new_id() -> str:
    """256 random bits for a cookie."""
    return urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def digest(identifier: str) -> bytes:
    """What the database knows of an id: enough to find, not enough to use."""
    return sha256(identifier.encode("utf-8", "replace")).digest()


class Seal:
    """AES-256-GCM; the row's id is bound in, so that a value cannot be moved to another row."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, value: dict[str, Any], row: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(
            nonce, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), row
        )

    def open(self, sealed: bytes, row: bytes) -> dict[str, Any]:
        plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], row)
        value: dict[str, Any] = json.loads(plain)
        return value


def read_key(path: Path) -> bytes:
    """The key in a file of 64 hex digits; made on first use, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n")
    key = bytes.fromhex(path.read_text().strip())
    if len(key) != 32:  # noqa: PLR2004  (256 bits)
        raise ValueError("the session key must be 64 hex digits")
    return key
