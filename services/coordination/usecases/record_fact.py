"""Count one change of state."""

from dataclasses import replace

from contracts.terms import ReferralStatus
from services.coordination.domain.counts import Fact
from services.coordination.domain.errors import CountMissingError
from services.coordination.domain.ports import Counts


async def record_fact(counts: Counts, fact: Fact) -> None:
    """Move one referral from the state before to the state now. Drafts are not counted: nothing was asked yet.

    Raises:
        CountMissingError: nobody was counted in the state before.
    """
    if fact.status is ReferralStatus.DRAFT:
        return
    counted_before = None if fact.before is ReferralStatus.DRAFT else fact.before
    if counted_before is not None:
        before = replace(fact, status=counted_before)
        if not await counts.take(before):
            raise CountMissingError
        await counts.mark_changed(before)
    await counts.add(fact)
    await counts.mark_changed(fact)
    await counts.note_changed_referral(fact)
