"""A consent is recorded: for one receiving agency, one purpose, some fields, until a day."""

from services.referrals.domain.consent_grant import ConsentGrant, check_fit
from services.referrals.domain.errors import UnknownAgencyError, UnknownCaseError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor


async def record_consent_grant(desk: Desk, actor: Actor, grant: ConsentGrant) -> ConsentGrant:
    """Raise UnfitConsentError, UnknownCaseError or UnknownAgencyError."""
    check_fit(grant.fields, grant.withheld, grant.valid_until, desk.now())
    case = await desk.cases.find(grant.case_id)
    if case is None or case.erased_at is not None:
        raise UnknownCaseError
    if grant.receiving_agency == desk.agency or not await desk.agencies.takes_referrals(grant.receiving_agency):
        raise UnknownAgencyError
    await desk.consents.add(grant)
    await desk.audit(actor, "record_consent_grant", "consent_grant", grant.id)
    return grant
