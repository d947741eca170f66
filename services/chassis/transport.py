"""Confidential events at rest inside a node: AES-256-GCM under the node's transport key."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK = b"\x01"
_NONCE = 12


class Transport:
    """Encrypts an event before it enters outbox, broker or inbox; plain JSON starts with `{`, never with the mark."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, payload: bytes, bound_to: str) -> bytes:
        """Encrypt; `bound_to` (the event's type and id) must be given again to open."""
        nonce = os.urandom(_NONCE)
        return _MARK + nonce + self._cipher.encrypt(nonce, payload, bound_to.encode())

    def open(self, stored: bytes, bound_to: str, *, confidential: bool = True) -> bytes:
        """Decrypt; raises InvalidTag when tampered with, and when what must be confidential comes in plain."""
        if not stored.startswith(_MARK):
            if confidential:
                raise InvalidTag
            return stored
        nonce, body = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
        return self._cipher.decrypt(nonce, body, bound_to.encode())
