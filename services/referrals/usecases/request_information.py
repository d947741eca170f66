"""The receiving agency asks before it decides."""

from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def request_information(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, question: str
) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.request_information(actor, desk.now(), question)
    await desk.save(referral, actor)
    return referral
