"""Take in what a country counted."""

from collections.abc import Sequence

from services.coordination.domain.counts import Publication, PublishedCell
from services.coordination.domain.errors import ForeignCountsError
from services.coordination.domain.outcomes import GROUP_OF
from services.coordination.domain.ports import PublishedCounts


async def store_country_counts(
    published: PublishedCounts, teller: str | None, publication: Publication, cells: Sequence[PublishedCell]
) -> None:
    """Replace the cells by the values told.

    Raises:
        ForeignCountsError: the teller is another node, or a cell is about what another country referred.
    """
    is_own = teller == f"{publication.country}.node"
    if not is_own or any(cell.origin is not publication.country or cell.status not in GROUP_OF for cell in cells):
        raise ForeignCountsError
    await published.put(cells)
    await published.note(publication)
