"""The receiving agency takes the person in; the identity follows by itself."""

from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def accept_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, note: str | None
) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.accept(actor, desk.now(), note)
    await desk.save(referral, actor)
    return referral
