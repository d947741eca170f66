"""Where a node's secrets of people live. The `file` provider is for development; production uses Vault Transit."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HYBRID_SUITE = "MLKEM768-X25519.HKDF-SHA256.AES-256-GCM"
"""The default suite of envelopes (security.md §5)."""


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class PublicKeys:
    """An agency's public keys: raw Ed25519, and ML-KEM-768 key followed by X25519 key."""

    agency_id: str
    version: int
    suite: str
    sign_public: bytes
    seal_public: bytes


@dataclass(frozen=True)
class PrivateKeys:
    agency_id: str
    version: int
    sign_private: Ed25519PrivateKey
    seal_mlkem: MLKEM768PrivateKey
    seal_x25519: X25519PrivateKey

    def public(self) -> PublicKeys:
        """The half that is published."""
        seal = self.seal_mlkem.public_key().public_bytes_raw() + self.seal_x25519.public_key().public_bytes_raw()
        return PublicKeys(
            self.agency_id, self.version, HYBRID_SUITE, self.sign_private.public_key().public_bytes_raw(), seal
        )


class FileKeyProvider:
    """Keys as files, owner-readable only, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create_agency_keys(self, agency_id: str) -> PublicKeys:
        """The agency's public keys; makes the pair on first call."""
        path = self._agency_file(agency_id)
        if not path.exists():
            made = {
                "version": 1,
                "sign": b64(Ed25519PrivateKey.generate().private_bytes_raw()),
                "mlkem": b64(MLKEM768PrivateKey.generate().private_bytes_raw()),
                "x25519": b64(X25519PrivateKey.generate().private_bytes_raw()),
            }
            write_secret(path, json.dumps(made).encode())
        return self.agency_keys(agency_id).public()

    def agency_keys(self, agency_id: str) -> PrivateKeys:
        """The agency's private keys; raises FileNotFoundError for an agency of another node."""
        stored: dict[str, Any] = json.loads(self._agency_file(agency_id).read_bytes())
        return PrivateKeys(
            agency_id,
            int(stored["version"]),
            Ed25519PrivateKey.from_private_bytes(unb64(stored["sign"])),
            MLKEM768PrivateKey.from_seed_bytes(unb64(stored["mlkem"])),
            X25519PrivateKey.from_private_bytes(unb64(stored["x25519"])),
        )

    def transport_key(self) -> bytes:
        """32 bytes that keep confidential events unreadable in the node's own broker and outboxes."""
        return self._symmetric("transport.key")

    def agency_kek(self, agency_id: str) -> bytes:
        """The agency's key-encryption key, 32 bytes, derived from the node's master key."""
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"safar agency kek v1|" + agency_id.encode())
        return derive.derive(self._symmetric("master.key"))

    def _symmetric(self, name: str) -> bytes:
        path = self._folder / name
        if not path.exists():
            write_secret(path, secrets.token_bytes(32).hex().encode())
        return bytes.fromhex(path.read_text().strip())

    def _agency_file(self, agency_id: str) -> Path:
        return self._folder / "agencies" / f"{agency_id}.json"


def write_secret(path: Path, content: bytes) -> None:
    """Write once, readable by the owner only; whoever comes second keeps the first's content."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
