"""From what a referral recorded to the contracts that others read."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC

from contracts.envelope import Frozen
from contracts.events import referrals as told
from contracts.terms import (
    AgeBand,
    Audience,
    Country,
    CustodyAct,
    DeclineReason,
    ExploitationForm,
    NotDeliveredReason,
    Outcome,
    ReferralStatus,
    Sex,
    WithdrawalReason,
)
from services.chassis.outbox import Outgoing
from services.referrals.domain.custody import Entry
from services.referrals.domain.draft import Draft
from services.referrals.domain.events import Acted, Event, StatusChanged
from services.referrals.domain.referral import Referral
from services.referrals.domain.terms import Side, Step


def outgoing(referral: Referral, events: Iterable[Event]) -> list[Outgoing]:
    """Own acts to the other agency, changes of what became of it to the own node's counts."""
    key = lane_key(referral)
    found = []
    for event in events:
        if isinstance(event, StatusChanged) and not _is_settled(event):
            found.append(Outgoing(_fact(referral, event), key, Audience.NODE))
        elif isinstance(event, Acted) and event.own:
            payload = _CONTRACTS[event.entry.act](referral, event, told_entry(event.entry))
            found.append(Outgoing(payload, key, Audience.ADDRESSED, referral.agency, referral.partner, event.event_id))
    return found


def _is_settled(change: StatusChanged) -> bool:
    """Whether it was known before what became of the journey.

    Closing what was not delivered makes no service of it, and consent withdrawn afterwards unmakes none.
    """
    return change.before in _SETTLED and (change.before, change.after) != _SERVED


def lane_key(referral: Referral) -> str:
    """One gapless lane per author: both agencies of a referral may live in one node."""
    return f"{referral.id}:{referral.agency}"


def draft_fact(draft: Draft) -> Outgoing:
    """The first fact of a referral; sex, age band and exploitation are filled in from the case by the statement."""
    fact = told.IndicatorFactRecorded(
        referral_id=draft.id,
        side=Side.REFERRING,
        agency_id=draft.agency,
        origin=_country(draft.agency),
        destination=_country(draft.receiving_agency),
        sent_month=draft.created_at.astimezone(UTC).strftime("%Y-%m"),
        service=draft.service,
        urgency=draft.urgency,
        sex=Sex.UNKNOWN,
        age_band=AgeBand.UNKNOWN,
        exploitation=ExploitationForm.UNKNOWN,
        status_before=None,
        status=ReferralStatus.DRAFT,
    )
    return Outgoing(fact, f"{draft.id}:{draft.agency}", Audience.NODE)


def told_entry(entry: Entry) -> told.CustodyEntry:
    return told.CustodyEntry(
        referral_id=entry.referral_id,
        author=entry.author,
        number=entry.number,
        act=entry.act,
        actor_role=entry.actor_role,
        at=entry.at,
        previous=entry.previous,
        hash=entry.hash,
    )


def _country(agency: str) -> Country:
    return Country(agency.partition(".")[0])


def _fact(referral: Referral, change: StatusChanged) -> told.IndicatorFactRecorded:
    preview = referral.preview
    reason = referral.codes.get("decline_reason") if change.after is ReferralStatus.DECLINED else None
    return told.IndicatorFactRecorded(
        referral_id=referral.id,
        side=referral.side,
        agency_id=referral.agency,
        origin=_country(referral.referring_agency),
        destination=_country(referral.receiving_agency),
        sent_month=(referral.sent_at or referral.created_at).astimezone(UTC).strftime("%Y-%m"),
        service=preview.service,
        urgency=preview.urgency,
        sex=preview.sex,
        age_band=preview.age_band,
        exploitation=preview.exploitation,
        status_before=change.before,
        status=change.after,
        decline_reason=DeclineReason(reason) if reason else None,
        hours_to_acknowledge=change.hours_to_acknowledge,
        hours_to_decide=change.hours_to_decide,
    )


