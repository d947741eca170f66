"""Tell the region which counts changed."""

from datetime import datetime

from contracts.terms import Country
from services.coordination.domain.ports import Books

MOST_CELLS = 200


async def publish_counts(books: Books, country: Country, now: datetime, step: int) -> int:
    """Tell changed cells with their absolute values, so that telling twice changes nothing. Returns how many.

    Nothing is told before `step` referrals have changed: whoever compares two publications must not see one person.
    """
    if await books.counts.changed_referrals() < step:
        return 0
    cells = await books.counts.take_changed(MOST_CELLS)
    if cells:
        await books.telling.counts(country, now, cells)
    if len(cells) < MOST_CELLS:
        await books.counts.forget_changed_referrals()
    return len(cells)
