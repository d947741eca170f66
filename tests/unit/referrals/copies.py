"""Two copies of one referral and the messages between them, without any part of the machine."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.terms import (
    AgeBand,
    CustodyAct,
    ExploitationForm,
    IdentityField,
    Language,
    ReferralStatus,
    Role,
    Service,
    Sex,
    Urgency,
)
from services.referrals.domain.custody import merged
from services.referrals.domain.deadlines import begin
from services.referrals.domain.events import Acted, Event
from services.referrals.domain.referral import Actor, Preview, Receipt, Referral
from services.referrals.domain.terms import Side, Step

SAPAR, NAJOT = "kz.sapar-demo", "uz.najot-demo"
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
STAFF = Actor("s-1", Role.CASEWORKER, "O. Primerova")
REFERRAL, CASE, GRANT = UUID(int=1), UUID(int=2), UUID(int=3)


def preview() -> Preview:
    return Preview(
        code="KZ-7H3P-26",
        service=Service.SHELTER,
        urgency=Urgency.URGENT,
        district="almaty",
        age_band=AgeBand.A24_30,
        sex=Sex.FEMALE,
        language=Language.UZ,
        interpreter_needed=False,
        with_children=True,
        exploitation=ExploitationForm.FORCED_LABOUR,
        note=None,
    )


def receipt() -> Receipt:
    return Receipt(GRANT, Service.SHELTER, frozenset({IdentityField.FULL_NAME}), START + timedelta(days=90))


def draft() -> Referral:
    return Referral(
        id=REFERRAL,
        agency=SAPAR,
        side=Side.REFERRING,
        partner=NAJOT,
        status=ReferralStatus.DRAFT,
        preview=preview(),
        created_at=START,
        case_id=CASE,
    )


@dataclass
class Copies:
    """`to_receiving` and `to_referring` are lanes: in order, delivered when the test says so."""

    here: Referral = field(default_factory=draft)
    there: Referral | None = None
    now: datetime = START
    to_receiving: deque[Acted] = field(default_factory=deque)
    to_referring: deque[Acted] = field(default_factory=deque)
    log_here: list[Acted] = field(default_factory=list)
    log_there: list[Acted] = field(default_factory=list)
    changes_here: list[Event] = field(default_factory=list)
    changes_there: list[Event] = field(default_factory=list)
    holds_identity: bool = False
    consent_holds: bool = True

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def post(self) -> None:
        """Put what both recorded on its lane."""
        for copy, lane, log, changes in (
            (self.here, self.to_receiving, self.log_here, self.changes_here),
            (self.there, self.to_referring, self.log_there, self.changes_there),
        ):
            events = copy.pull_events() if copy else []
            acts = [event for event in events if isinstance(event, Acted)]
            changes.extend(event for event in events if not isinstance(event, Acted))
            log.extend(acts)
            lane.extend(act for act in acts if act.own)

    def send(self) -> None:
        self.here.send(STAFF, self.tick(), receipt())
        self.post()

    def deliver_to_receiving(self) -> None:
        act = self.to_receiving.popleft()
        if self.there is None:
            self.there = Referral(
                id=REFERRAL,
                agency=NAJOT,
                side=Side.RECEIVING,
                partner=SAPAR,
                status=ReferralStatus.DELIVERED,
                preview=preview(),
                created_at=START,
                consent=receipt(),
                version=0,
                sent_at=act.entry.at,
                deadlines={step: begin(step, Urgency.URGENT, START) for step in (Step.ACKNOWLEDGE, Step.DECIDE)},
            )
            self.there.arrive(act.entry, act.event_id, self.tick())
        else:
            effective = self.there.learn(act.entry, act.event_id, self.tick(), act.codes, text=act.text)
            if act.entry.act is CustodyAct.IDENTITY_RELEASED and effective:
                self.holds_identity = True
            self._confirm(self.there, act)
        if self.there.access_closed_at is not None:
            self.holds_identity = False
        self.post()

    def deliver_to_referring(self) -> None:
        act = self.to_referring.popleft()
        effective = self.here.learn(act.entry, act.event_id, self.tick(), act.codes, text=act.text)
        if effective and act.entry.act is CustodyAct.ACCEPTED and self.consent_holds:
            self.here.release_identity(self.tick(), {IdentityField.FULL_NAME: "x"})
        self._confirm(self.here, act)
        self.post()

    def _confirm(self, copy: Referral, act: Acted) -> None:
        if act.entry.act is CustodyAct.CONSENT_WITHDRAWN and copy.status is ReferralStatus.CONSENT_WITHDRAWN:
            copy.acknowledge_withdrawal(self.tick())

    def drain(self) -> None:
        while self.to_receiving or self.to_referring:
            while self.to_receiving:
                self.deliver_to_receiving()
            while self.to_referring:
                self.deliver_to_referring()

    def heads(self) -> tuple[str, str]:
        found = []
        for log in (self.log_here, self.log_there):
            entries = (act.entry for act in log)
            found.append(merged((one.at, one.author, one.number, one.hash) for one in entries))
        return found[0], found[1]
