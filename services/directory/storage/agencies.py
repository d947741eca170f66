"""Replica of identity's agencies: public names, so that a result can say who offers it."""

from contracts.terms import AgencyKind
from services.chassis.database import Connection
from services.directory.domain.ports import EnrolledAgency
from services.directory.domain.ranking import Agency
from services.directory.domain.service_offering import Texts


class AgencyRows:
    """Rows of `agency`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def enrol(self, agency: EnrolledAgency) -> None:
        names = (agency.names.en, agency.names.ru)
        await self._connection.execute(_ENROL, agency.agency_id, agency.country, agency.kind, *names, agency.district)

    async def suspend(self, agency_id: str) -> None:
        await self._connection.execute(_SUSPEND, agency_id)

    async def find(self, agency_id: str) -> Agency | None:
        row = await self._connection.fetchrow(_FIND, agency_id)
        return Agency(agency_id, Texts(row["name_en"], row["name_ru"]), AgencyKind(row["kind"])) if row else None

    async def district(self, agency_id: str) -> str | None:
        code: str | None = await self._connection.fetchval(_DISTRICT, agency_id)
        return code


_ENROL = """INSERT INTO agency (agency_id, country, kind, name_en, name_ru, district)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (agency_id) DO UPDATE SET country = excluded.country, kind = excluded.kind, name_en = excluded.name_en,
name_ru = excluded.name_ru, district = excluded.district, suspended_at = NULL"""
_SUSPEND = "UPDATE agency SET suspended_at = now() WHERE agency_id = $1 AND suspended_at IS NULL"
_FIND = "SELECT name_en, name_ru, kind FROM agency WHERE agency_id = $1"
_DISTRICT = "SELECT district FROM agency WHERE agency_id = $1"
