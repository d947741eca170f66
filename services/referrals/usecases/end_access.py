"""A consent's period is over: what the receiving agency was told can be read by nobody again."""

from datetime import timedelta
from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK

_AGAIN = timedelta(days=1)


async def end_access(desk: Desk, referral_id: UUID) -> bool:
    """Destroy the receiving side's key, texts included; False while the consent holds or the referral still runs.

    A running referral keeps its texts, without which nobody could finish it; the identity goes at once.
    """
    referral = await desk.referrals.locked(referral_id)
    if referral.consent is not None and desk.now() < referral.consent.valid_until:
        await desk.access.ends(referral_id, referral.consent.valid_until)
        return False
    if referral.expected().step is not None:
        await desk.people.forget(referral.person_id)
        await desk.access.ends(referral_id, desk.now() + _AGAIN)
        return False
    await desk.people.close(referral.person_id)
    await desk.access.ended(referral_id)
    await desk.audit(CLOCK, "end_access", "referral", referral_id)
    return True
