"""The beneficiary changed their mind: access at the receiving agency ends, for every referral under that consent."""

from uuid import UUID

from services.chassis.problems import NotFoundError
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.errors import WrongStateError
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral
from services.referrals.domain.terms import Side


async def withdraw_consent_grant(desk: Desk, actor: Actor, grant_id: UUID) -> tuple[ConsentGrant, list[UUID]]:
    """At the referring agency; the ids of the referrals that end by it."""
    grant = await desk.consents.locked(grant_id)
    if grant is None:
        raise NotFoundError
    grant.withdraw(desk.now())
    await desk.consents.save(grant)
    await desk.audit(actor, "withdraw_consent_grant", "consent_grant", grant_id)
    return grant, await end_under(desk, actor, grant_id)


async def withdraw_consent(desk: Desk, actor: Actor, referral_id: UUID, version: int | None) -> Referral:
    """At either agency, whoever hears it first."""
    grant_id = await desk.consents.of_referral(referral_id)
    grant = await desk.consents.locked(grant_id) if grant_id else None
    referral = await desk.referrals.locked(referral_id, version)
    referral.withdraw_consent(actor, desk.now())
    await desk.save(referral, actor)
    if referral.side is Side.RECEIVING:
        await desk.people.close(referral.person_id)
    elif grant is not None and grant.withdrawn_at is None:
        grant.withdraw(desk.now())
        await desk.consents.save(grant)
        await end_under(desk, actor, grant.id)
    return referral


async def end_under(desk: Desk, actor: Actor, grant_id: UUID) -> list[UUID]:
    """Tell the receiving agency of every referral that still runs under this consent."""
    ended = []
    for referral_id in await desk.referrals.open_under(grant_id):
        referral = await desk.referrals.locked(referral_id)
        try:
            referral.withdraw_consent(actor, desk.now())
        except WrongStateError:
            continue  # it ended otherwise while we waited for the lock
        await desk.save(referral, actor)
        ended.append(referral_id)
    return ended
