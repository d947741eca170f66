"""On acceptance the consented fields, and only they, go to the receiving agency; if consent still holds."""

from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK, Referral


async def release_identity(desk: Desk, referral: Referral) -> bool:
    """False when consent is over or the person was erased: then nothing goes."""
    receipt = referral.consent
    grant = await desk.consents.find(receipt.consent_grant_id) if receipt else None
    if receipt is None or grant is None:
        return False
    if not grant.lets_through(desk.now(), referral.case_id, referral.partner, referral.preview.service):
        return False
    identity = await desk.people.read(referral.person_id, receipt.fields & grant.fields)
    if identity is None:
        return False
    referral.release_identity(desk.now(), identity)
    await desk.audit(CLOCK, "release_identity", "referral", referral.id)
    return True
