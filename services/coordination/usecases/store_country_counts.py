"""Take in what a country counted."""

from collections.abc import Sequence
from datetime import timedelta

from services.coordination.domain.counts import Publication, PublishedCell
from services.coordination.domain.errors import CountsOfTheFutureError, ForeignCountsError
from services.coordination.domain.outcomes import GROUP_OF
from services.coordination.domain.ports import PublishedCounts

_SKEW = timedelta(minutes=10)


async def store_country_counts(
    published: PublishedCounts, teller: str | None, publication: Publication, cells: Sequence[PublishedCell]
) -> None:
    """Replace the cells by the values told.

    Raises:
        ForeignCountsError: the teller is another node, or a cell is about what another country referred.
        CountsOfTheFutureError: a cell is of a month that has not begun anywhere.
    """
    is_own = teller == f"{publication.country}.node"
    if not is_own or any(cell.origin is not publication.country or cell.status not in GROUP_OF for cell in cells):
        raise ForeignCountsError
    this_month = f"{publication.received_at + _SKEW:%Y-%m}"
    if any(cell.month > this_month for cell in cells):
        raise CountsOfTheFutureError
    await published.put(cells)
    await published.note(publication)
