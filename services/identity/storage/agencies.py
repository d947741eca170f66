"""Agencies, their public keys, corridors: the node's public reference data, one statement each."""

from datetime import datetime
from typing import Any

from contracts.terms import AgencyKind, Country
from services.chassis.database import Connection
from services.identity.domain.agencies import Agency, AgencyKey, Agreement, Corridor, Names

_AGENCY = "agency_id, kind, name_en, name_ru, district, focal_point"
_TAKES_PART = "WHERE suspended_at IS NULL"


class AgencyRepository:
    """Agencies and their keys in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, agency_id: str) -> Agency | None:
        row = await self._connection.fetchrow(
            f"SELECT {_AGENCY} FROM agencies {_TAKES_PART} AND agency_id = $1", agency_id
        )
        return _agency(row) if row else None

    async def all(self) -> list[Agency]:
        found = await self._connection.fetch(f"SELECT {_AGENCY} FROM agencies {_TAKES_PART} ORDER BY 1")
        return [_agency(row) for row in found]

    async def save(self, agency: Agency) -> None:
        await self._connection.execute(
            f"""INSERT INTO agencies ({_AGENCY}) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (agency_id) DO UPDATE SET kind = $2, name_en = $3, name_ru = $4, district = $5,
            focal_point = $6, suspended_at = NULL""",
            agency.agency_id,
            agency.kind.value,
            agency.names.en,
            agency.names.ru,
            agency.district,
            agency.focal_point,
        )

    async def suspend(self, agency_id: str) -> bool:
        """Whether it took part until now."""
        suspend = f"UPDATE agencies SET suspended_at = now() {_TAKES_PART} AND agency_id = $1 RETURNING true"
        return bool(await self._connection.fetchval(suspend, agency_id))

    async def has_key(self, agency_id: str, version: int) -> bool:
        found = "SELECT EXISTS (SELECT FROM agency_keys WHERE agency_id = $1 AND version = $2)"
        return bool(await self._connection.fetchval(found, agency_id, version))

    async def add_key(self, key: AgencyKey) -> datetime:
        """Store a version; the time from which it is valid."""
        valid_from: datetime = await self._connection.fetchval(
            """INSERT INTO agency_keys (agency_id, version, suite, sign_public, seal_public)
            VALUES ($1, $2, $3, $4, $5) RETURNING valid_from""",
            key.agency_id,
            key.version,
            key.suite,
            key.sign_public,
            key.seal_public,
        )
        return valid_from

    async def keys(self) -> list[tuple[AgencyKey, datetime]]:
        """Every published version, newest of an agency first."""
        rows = await self._connection.fetch(
            """SELECT agency_id, version, suite, sign_public, seal_public, valid_from
            FROM agency_keys ORDER BY agency_id, version DESC"""
        )
        return [(AgencyKey(*list(row.values())[:5]), row["valid_from"]) for row in rows]


class CorridorRepository:
    """Corridors and the agreements that open them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_open(self, origin: Country, destination: Country) -> bool:
        found = """SELECT EXISTS (SELECT FROM corridors
            WHERE origin = $1 AND destination = $2 AND closed_on IS NULL)"""
        return bool(await self._connection.fetchval(found, origin.value, destination.value))

    async def add(self, corridor: Corridor) -> None:
        agreement = corridor.agreement
        await self._connection.execute(
            "INSERT INTO agreements (reference, title, opened_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            agreement.reference,
            agreement.title,
            agreement.opened_on,
        )
        await self._connection.execute(
            """INSERT INTO corridors (origin, destination, agreement) VALUES ($1, $2, $3)
            ON CONFLICT (origin, destination) DO UPDATE SET agreement = $3, closed_on = NULL""",
            corridor.origin.value,
            corridor.destination.value,
            agreement.reference,
        )

    async def close(self, origin: Country, destination: Country) -> bool:
        """Whether it was open until now."""
        close = """UPDATE corridors SET closed_on = current_date
            WHERE origin = $1 AND destination = $2 AND closed_on IS NULL RETURNING true"""
        return bool(await self._connection.fetchval(close, origin.value, destination.value))

    async def all_open(self) -> list[Corridor]:
        rows = await self._connection.fetch(
            """SELECT c.origin, c.destination, a.reference, a.title, a.opened_on
            FROM corridors c JOIN agreements a ON a.reference = c.agreement
            WHERE c.closed_on IS NULL ORDER BY 1, 2"""
        )
        return [Corridor(Country(r[0]), Country(r[1]), Agreement(r[2], r[3], r[4])) for r in rows]


def _agency(row: Any) -> Agency:
    names = Names(row["name_en"], row["name_ru"])
    return Agency(row["agency_id"], AgencyKind(row["kind"]), names, row["district"], row["focal_point"])
