"""The receiving agency begins to serve."""

from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def start_service(desk: Desk, actor: Actor, referral_id: UUID, version: int | None) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.start_service(actor, desk.now())
    await desk.save(referral, actor)
    return referral
