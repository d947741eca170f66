"""Publish which counts changed: to the region, and to the country's own coordinators."""

from datetime import datetime

from contracts.terms import Country
from services.coordination.domain.counts import View
from services.coordination.domain.ports import Books, Counts

MOST_CELLS = 200


async def publish_counts(books: Books, country: Country, now: datetime, step: int) -> int:
    """Tell the region changed cells with their absolute values, so that telling twice changes nothing.

    Nothing is told before `step` referrals have changed: whoever compares two publications must not see one person.
    Returns how many cells were told.
    """
    if not await _is_due(books.counts, View.REGION, step):
        return 0
    cells = await books.counts.take_changed(MOST_CELLS)
    if cells:
        await books.telling.counts(country, now, cells)
    if len(cells) < MOST_CELLS:
        await books.counts.forget_changed_referrals(View.REGION)
    return len(cells)


async def publish_at_home(counts: Counts, step: int) -> bool:
    """Show the country's coordinators what is counted now, likewise once `step` referrals have changed."""
    if not await _is_due(counts, View.COUNTRY, step):
        return False
    await counts.publish_at_home()
    await counts.forget_changed_referrals(View.COUNTRY)
    return True


async def _is_due(counts: Counts, view: View, step: int) -> bool:
    return await counts.is_only_publisher() and await counts.changed_referrals(view) >= step
