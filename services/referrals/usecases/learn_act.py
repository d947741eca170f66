"""The other side did something: it is applied to the own copy, with what follows from it in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from contracts.terms import CustodyAct, IdentityField, ReferralStatus
from services.referrals.domain.custody import Entry
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import CLOCK, Referral
from services.referrals.domain.terms import Side
from services.referrals.usecases.release_identity import release_identity
from services.referrals.usecases.withdraw_consent import end_under


@dataclass(frozen=True)
class Learned:
    """An arrived act, with its codes, its text and, once, the identity it releases."""

    entry: Entry
    event_id: UUID
    codes: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    identity: Mapping[IdentityField, str] | None = None


async def learn_act(desk: Desk, learned: Learned) -> None:
    """Raise NotFoundError, NotYoursToSayError, CustodyBrokenError or ActImpossibleError: the lane is parked."""
    act, referral_id = learned.entry.act, learned.entry.referral_id
    grant_id = await desk.consents.of_referral(referral_id) if act is CustodyAct.CONSENT_WITHDRAWN else None
    grant = await desk.consents.locked(grant_id) if grant_id else None
    referral = await desk.referrals.locked(referral_id)
    effective = referral.learn(learned.entry, learned.event_id, desk.now(), learned.codes, text=learned.text)
    if effective and act is CustodyAct.ACCEPTED:
        await release_identity(desk, referral)
    if effective and act is CustodyAct.IDENTITY_RELEASED and learned.identity is not None:
        await desk.people.write(referral.person_id, learned.identity)
    if act is CustodyAct.CONSENT_WITHDRAWN and referral.status is ReferralStatus.CONSENT_WITHDRAWN:
        referral.acknowledge_withdrawal(desk.now())
    await desk.save(referral, CLOCK)
    if act is CustodyAct.CONSENT_WITHDRAWN:
        await _close_access(desk, referral)
    if grant is not None and grant.withdrawn_at is None:
        grant.withdraw(desk.now())
        await desk.consents.save(grant)
        await end_under(desk, CLOCK, grant.id)


async def _close_access(desk: Desk, referral: Referral) -> None:
    if referral.side is Side.RECEIVING:
        await desk.people.close(referral.person_id)
