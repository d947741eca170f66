"""Data keys of persons: wrapped by the agency's key, kept in a database of their own (security.md §6)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from services.chassis.database import Context, Database

_NONCE = 12


@dataclass(frozen=True)
class DataKey:
    """Encrypts what names one person; each ciphertext is bound to its agency, person, table, column and key version."""

    agency: str
    person_id: UUID
    version: int
    key: bytes

    def encrypt(self, table: str, column: str, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, text.encode(), self._bound(table, column))

    def decrypt(self, table: str, column: str, stored: bytes) -> str:
        """The text; raises InvalidTag when the bytes were moved or changed."""
        return AESGCM(self.key).decrypt(stored[:_NONCE], stored[_NONCE:], self._bound(table, column)).decode()

    def _bound(self, table: str, column: str) -> bytes:
        return f"{self.agency}|{self.person_id}|{table}|{column}|{self.version}".encode()


class PersonKeys:
    """The keys database. Keys are made before the rows that need them and destroyed before those are forgotten."""

    def __init__(self, database: Database, agency_kek: Callable[[str], bytes]) -> None:
        self._database = database
        self._agency_kek = agency_kek
        self._keks: dict[str, AESGCMSIV] = {}

    async def create(self, agency: str, person_id: UUID) -> None:
        """Make the key unless there is one; a destroyed one stays destroyed."""
        nonce = os.urandom(_NONCE)
        wrapped = nonce + self._kek(agency).encrypt(nonce, os.urandom(32), _bound(agency, person_id, 1))
        async with self._database.transaction(Context(agency, "keys")) as connection:
            await connection.execute(_CREATE, agency, person_id, wrapped)

    async def find(self, agency: str, person_id: UUID) -> DataKey | None:
        """The key, or None when it was destroyed or never made."""
        async with self._database.transaction(Context(agency, "keys")) as connection:
            row = await connection.fetchrow(_FIND, agency, person_id)
        if row is None:
            return None
        wrapped, version = row["wrapped"], row["version"]
        try:
            key = self._kek(agency).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(agency, person_id, version))
        except InvalidTag:
            return None
        return DataKey(agency, person_id, version, key)

    async def destroy(self, agency: str, person_id: UUID) -> None:
        """Forget the key for good, also when it was never made."""
        async with self._database.transaction(Context(agency, "keys")) as connection:
            await connection.execute(_DESTROY, agency, person_id)

    def _kek(self, agency: str) -> AESGCMSIV:
        if agency not in self._keks:
            self._keks[agency] = AESGCMSIV(self._agency_kek(agency))
        return self._keks[agency]


def _bound(agency: str, person_id: UUID, version: int) -> bytes:
    return f"{agency}|{person_id}|data_key|wrapped|{version}".encode()


_CREATE = "INSERT INTO data_key (agency_id, person_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_FIND = "SELECT wrapped, version FROM data_key WHERE agency_id = $1 AND person_id = $2 AND wrapped IS NOT NULL"
_DESTROY = """INSERT INTO data_key (agency_id, person_id, wrapped, destroyed_at) VALUES ($1, $2, NULL, now())
ON CONFLICT (agency_id, person_id) DO UPDATE SET wrapped = NULL, destroyed_at = now()
WHERE data_key.destroyed_at IS NULL"""
