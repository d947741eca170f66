"""The referring agency takes a referral back before it is accepted."""

from uuid import UUID

from contracts.terms import WithdrawalReason
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def withdraw_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, reason: WithdrawalReason
) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.withdraw(actor, desk.now(), reason)
    await desk.save(referral, actor)
    return referral
