"""The other side signed for a message: the log shows it, and a sent referral counts as delivered."""

from datetime import datetime
from uuid import UUID

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK


async def note_receipt(desk: Desk, event_id: UUID, received_at: datetime, opened_at: datetime | None) -> None:
    referral_id = await desk.referrals.receipted(event_id, received_at, opened_at)
    if referral_id is None:
        return
    referral = await desk.referrals.locked(referral_id)
    if referral.mark_delivered():
        await desk.save(referral, CLOCK)
