"""The receiving agency names a better one; the referring agency decides with the beneficiary."""

from uuid import UUID

from services.referrals.domain.errors import UnknownAgencyError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def redirect_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, to_agency: str, note: str | None
) -> Referral:
    """Raise UnknownAgencyError for an agency that takes no referrals, or one of the two."""
    referral = await desk.referrals.locked(referral_id, version)
    if to_agency in {referral.agency, referral.partner} or not await desk.agencies.takes_referrals(to_agency):
        raise UnknownAgencyError("to_agency")
    referral.redirect(actor, desk.now(), to_agency, note)
    await desk.save(referral, actor)
    return referral
