"""A preview arrives: the receiving agency's copy begins, with the chain it came with checked."""

from uuid import UUID

from contracts.terms import CustodyAct
from services.referrals.domain.custody import Entry
from services.referrals.domain.errors import ActImpossibleError, NotYoursToSayError, ReferralExistsError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK, Referral


async def receive_referral(desk: Desk, referral: Referral, entry: Entry, event_id: UUID) -> None:
    """Raise NotYoursToSayError, CustodyBrokenError, ActImpossibleError or ReferralExistsError."""
    if referral.agency == referral.partner or entry.referral_id != referral.id:
        raise NotYoursToSayError
    if entry.act is not CustodyAct.SENT:
        raise ActImpossibleError
    if await desk.referrals.exists(referral.id):
        raise ReferralExistsError
    referral.arrive(entry, event_id, desk.now())
    await desk.people.open(referral.person_id)
    await desk.referrals.add(referral)
    await desk.save(referral, CLOCK)
    if referral.consent is not None:
        await desk.access.ends(referral.id, referral.consent.valid_until)
