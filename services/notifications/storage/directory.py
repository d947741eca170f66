"""The replica of what identity publishes: agencies, keys, corridors. Public data, no tenant."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.chassis.database import Connection
from services.chassis.keys import PublicKeys


class DirectoryRows:
    """Keys of nodes come from the trust file, which was exchanged out of band; they are never taken from an event."""

    def __init__(self, connection: Connection, trusted: Mapping[str, PublicKeys]) -> None:
        self._connection = connection
        self._trusted = trusted

    async def has_agency(self, agency_id: str) -> bool:
        return bool(
            await self._connection.fetchval("SELECT true FROM agency WHERE agency_id = $1 AND NOT suspended", agency_id)
        )

    async def has_corridor(self, pairs: Sequence[tuple[str, str]]) -> bool:
        origins, destinations = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return bool(await self._connection.fetchval(_OPEN, origins, destinations))

    async def keys(self, agency_id: str) -> Mapping[int, PublicKeys]:
        """All known keys of an agency by version; of a node the one in the trust file."""
        if agency_id in self._trusted:
            trusted = self._trusted[agency_id]
            return {trusted.version: trusted}
        rows = await self._connection.fetch(
            "SELECT version, suite, sign_public, seal_public FROM agency_key WHERE agency_id = $1", agency_id
        )
        return {row["version"]: PublicKeys(agency_id, *row.values()) for row in rows}

    async def save_agency(self, agency_id: str, *, suspended: bool) -> None:
        await self._connection.execute(
            """INSERT INTO agency (agency_id, suspended) VALUES ($1, $2)
            ON CONFLICT (agency_id) DO UPDATE SET suspended = excluded.suspended""",
            agency_id,
            suspended,
        )

    async def save_key(self, key: PublicKeys, valid_from: datetime) -> None:
        """A published version never changes: whoever says otherwise later is not heard."""
        await self._connection.execute(
            "INSERT INTO agency_key VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            key.agency_id, key.version, key.suite, key.sign_public, key.seal_public, valid_from,
        )  # fmt: skip

    async def save_corridor(self, origin: str, destination: str, *, is_open: bool) -> None:
        await self._connection.execute(
            """INSERT INTO corridor (origin, destination, is_open) VALUES ($1, $2, $3)
            ON CONFLICT (origin, destination) DO UPDATE SET is_open = excluded.is_open""",
            origin,
            destination,
            is_open,
        )


_OPEN = """SELECT true FROM corridor c JOIN unnest($1::text[], $2::text[]) AS wanted (origin, destination)
USING (origin, destination) WHERE c.is_open LIMIT 1"""
