"""What identifies a person, field by field, each encrypted under that person's key."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from contracts.terms import IdentityField
from services.chassis.database import Connection
from services.referrals.storage.person_keys import DataKey, PersonKeys


class StoredPeople:
    def __init__(self, connection: Connection, agency: str, keys: PersonKeys) -> None:
        self._connection = connection
        self._agency = agency
        self._keys = keys
        self._known: dict[UUID, DataKey | None] = {}

    async def key(self, person_id: UUID) -> DataKey | None:
        """The person's key, asked for once a transaction; None when destroyed."""
        if person_id not in self._known:
            self._known[person_id] = await self._keys.find(self._agency, person_id)
        return self._known[person_id]

    async def open(self, person_id: UUID) -> None:
        await self._keys.create(self._agency, person_id)
        self._known.pop(person_id, None)

    async def write(self, person_id: UUID, identity: Mapping[IdentityField, str]) -> None:
        """Store the fields; nothing is stored for a person whose key was destroyed."""
        key = await self.key(person_id)
        if key is None or not identity:
            return
        rows = [
            (self._agency, person_id, field.value, key.encrypt("identity_field", field.value, text))
            for field, text in identity.items()
        ]
        await self._connection.executemany(_WRITE, rows)

    async def read(
        self, person_id: UUID, only: Iterable[IdentityField] | None = None
    ) -> Mapping[IdentityField, str] | None:
        key = await self.key(person_id)
        if key is None:
            return None
        wanted = list(IdentityField if only is None else only)
        rows = await self._connection.fetch(_READ, self._agency, person_id, wanted)
        return {
            IdentityField(row["field"]): key.decrypt("identity_field", row["field"], row["ciphertext"]) for row in rows
        }

    async def forget(self, person_id: UUID) -> None:
        await self._connection.execute(_FORGET, self._agency, person_id)

    async def close(self, person_id: UUID) -> None:
        await self._keys.destroy(self._agency, person_id)
        self._known[person_id] = None
        await self.forget(person_id)


_WRITE = """INSERT INTO identity_field (agency_id, person_id, field, ciphertext) VALUES ($1, $2, $3, $4)
ON CONFLICT (agency_id, person_id, field) DO UPDATE SET ciphertext = excluded.ciphertext"""
_READ = """SELECT field, ciphertext FROM identity_field
WHERE agency_id = $1 AND person_id = $2 AND field = ANY($3::text[])"""
_FORGET = "DELETE FROM identity_field WHERE agency_id = $1 AND person_id = $2"
