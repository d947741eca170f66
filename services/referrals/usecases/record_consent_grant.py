"""A consent is recorded: for one receiving agency, one purpose, some fields, until a day."""

from services.referrals.domain.consent_grant import ConsentGrant, check_fit
from services.referrals.domain.errors import UnfitConsentError, UnknownAgencyError, UnknownCaseError
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
    missing = grant.fields - case.identity_fields
    if missing:
        raise UnfitConsentError(
            f"The case holds nothing under {', '.join(sorted(missing))}: the other side would wait for it in vain.",
            field="fields",
            remedy="Leave out what the case does not hold.",
        )
    await desk.consents.add(grant)
    await desk.audit(actor, "record_consent_grant", "consent_grant", grant.id)
    return grant
