"""The referring agency answers a question."""

from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def give_information(desk: Desk, actor: Actor, referral_id: UUID, version: int | None, answer: str) -> Referral:
    referral = await desk.referrals.locked(referral_id, version)
    referral.give_information(actor, desk.now(), answer)
    await desk.save(referral, actor)
    return referral
