"""The referring agency sends the preview, under a consent that holds now."""

from dataclasses import replace
from uuid import UUID

from contracts.terms import CustodyAct
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.errors import ConsentMissingError, CorridorClosedError, UnknownAgencyError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral


async def send_referral(
    desk: Desk, actor: Actor, referral_id: UUID, version: int | None, consent_grant_id: UUID | None
) -> Referral:
    """Raise WrongStateError, UnknownAgencyError, CorridorClosedError or ConsentMissingError."""
    referral = await desk.referrals.locked(referral_id, version)
    referral.check(CustodyAct.SENT)
    if not await desk.agencies.takes_referrals(referral.partner):
        raise UnknownAgencyError
    if not await desk.agencies.is_open(desk.node, referral.partner.partition(".")[0]):
        raise CorridorClosedError
    grant = await _valid_consent(desk, referral, consent_grant_id)
    referral.preview = replace(referral.preview, note=await desk.referrals.note(referral))
    referral.send(actor, desk.now(), grant.receipt())
    await desk.save(referral, actor)
    return referral


async def _valid_consent(desk: Desk, referral: Referral, named: UUID | None) -> ConsentGrant:
    case_id, service = referral.case_id, referral.preview.service
    grant_id = named or await desk.consents.of_referral(referral.id)
    if grant_id is None and case_id is not None:
        grant_id = await desk.consents.newest(case_id, referral.partner, service)
    grant = await desk.consents.shared(grant_id) if grant_id else None
    if grant is None or not grant.lets_through(desk.now(), case_id, referral.partner, service):
        raise ConsentMissingError
    return grant
