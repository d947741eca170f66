"""From contracts to use cases: what the other agency did, what the border receipted, what identity told."""

from collections.abc import Callable, Mapping
from typing import Protocol

from contracts.envelope import CloudEvent
from contracts.events import identity, notifications
from contracts.events import referrals as told
from contracts.terms import ReceiptStage, ReferralStatus
from services.chassis.database import Context
from services.chassis.inbox import Handler
from services.chassis.work import Work
from services.referrals.domain.custody import Entry
from services.referrals.domain.deadlines import Deadline
from services.referrals.domain.errors import CustodyBrokenError, NotYoursToSayError
from services.referrals.domain.plausible import require_plausible, require_plausible_terms
from services.referrals.domain.ports import Agencies, Desk
from services.referrals.domain.referral import Preview, Receipt, Referral
from services.referrals.domain.terms import Side, Step
from services.referrals.usecases.learn_act import Learned, learn_act
from services.referrals.usecases.note_receipt import note_receipt
from services.referrals.usecases.receive_referral import receive_referral

_ACTS = {
    "referral.acknowledged.v1": "acknowledged",
    "referral.information_requested.v1": "information_requested",
    "referral.information_given.v1": "information_given",
    "referral.accepted.v1": "accepted",
    "referral.identity_released.v1": "identity_released",
    "referral.declined.v1": "declined",
    "referral.redirected.v1": "redirected",
    "referral.service_started.v1": "service_started",
    "referral.service_delivered.v1": "service_delivered",
    "referral.service_not_delivered.v1": "service_not_delivered",
    "referral.closed.v1": "closed",
    "referral.withdrawn.v1": "withdrawn",
    "referral.expired.v1": "expired",
    "consent.withdrawn.v1": "consent_withdrawn",
    "consent.withdrawal_acknowledged.v1": "consent_withdrawal_acknowledged",
}
_TEXTS = ("question", "answer", "note", "feedback")
_CODES = ("reason", "to_agency", "outcome")


class AgencyReplicas(Agencies, Protocol):
    """The replicas, as their teller may change them."""

    async def enrol(self, agency_id: str, country: str | None, kind: str, name_en: str, name_ru: str) -> None: ...
    async def suspend(self, agency_id: str) -> None: ...
    async def set_corridor(self, origin: str, destination: str, told_by: str, *, is_open: bool) -> None: ...


