"""Somebody reads who a person is; that they did is written down in the same transaction."""

from collections.abc import Mapping
from uuid import UUID

from contracts.terms import IdentityField
from services.chassis.problems import NotFoundError
from services.referrals.domain.case import Case
from services.referrals.domain.errors import IdentityErasedError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor
from services.referrals.domain.terms import Purpose


async def read_beneficiary(
    desk: Desk, actor: Actor, case_id: UUID, purpose: Purpose
) -> tuple[Case, Mapping[IdentityField, str]]:
    """Raise NotFoundError or IdentityErasedError."""
    case = await desk.cases.find(case_id)
    if case is None:
        raise NotFoundError
    identity = await desk.people.read(case_id)
    if identity is None or case.erased_at is not None:
        raise IdentityErasedError
    await desk.audit(actor, "read_beneficiary", "case", case_id, purpose)
    return case, identity
