"""Tell the region which counts changed."""

from datetime import datetime

from contracts.terms import Country
from services.coordination.domain.ports import Books

MOST_CELLS = 200


async def publish_counts(books: Books, country: Country, now: datetime) -> int:
    """Tell changed cells with their absolute values, so that telling twice changes nothing. Returns how many."""
    cells = await books.counts.take_changed(MOST_CELLS)
    if cells:
        await books.telling.counts(country, now, cells)
    return len(cells)
