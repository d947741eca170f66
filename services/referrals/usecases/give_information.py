"""The referring agency answers a question."""

from uuid import UUID

from services.referrals.domain.errors import NamesThePersonError
from services.referrals.domain.naming import named_in
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def give_information(desk: Desk, actor: Actor, referral_id: UUID, version: int | None, answer: str) -> Referral:
    """Raise NamesThePersonError: who asks has not accepted yet."""
    referral = await desk.referrals.locked(referral_id, version)
    if named := named_in(answer, await desk.people.read(referral.person_id) or {}):
        raise NamesThePersonError(named, "answer")
    referral.give_information(actor, desk.now(), answer)
    await desk.save(referral, actor)
    return referral