class Incoming:
    """The handlers of this service. `desk_of` opens an agency's desk in a running transaction."""

    def __init__(
        self,
        node: str,
        desk_of: Callable[[Work, str], Desk],
        replicas_of: Callable[[Work], AgencyReplicas],
    ) -> None:
        self._node = node
        self._desk_of = desk_of
        self._replicas_of = replicas_of

    def handlers(self) -> Mapping[str, Handler]:
        """By contract name."""
        return {
            "referral.sent.v1": self.on_sent,
            **dict.fromkeys(_ACTS, self.on_act),
            "receipt.recorded.v1": self.on_receipt,
            "delivery.parked.v1": self.on_parked,
            "agency.enrolled.v1": self.on_enrolled,
            "agency.suspended.v1": self.on_suspended,
            "corridor.opened.v1": self.on_corridor_opened,
            "corridor.closed.v1": self.on_corridor_closed,
        }

    async def on_sent(self, work: Work, event: CloudEvent, payload: told.ReferralSent) -> None:
        desk = await self._desk(work, event, payload)
        if (payload.referring_agency, payload.receiving_agency) != (event.sender, event.recipient):
            raise NotYoursToSayError
        consent, due = payload.consent.valid_until, payload.deadlines
        require_plausible_terms(payload.entry.at, (due.acknowledge_by, due.decide_by), consent)
        await receive_referral(desk, _copy(payload), _entry(payload.entry), event.id)

    async def on_act(self, work: Work, event: CloudEvent, payload: told.Act) -> None:
        desk = await self._desk(work, event, payload)
        if payload.entry.act != _ACTS[event.type]:
            raise CustodyBrokenError
        codes = {name: str(value) for name in _CODES if (value := getattr(payload, name, None)) is not None}
        text = next((value for name in _TEXTS if (value := getattr(payload, name, None)) is not None), None)
        released = payload.fields if isinstance(payload, told.IdentityReleased) else None
        if released is not None:
            codes["fields"] = ",".join(sorted(released))
        await learn_act(desk, Learned(_entry(payload.entry), event.id, codes, text, released))

    async def on_receipt(self, work: Work, event: CloudEvent, payload: notifications.ReceiptRecorded) -> None:
        if event.source != f"/{self._node}/notifications" or not self._is_ours(payload.sender):
            raise NotYoursToSayError
        await work.enter(Context(payload.sender, "receipt"))
        opened = payload.at if payload.stage is ReceiptStage.OPENED else None
        await note_receipt(self._desk_of(work, payload.sender), payload.event_id, payload.at, opened)

    async def on_parked(self, work: Work, event: CloudEvent, payload: notifications.DeliveryParked) -> None:
        if event.source != f"/{self._node}/notifications" or not self._is_ours(payload.sender):
            raise NotYoursToSayError
        await work.enter(Context(payload.sender, "receipt"))
        await self._desk_of(work, payload.sender).referrals.parked(payload.event_id, payload.reason)

    async def on_enrolled(self, work: Work, event: CloudEvent, payload: identity.AgencyEnrolled) -> None:
        _require_own_word(event, payload.agency_id)
        if payload.country is not None and payload.country != payload.agency_id.partition(".")[0]:
            raise NotYoursToSayError
        names = payload.names
        await self._replicas_of(work).enrol(payload.agency_id, payload.country, payload.kind, names.en, names.ru)

    async def on_suspended(self, work: Work, event: CloudEvent, payload: identity.AgencySuspended) -> None:
        _require_own_word(event, payload.agency_id)
        await self._replicas_of(work).suspend(payload.agency_id)

    async def on_corridor_opened(self, work: Work, event: CloudEvent, payload: identity.CorridorOpened) -> None:
        await self._set_corridor(work, event, payload, is_open=True)

    async def on_corridor_closed(self, work: Work, event: CloudEvent, payload: identity.CorridorClosed) -> None:
        await self._set_corridor(work, event, payload, is_open=False)

    async def _set_corridor(
        self,
        work: Work,
        event: CloudEvent,
        payload: identity.CorridorOpened | identity.CorridorClosed,
        *,
        is_open: bool,
    ) -> None:
        teller = _node_of(event)
        if teller not in {self._node, payload.origin, payload.destination}:
            raise NotYoursToSayError
        await self._replicas_of(work).set_corridor(payload.origin, payload.destination, teller, is_open=is_open)

    async def _desk(self, work: Work, event: CloudEvent, payload: told.Act) -> Desk:
        """The addressed agency's desk, once the message is shown to come from the author of its entry."""
        sender, recipient, entry = event.sender, event.recipient, payload.entry
        if sender is None or recipient is None or not self._is_ours(recipient):
            raise NotYoursToSayError
        if entry.author != sender or entry.referral_id != payload.referral_id:
            raise NotYoursToSayError
        _require_own_word(event, sender)
        await work.enter(Context(recipient, "inbox"))
        desk = self._desk_of(work, recipient)
        require_plausible(entry.at, desk.now())
        return desk

    def _is_ours(self, agency: str) -> bool:
        return agency.startswith(f"{self._node}.")


def _node_of(event: CloudEvent) -> str:
    return event.source.split("/")[1]


def _require_own_word(event: CloudEvent, agency: str) -> None:
    """A node speaks for its own agencies only."""
    if not agency.startswith(f"{_node_of(event)}."):
        raise NotYoursToSayError


def _entry(entry: told.CustodyEntry) -> Entry:
    return Entry(
        referral_id=entry.referral_id,
        author=entry.author,
        number=entry.number,
        act=entry.act,
        actor_role=entry.actor_role,
        at=entry.at,
        previous=entry.previous,
        hash=entry.hash,
    )


def _copy(sent: told.ReferralSent) -> Referral:
    """The receiving agency's copy of what was sent."""
    preview, consent, at = sent.preview, sent.consent, sent.entry.at
    return Referral(
        id=sent.referral_id,
        agency=sent.receiving_agency,
        side=Side.RECEIVING,
        partner=sent.referring_agency,
        status=ReferralStatus.DELIVERED,
        preview=Preview(**dict(preview)),
        created_at=at,
        service_offering_id=sent.service_offering_id,
        redirected_from=sent.redirected_from,
        consent=Receipt(consent.consent_grant_id, consent.purpose, frozenset(consent.fields), consent.valid_until),
        version=0,
        sent_at=at,
        deadlines={
            Step.ACKNOWLEDGE: Deadline(Step.ACKNOWLEDGE, at, sent.deadlines.acknowledge_by),
            Step.DECIDE: Deadline(Step.DECIDE, at, sent.deadlines.decide_by),
        },
    )
