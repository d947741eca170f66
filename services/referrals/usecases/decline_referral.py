"""The receiving agency says no, with a coded reason."""

from uuid import UUID

from contracts.terms import DeclineReason
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def decline_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, reason: DeclineReason, note: str | None
) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.decline(actor, desk.now(), reason, note)
    await desk.save(referral, actor)
    return referral
