"""A person's data key is destroyed: nothing recorded under it can be read again."""

from datetime import datetime
from uuid import UUID

from services.chassis.problems import NotFoundError
from services.referrals.domain.errors import IdentityErasedError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor


async def erase_beneficiary(desk: Desk, actor: Actor, case_id: UUID) -> datetime:
    """Raise NotFoundError or IdentityErasedError."""
    case = await desk.cases.find(case_id)
    if case is None:
        raise NotFoundError
    if case.erased_at is not None:
        raise IdentityErasedError
    now = desk.now()
    await desk.audit(actor, "erase_beneficiary", "case", case_id)
    await desk.cases.mark_erased(case_id, now)
    await desk.people.close(case_id)
    return now
