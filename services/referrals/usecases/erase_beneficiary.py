"""A person's data key is destroyed: nothing recorded under it can be read again, here and at receiving agencies."""

from datetime import datetime
from uuid import UUID

from services.chassis.problems import NotFoundError
from services.referrals.domain.errors import IdentityErasedError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor
from services.referrals.usecases.withdraw_consent import withdraw_consent_grant


async def erase_beneficiary(desk: Desk, actor: Actor, case_id: UUID) -> datetime:
    """Withdraw every consent, so that running referrals end and access closes there too; then destroy the key.

    Raises:
        NotFoundError: no such case.
        IdentityErasedError: it was done before.
    """
    case = await desk.cases.find(case_id)
    if case is None:
        raise NotFoundError
    if case.erased_at is not None:
        raise IdentityErasedError
    now = desk.now()
    await desk.audit(actor, "erase_beneficiary", "case", case_id)
    for grant_id in await desk.consents.not_withdrawn(case_id):
        await withdraw_consent_grant(desk, actor, grant_id)
    await desk.cases.mark_erased(case_id, now)
    await desk.people.close(case_id)
    return now
