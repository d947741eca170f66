"""The receiving agency closes with an outcome."""

from uuid import UUID

from contracts.terms import Outcome
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def close_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, outcome: Outcome, feedback: str | None
) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.close(actor, desk.now(), outcome, feedback)
    await desk.save(referral, actor)
    return referral
