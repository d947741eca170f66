"""Answer a coordinator's question about counts."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from contracts.terms import Country
from services.coordination.domain.ports import Cells
from services.coordination.domain.query import CountQuery
from services.coordination.domain.table import CountTable, tabulate


@dataclass(frozen=True)
class CountAnswer:
    table: CountTable
    threshold: int
    as_of: datetime | None


async def query_counts(
    cells: Cells, query: CountQuery, threshold: int, home: Country | None, now: datetime
) -> CountAnswer:
    """The table as `home` (None: the region) sees it, suppressed below `threshold`. Raises TooManyRowsError."""
    this_month = now.strftime("%Y-%m")
    first, last = await cells.months() or (this_month, this_month)
    counted = await cells.by(query.counted_by(home))
    as_of = await cells.as_of()
    table = await asyncio.to_thread(tabulate, query, counted, (first, last), threshold, home)
    return CountAnswer(table, threshold, as_of)
