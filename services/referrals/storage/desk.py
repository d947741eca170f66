"""One agency's desk: all its repositories over one running transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.chassis.outbox import Outgoing
from services.chassis.work import Work
from services.referrals.domain.events import Acted, Event
from services.referrals.domain.referral import Actor, Referral
from services.referrals.domain.terms import Purpose
from services.referrals.storage.access import StoredAccess
from services.referrals.storage.agencies import StoredAgencies
from services.referrals.storage.audit import record
from services.referrals.storage.cases import StoredCases
from services.referrals.storage.consent_grants import StoredConsentGrants
from services.referrals.storage.people import StoredPeople
from services.referrals.storage.person_keys import PersonKeys
from services.referrals.storage.referrals import StoredReferrals
from services.referrals.storage.timers import StoredTimers

Telling = Callable[[Referral, Sequence[Event]], Sequence[Outgoing]]


class StoredDesk:
    """The `Desk` of the use cases; `telling` turns what a referral recorded into messages."""

    def __init__(self, work: Work, agency: str, node: str, *, keys: PersonKeys, telling: Telling) -> None:
        connection = work.connection
        self.agency = agency
        self.node = node
        self.work = work
        self.people = StoredPeople(connection, agency, keys)
        self.timers = StoredTimers(connection, agency)
        self.access = StoredAccess(connection, agency)
        self.referrals = StoredReferrals(connection, agency, self.people, self.timers)
        self.cases = StoredCases(connection, agency)
        self.consents = StoredConsentGrants(connection, agency)
        self.agencies = StoredAgencies(connection)
        self._telling = telling

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def save(self, referral: Referral, actor: Actor) -> None:
        events = referral.pull_events()
        await self.referrals.save(referral, events, self.now())
        for event in events:
            if isinstance(event, Acted) and event.own:
                await self.audit(actor, event.entry.act, "referral", referral.id)
        await self.work.tell(*self._telling(referral, events))

    async def audit(
        self, actor: Actor, act: str, subject_kind: str, subject_id: UUID, purpose: Purpose | None = None
    ) -> None:
        subject = (subject_kind, subject_id)
        await record(self.work.connection, self.agency, actor, self.now(), act=act, subject=subject, purpose=purpose)
