"""Replicas of what identity tells of agencies and corridors; public, so without a tenant."""

from services.chassis.database import Connection


class StoredAgencies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def takes_referrals(self, agency_id: str) -> bool:
        return bool(await self._connection.fetchval(_TAKES, agency_id))

    async def is_open(self, origin: str, destination: str) -> bool:
        return origin == destination or bool(await self._connection.fetchval(_IS_OPEN, origin, destination))

    async def enrol(self, agency_id: str, country: str | None, kind: str, name_en: str, name_ru: str) -> None:
        await self._connection.execute(_ENROL, agency_id, country, kind, name_en, name_ru)

    async def suspend(self, agency_id: str) -> None:
        await self._connection.execute("UPDATE agency SET suspended = true WHERE agency_id = $1", agency_id)

    async def set_corridor(self, origin: str, destination: str, told_by: str, *, is_open: bool) -> None:
        await self._connection.execute(_CORRIDOR, origin, destination, told_by, is_open)


_TAKES = """SELECT true FROM agency
WHERE agency_id = $1 AND NOT suspended AND country IS NOT NULL AND agency_id NOT LIKE '%.node'"""
_IS_OPEN = "SELECT bool_and(open) FROM corridor WHERE origin = $1 AND destination = $2"
_ENROL = """INSERT INTO agency (agency_id, country, kind, name_en, name_ru) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (agency_id) DO UPDATE SET country = excluded.country, kind = excluded.kind,
name_en = excluded.name_en, name_ru = excluded.name_ru, suspended = false"""
_CORRIDOR = """INSERT INTO corridor (origin, destination, told_by, open) VALUES ($1, $2, $3, $4)
ON CONFLICT (origin, destination, told_by) DO UPDATE SET open = excluded.open"""
