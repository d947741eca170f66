"""An agency's own offerings: every statement runs behind the wall, in the agency's signed context."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.directory.domain.service_offering import PrivateDetails, ServiceOffering, Status
from services.directory.storage.rows import PUBLIC_COLUMNS, listed, public_offering, public_values

_COLUMNS = (*PUBLIC_COLUMNS, "private_address", "private_contact", "status", "updated_at")
_NAMES, _PARAMETERS, _ASSIGNMENTS = listed(_COLUMNS)


class OwnOfferingRows:
    """Rows of `service_offering` that belong to the acting agency."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, service_offering_id: UUID, *, lock: bool = False) -> ServiceOffering | None:
        row = await self._connection.fetchrow(_FIND_LOCKED if lock else _FIND, service_offering_id)
        return _offering(row) if row else None

    async def save(self, offering: ServiceOffering, now: datetime) -> None:
        private = offering.private
        await self._connection.execute(
            _SAVE, *public_values(offering.public), private.address, private.contact, offering.status, now
        )

    async def count(self) -> int:
        return int(await self._connection.fetchval("SELECT count(*) FROM service_offering"))

    async def page(self, after: UUID | None, limit: int) -> Sequence[ServiceOffering]:
        """In order of id, after that one."""
        return [_offering(row) for row in await self._connection.fetch(_PAGE, after or UUID(int=0), limit)]


def _offering(row: asyncpg.Record) -> ServiceOffering:
    private = PrivateDetails(row["private_address"], row["private_contact"])
    return ServiceOffering(public_offering(row), private, Status(row["status"]))


_FIND = f"SELECT {_NAMES} FROM service_offering WHERE service_offering_id = $1"
_FIND_LOCKED = f"{_FIND} FOR UPDATE"
_PAGE = f"SELECT {_NAMES} FROM service_offering WHERE service_offering_id > $1 ORDER BY service_offering_id LIMIT $2"
_SAVE = f"""INSERT INTO service_offering ({_NAMES}) VALUES ({_PARAMETERS})
ON CONFLICT (agency_id, service_offering_id) DO UPDATE SET {_ASSIGNMENTS}"""
