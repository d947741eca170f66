"""When a receiving agency's access to what it was told ends by itself."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection


class StoredAccess:
    def __init__(self, connection: Connection, agency: str) -> None:
        self._connection = connection
        self._agency = agency

    async def ends(self, referral_id: UUID, at: datetime) -> None:
        await self._connection.execute(_ENDS, self._agency, referral_id, at)

    async def ended(self, referral_id: UUID) -> None:
        await self._connection.execute(_ENDED, self._agency, referral_id)


async def find_over(connection: Connection, limit: int) -> Sequence[tuple[str, UUID]]:
    """Whose access the clock should look at, in any order: one that fails stands before no other for long.

    Needs the node's own context.
    """
    rows = await connection.fetch(_OVER, limit)
    return [(row["agency_id"], row["referral_id"]) for row in rows]


_ENDS = """INSERT INTO access_end (agency_id, referral_id, ends_at) VALUES ($1, $2, $3)
ON CONFLICT (agency_id, referral_id) DO UPDATE SET ends_at = excluded.ends_at"""
_ENDED = "DELETE FROM access_end WHERE agency_id = $1 AND referral_id = $2"
_OVER = "SELECT agency_id, referral_id FROM access_end WHERE ends_at <= now() ORDER BY random() LIMIT $1"
