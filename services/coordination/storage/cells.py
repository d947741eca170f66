"""Counted cells, added up by the axes of a question."""

from collections.abc import Sequence
from datetime import datetime

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
    """Published cells: what the coordinators of this node see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def by(self, axes: Sequence[str]) -> Sequence[CountedCell]:
        columns = [_COLUMN[axis] for axis in axes]
        groups = ", ".join(str(place) for place in range(1, len(columns) + 1))
        rows = await self._connection.fetch(
            f"""SELECT {"".join(f"{column}, " for column in columns)} coalesce(sum(count), 0)::bigint AS count,
            {summed("acknowledge_hours")} AS acknowledge_hours, {summed("decide_hours")} AS decide_hours
            FROM published_cells {f"GROUP BY {groups}" if groups else ""}"""
        )
        return [_counted(row, axes) for row in rows]

    async def months(self) -> tuple[str, str] | None:
        """The first and the last month in which anything was counted."""
        row = await self._connection.fetchrow(
            "SELECT min(month) AS first, max(month) AS last FROM published_cells WHERE count > 0"
        )
        return (row["first"], row["last"]) if row and row["first"] else None

    async def as_of(self) -> datetime | None:
        """When a count was last published here."""
        found: datetime | None = await self._connection.fetchval("SELECT max(updated_at) FROM published_cells")
        return found


def _counted(row: asyncpg.Record, axes: Sequence[str]) -> CountedCell:
    at = {axis: str(row[_COLUMN[axis]]) for axis in axes}
    if "outcome" in at:
        at["outcome"] = GROUP_OF[ReferralStatus(at["outcome"])]
    return CountedCell(at, row["count"], tuple(row["acknowledge_hours"]), tuple(row["decide_hours"]))