def _sent(referral: Referral, _: Acted, entry: told.CustodyEntry) -> Frozen:
    preview, consent = referral.preview, referral.consent
    assert consent is not None  # noqa: S101  (nothing is sent without one)
    running = referral.deadlines
    return told.ReferralSent(
        referral_id=referral.id,
        entry=entry,
        referring_agency=referral.agency,
        receiving_agency=referral.partner,
        service_offering_id=referral.service_offering_id,
        preview=told.Preview(
            code=preview.code,
            service=preview.service,
            urgency=preview.urgency,
            district=preview.district,
            age_band=preview.age_band,
            sex=preview.sex,
            language=preview.language,
            interpreter_needed=preview.interpreter_needed,
            with_children=preview.with_children,
            exploitation=preview.exploitation,
            note=preview.note,
        ),
        consent=told.ConsentReceipt(
            consent_grant_id=consent.consent_grant_id,
            purpose=consent.purpose,
            fields=tuple(sorted(consent.fields)),
            valid_until=consent.valid_until,
        ),
        deadlines=told.Deadlines(
            acknowledge_by=running[Step.ACKNOWLEDGE].due_at, decide_by=running[Step.DECIDE].due_at
        ),
        redirected_from=referral.redirected_from,
    )


def _released(referral: Referral, act: Acted, entry: told.CustodyEntry) -> Frozen:
    assert referral.consent is not None  # noqa: S101  (nothing is released without one)
    return told.IdentityReleased(
        referral_id=referral.id,
        entry=entry,
        fields=dict(act.identity or {}),
        valid_until=referral.consent.valid_until,
    )


Contract = Callable[[Referral, Acted, told.CustodyEntry], Frozen]

_SERVED = (ReferralStatus.SERVICE_DELIVERED, ReferralStatus.CLOSED)
_SETTLED = frozenset({*_SERVED, ReferralStatus.NOT_DELIVERED})
_CONTRACTS: Mapping[CustodyAct, Contract] = {
    CustodyAct.SENT: _sent,
    CustodyAct.IDENTITY_RELEASED: _released,
    CustodyAct.ACKNOWLEDGED: lambda r, _, e: told.ReferralAcknowledged(referral_id=r.id, entry=e),
    CustodyAct.INFORMATION_REQUESTED: lambda r, a, e: told.InformationRequested(
        referral_id=r.id, entry=e, question=a.text or ""
    ),
    CustodyAct.INFORMATION_GIVEN: lambda r, a, e: told.InformationGiven(referral_id=r.id, entry=e, answer=a.text or ""),
    CustodyAct.ACCEPTED: lambda r, a, e: told.ReferralAccepted(referral_id=r.id, entry=e, note=a.text),
    CustodyAct.DECLINED: lambda r, a, e: told.ReferralDeclined(
        referral_id=r.id, entry=e, reason=DeclineReason(a.codes["reason"]), note=a.text
    ),
    CustodyAct.REDIRECTED: lambda r, a, e: told.ReferralRedirected(
        referral_id=r.id, entry=e, to_agency=a.codes["to_agency"], note=a.text
    ),
    CustodyAct.SERVICE_STARTED: lambda r, _, e: told.ServiceStarted(referral_id=r.id, entry=e),
    CustodyAct.SERVICE_DELIVERED: lambda r, a, e: told.ServiceDelivered(referral_id=r.id, entry=e, note=a.text),
    CustodyAct.SERVICE_NOT_DELIVERED: lambda r, a, e: told.ServiceNotDelivered(
        referral_id=r.id, entry=e, reason=NotDeliveredReason(a.codes["reason"]), note=a.text
    ),
    CustodyAct.CLOSED: lambda r, a, e: told.ReferralClosed(
        referral_id=r.id, entry=e, outcome=Outcome(a.codes["outcome"]), feedback=a.text
    ),
    CustodyAct.WITHDRAWN: lambda r, a, e: told.ReferralWithdrawn(
        referral_id=r.id, entry=e, reason=WithdrawalReason(a.codes["reason"])
    ),
    CustodyAct.CONSENT_WITHDRAWN: lambda r, _, e: told.ConsentWithdrawn(referral_id=r.id, entry=e),
    CustodyAct.CONSENT_WITHDRAWAL_ACKNOWLEDGED: lambda r, _, e: told.ConsentWithdrawalAcknowledged(
        referral_id=r.id, entry=e
    ),
    CustodyAct.EXPIRED: lambda r, _, e: told.ReferralExpired(referral_id=r.id, entry=e),
}
