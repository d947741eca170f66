"""One agency's own copy of a referral: a state machine that records what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.terms import (
    AgeBand,
    CustodyAct,
    ExploitationForm,
    IdentityField,
    Language,
    Outcome,
    ReferralStatus,
    Role,
    Service,
    Sex,
    Urgency,
)
from services.chassis.ids import uuid7
from services.referrals.domain import custody, rules
from services.referrals.domain.custody import Entry, Link
from services.referrals.domain.deadlines import Deadline, begin, steps_in, who
from services.referrals.domain.errors import (
    ActImpossibleError,
    ConsentOverError,
    NotYoursToSayError,
    OutcomeContradictedError,
    WrongStateError,
)
from services.referrals.domain.events import Acted, Event, StatusChanged
from services.referrals.domain.terms import Move, Side, Step, Verb

_DECISIONS = frozenset({ReferralStatus.ACCEPTED, ReferralStatus.DECLINED, ReferralStatus.REDIRECTED})
_S = ReferralStatus


@dataclass(frozen=True)
class Actor:
    """Who does it: `role` goes into the log, `name` stays in the own copy; the clock is nobody."""

    subject: str
    role: Role | None
    name: str | None = None


CLOCK = Actor("clock", None)


@dataclass(frozen=True)
class Preview:
    """All that is told before acceptance: no identity."""

    code: str
    service: Service
    urgency: Urgency
    district: str | None
    age_band: AgeBand
    sex: Sex
    language: Language | None
    interpreter_needed: bool | None
    with_children: bool | None
    exploitation: ExploitationForm
    note: str | None


@dataclass(frozen=True)
class Receipt:
    """What a consent lets through."""

    consent_grant_id: UUID
    purpose: Service
    fields: frozenset[IdentityField]
    valid_until: datetime


@dataclass(frozen=True)
class Expected:
    """The next step (or the verb `send`), whose it is, and its deadline."""

    step: Step | Verb | None
    move: Move
    deadline: Deadline | None


@dataclass
class Referral:
    """`agency` holds this copy, `partner` the other one."""

    id: UUID
    agency: str
    side: Side
    partner: str
    status: ReferralStatus
    preview: Preview
    created_at: datetime
    case_id: UUID | None = None
    service_offering_id: UUID | None = None
    redirected_from: UUID | None = None
    consent: Receipt | None = None
    version: int = 1
    own: Link = field(default_factory=Link)
    theirs: Link = field(default_factory=Link)
    deadlines: dict[Step, Deadline] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    released_at: datetime | None = None
    access_closed_at: datetime | None = None
    last_act_at: datetime | None = None
    unread: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def referring_agency(self) -> str:
        return self.agency if self.side is Side.REFERRING else self.partner

    @property
    def receiving_agency(self) -> str:
        return self.partner if self.side is Side.REFERRING else self.agency

    @property
    def person_id(self) -> UUID:
        """Names the data key of everything here that may name a person."""
        return self.case_id or self.id

    def expected(self) -> Expected:
        """What should happen next, and whose move it is."""
        if self.status is _S.DRAFT:
            return Expected(Verb.SEND, Move.MINE, None)
        step = next(iter(self.deadlines), None)
        if step is None:
            return Expected(None, Move.NONE, None)
        mine = step is not Step.CONFIRM_WITHDRAWAL and who(step) is self.side
        return Expected(step, Move.MINE if mine else Move.THEIRS, self.deadlines[step])

    def send(self, actor: Actor, now: datetime, consent: Receipt) -> None:
        """Tell the receiving agency the preview."""
        self.consent = consent
        self.sent_at = now
        self._do(CustodyAct.SENT, actor, now)

    def give_information(self, actor: Actor, now: datetime, answer: str) -> None:
        self._do(CustodyAct.INFORMATION_GIVEN, actor, now, text=answer)

    def withdraw(self, actor: Actor, now: datetime, reason: str) -> None:
        self._do(CustodyAct.WITHDRAWN, actor, now, {"reason": reason})

    def withdraw_consent(self, actor: Actor, now: datetime) -> None:
        """The beneficiary changed their mind; whoever heard it first records it, the other side confirms."""
        self.check(CustodyAct.CONSENT_WITHDRAWN)
        self.access_closed_at = now
        self._do(CustodyAct.CONSENT_WITHDRAWN, actor, now)
        self.deadlines[Step.CONFIRM_WITHDRAWAL] = begin(Step.CONFIRM_WITHDRAWAL, self.preview.urgency, now)

    def acknowledge(self, actor: Actor, now: datetime) -> None:
        self._do(CustodyAct.ACKNOWLEDGED, actor, now)

    def request_information(self, actor: Actor, now: datetime, question: str) -> None:
        self._do(CustodyAct.INFORMATION_REQUESTED, actor, now, text=question)

    def accept(self, actor: Actor, now: datetime, note: str | None) -> None:
        """Raise ConsentOverError where the identity could not follow any more."""
        self.check(CustodyAct.ACCEPTED)
        if self.consent is None or now >= self.consent.valid_until:
            raise ConsentOverError
        self._do(CustodyAct.ACCEPTED, actor, now, text=note)

    def decline(self, actor: Actor, now: datetime, reason: str, note: str | None) -> None:
        self._do(CustodyAct.DECLINED, actor, now, {"reason": reason}, text=note)

    def redirect(self, actor: Actor, now: datetime, to_agency: str, note: str | None) -> None:
        self._do(CustodyAct.REDIRECTED, actor, now, {"to_agency": to_agency}, text=note)

    def start_service(self, actor: Actor, now: datetime) -> None:
        self._do(CustodyAct.SERVICE_STARTED, actor, now)

    def record_delivered(self, actor: Actor, now: datetime, note: str | None) -> None:
        self._do(CustodyAct.SERVICE_DELIVERED, actor, now, text=note)

    def record_not_delivered(self, actor: Actor, now: datetime, reason: str, note: str | None) -> None:
        self._do(CustodyAct.SERVICE_NOT_DELIVERED, actor, now, {"reason": reason}, text=note)

    def close(self, actor: Actor, now: datetime, outcome: str, feedback: str | None) -> None:
        """Raise OutcomeContradictedError for a need that nothing met."""
        if self.status is _S.NOT_DELIVERED and outcome == Outcome.NEED_MET:
            raise OutcomeContradictedError
        self._do(CustodyAct.CLOSED, actor, now, {"outcome": outcome}, text=feedback)

    def expire(self, now: datetime) -> None:
        """Nobody acknowledged in time: the clock ends it."""
        self._do(CustodyAct.EXPIRED, CLOCK, now)

    def release_identity(self, now: datetime, identity: Mapping[IdentityField, str]) -> None:
        """What acceptance and consent let through goes to the receiving agency."""
        fields = {"fields": ",".join(sorted(one.value for one in identity))}
        self._do(CustodyAct.IDENTITY_RELEASED, CLOCK, now, fields, identity=identity)

    def acknowledge_withdrawal(self, now: datetime) -> None:
        """Confirm to the other side that access is closed."""
        self._do(CustodyAct.CONSENT_WITHDRAWAL_ACKNOWLEDGED, CLOCK, now)

    def arrive(self, entry: Entry, event_id: UUID, now: datetime) -> None:
        """The receiving agency's copy begins.

        Raises:
            NotYoursToSayError: somebody else than the referring agency wrote the entry.
            CustodyBrokenError: it is not the first of its author's chain.
        """
        if entry.author != self.partner:
            raise NotYoursToSayError
        custody.verify(entry, self.theirs)
        self.theirs = entry.link
        self.unread = True
        self._log(Acted(entry, event_id, own=False))
        self.events.append(StatusChanged(None, self.status))
        self._start_deadlines(now)

    def mark_delivered(self) -> bool:
        """The other side signed for it; False when that is no news."""
        if self.status is not _S.SENT:
            return False
        self._become(_S.DELIVERED, self.sent_at or self.created_at)
        return True

    def learn(
        self,
        entry: Entry,
        event_id: UUID,
        now: datetime,
        codes: Mapping[str, str] | None = None,
        *,
        text: str | None = None,
    ) -> bool:
        """Apply the other side's act; False when it came too late to matter (it is logged all the same).

        Raises:
            NotYoursToSayError: not the partner's act to do.
            CustodyBrokenError: the entry does not continue the partner's chain.
            ActImpossibleError: it cannot follow this state.
        """
        if entry.author != self.partner or self.side.other not in rules.RULES[entry.act].sides:
            raise NotYoursToSayError
        custody.verify(entry, self.theirs)
        after = rules.state_after_arrival(entry.act, self.status)
        if after is None:
            raise ActImpossibleError
        effective = rules.lets(entry.act, self.side.other, self.status) or after is not self.status
        self.theirs = entry.link
        self.unread = True
        self._log(Acted(entry, event_id, own=False, codes=codes or {}, text=text))
        if effective:
            self._take(entry.act, codes or {}, entry.at)
            self._become(after, now)
        elif entry.act is CustodyAct.SERVICE_DELIVERED and self.status is _S.CONSENT_WITHDRAWN:
            # The two crossed on the way: access is closed all the same, and a service was given, so both ends count it.
            self.events.append(StatusChanged(_S.CONSENT_WITHDRAWN, _S.SERVICE_DELIVERED))
        if entry.act is CustodyAct.CONSENT_WITHDRAWAL_ACKNOWLEDGED:
            self.deadlines.pop(Step.CONFIRM_WITHDRAWAL, None)
        return effective

    def check(self, act: CustodyAct) -> None:
        """Raise WrongStateError unless this side may do the act now."""
        if not rules.lets(act, self.side, self.status):
            raise WrongStateError(self.status, rules.names(rules.possible_verbs(self.side, self.status)))

    def pull_events(self) -> list[Event]:
        """The events since the last pull."""
        pulled, self.events = self.events, []
        return pulled

    def _do(
        self,
        act: CustodyAct,
        actor: Actor,
        now: datetime,
        codes: Mapping[str, str] | None = None,
        *,
        text: str | None = None,
        identity: Mapping[IdentityField, str] | None = None,
    ) -> None:
        self.check(act)
        entry = custody.write(self.id, self.agency, self.own, act, role=actor.role, at=now)
        self.own = entry.link
        self._log(
            Acted(entry, uuid7(), own=True, codes=codes or {}, text=text, actor_name=actor.name, identity=identity)
        )
        self._take(act, codes or {}, now)
        self._become(rules.RULES[act].after or self.status, now)

    def _log(self, acted: Acted) -> None:
        self.last_act_at = acted.entry.at
        self.events.append(acted)

    def _take(self, act: CustodyAct, codes: Mapping[str, str], at: datetime) -> None:
        """Remember what the act says, by the act's own name."""
        name = _CODES.get(act)
        if name is not None:
            self.codes[name] = next(iter(codes.values()))
        if act is CustodyAct.CONSENT_WITHDRAWN:
            self.access_closed_at = self.access_closed_at or at
        if act is CustodyAct.IDENTITY_RELEASED:
            self.released_at = at
        if act is CustodyAct.ACKNOWLEDGED:
            self.acknowledged_at = at
        if act is CustodyAct.CLOSED:
            self.closed_at = at

    def _become(self, status: ReferralStatus, now: datetime) -> None:
        before, self.status = self.status, status
        if status is before:
            return
        since = self.sent_at or self.created_at
        hours = max(0, int((now - since).total_seconds() // 3600))
        acknowledged = before in {_S.SENT, _S.DELIVERED} and status is _S.ACKNOWLEDGED
        decided = status in _DECISIONS
        if decided:
            self.decided_at = now
        self.events.append(StatusChanged(before, status, hours if acknowledged else None, hours if decided else None))
        self._start_deadlines(now)

    def _start_deadlines(self, now: datetime) -> None:
        """Steps that go on keep their time; new ones begin."""
        kept = self.deadlines
        self.deadlines = {
            step: kept.get(step) or begin(step, self.preview.urgency, now) for step in steps_in(self.status)
        }


_CODES = {
    CustodyAct.DECLINED: "decline_reason",
    CustodyAct.REDIRECTED: "redirected_to",
    CustodyAct.SERVICE_NOT_DELIVERED: "not_delivered_reason",
    CustodyAct.WITHDRAWN: "withdrawal_reason",
    CustodyAct.CLOSED: "outcome",
}
