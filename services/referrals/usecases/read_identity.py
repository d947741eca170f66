"""Somebody reads what a referral released; audited in the same transaction."""

from collections.abc import Mapping
from uuid import UUID

from contracts.terms import IdentityField
from services.referrals.domain.errors import AccessClosedError, IdentityErasedError, IdentityNotReleasedError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral
from services.referrals.domain.terms import Purpose, Side


async def read_identity(
    desk: Desk, actor: Actor, referral_id: UUID, purpose: Purpose
) -> tuple[Referral, Mapping[IdentityField, str]]:
    """Raise IdentityNotReleasedError, AccessClosedError or IdentityErasedError."""
    referral = await desk.referrals.locked(referral_id)
    consent = referral.consent
    if consent is None:
        raise IdentityNotReleasedError
    if referral.side is Side.RECEIVING and (referral.access_closed_at or desk.now() >= consent.valid_until):
        raise AccessClosedError
    if referral.released_at is None:
        raise IdentityNotReleasedError
    identity = await desk.people.read(referral.person_id, consent.fields)
    if identity is None:
        raise IdentityErasedError
    await desk.audit(actor, "read_identity", "referral", referral_id, purpose)
    return referral, identity
