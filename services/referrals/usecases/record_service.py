"""The receiving agency says whether the service was delivered."""

from uuid import UUID

from contracts.terms import NotDeliveredReason
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def record_service(
    desk: Desk,
    actor: Actor,
    referral_id: UUID,
    version: int | None,
    reason: NotDeliveredReason | None,
    note: str | None,
) -> Referral:
    """Delivered, or not delivered when there is a reason."""
    referral = await desk.referrals.locked(referral_id, version)
    if reason is None:
        referral.record_delivered(actor, desk.now(), note)
    else:
        referral.record_not_delivered(actor, desk.now(), reason, note)
    await desk.save(referral, actor)
    return referral
