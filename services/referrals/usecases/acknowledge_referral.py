"""The receiving agency says that it has read the preview."""

from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def acknowledge_referral(desk: Desk, actor: Actor, referral_id: UUID, version: int | None) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.acknowledge(actor, desk.now())
    await desk.save(referral, actor)
    return referral
