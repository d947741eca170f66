"""Counted cells, added up by the axes of a question."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg

from contracts.terms import ReferralStatus
from services.chassis.database import Connection
from services.coordination.domain.outcomes import GROUP_OF
from services.coordination.domain.table import CountedCell
from services.coordination.storage.columns import summed

_COLUMN = {
    "period": "month",
    "outcome": "status",
    "origin": "origin",
    "destination": "destination",
    "service": "service",
    "sex": "sex",
    "age_band": "age_band",
}


class CellRows:
    """The cells of this node's view: its agencies' own in a country, the published ones in the region."""

    def __init__(self, connection: Connection, table: Literal["count_cells", "published_cells"], home: str) -> None:
        self._connection = connection
        self._table = table
        self._home = home
        # Both ends of an inland referral count it; what comes in across a border only the receiving end does.
        self._once = "(side = 'referring' OR origin <> $1)" if table == "count_cells" else "$1::text IS NOT NULL"

    async def by(self, axes: Sequence[str]) -> Sequence[CountedCell]:
        columns = [_COLUMN[axis] for axis in axes]
        groups = ", ".join(str(place) for place in range(1, len(columns) + 1))
        rows = await self._connection.fetch(
            f"""SELECT {"".join(f"{column}, " for column in columns)} coalesce(sum(count), 0)::bigint AS count,
            {summed("acknowledge_hours")} AS acknowledge_hours, {summed("decide_hours")} AS decide_hours
            FROM {self._table} WHERE {self._once} {f"GROUP BY {groups}" if groups else ""}""",
            self._home,
        )
        return [_counted(row, axes) for row in rows]

    async def months(self) -> tuple[str, str] | None:
        """The first and the last month in which anything was counted."""
        row = await self._connection.fetchrow(f"SELECT min(month) AS first, max(month) AS last FROM {self._table}")
        return (row["first"], row["last"]) if row and row["first"] else None

    async def as_of(self) -> datetime | None:
        """When a count last changed here."""
        found: datetime | None = await self._connection.fetchval(f"SELECT max(updated_at) FROM {self._table}")
        return found


def _counted(row: asyncpg.Record, axes: Sequence[str]) -> CountedCell:
    at = {axis: str(row[_COLUMN[axis]]) for axis in axes}
    if "outcome" in at:
        at["outcome"] = GROUP_OF[ReferralStatus(at["outcome"])]
    return CountedCell(at, row["count"], tuple(row["acknowledge_hours"]), tuple(row["decide_hours"]))
