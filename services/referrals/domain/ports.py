"""What use cases need of the outside: own rows only, one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.terms import IdentityField, Service
from services.referrals.domain.case import Case
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.deadlines import Timer
from services.referrals.domain.referral import Actor, Referral
from services.referrals.domain.terms import Purpose, Step


class Referrals(Protocol):
    async def locked(self, referral_id: UUID, version: int | None = None) -> Referral:
        """The own copy, locked until the transaction ends; raises NotFoundError, VersionChangedError."""
        ...

    async def exists(self, referral_id: UUID) -> bool: ...

    async def add(self, referral: Referral) -> None:
        """A new copy; its events are stored by `Desk.save`."""
        ...

    async def note(self, referral: Referral) -> str | None:
        """The preview's note, decrypted."""
        ...

    async def open_under(self, consent_grant_id: UUID) -> Sequence[UUID]:
        """The referrals sent under a consent that its withdrawal ends."""
        ...

    async def receipted(self, event_id: UUID, received_at: datetime, opened_at: datetime | None) -> UUID | None:
        """Mark the entry that a message carried; the referral's id when it was the one that sent it."""
        ...

    async def parked(self, event_id: UUID, reason: str) -> None: ...


class Cases(Protocol):
    async def add(self, case: Case) -> None: ...
    async def free_code(self, node: str, year: int) -> str: ...
    async def find(self, case_id: UUID) -> Case | None: ...
    async def mark_erased(self, case_id: UUID, at: datetime) -> None: ...


class ConsentGrants(Protocol):
    async def add(self, grant: ConsentGrant) -> None: ...
    async def find(self, grant_id: UUID) -> ConsentGrant | None: ...
    async def shared(self, grant_id: UUID) -> ConsentGrant | None:
        """Found, and kept from being withdrawn until the transaction ends."""
        ...

    async def newest(self, case_id: UUID, receiving_agency: str, purpose: Service) -> UUID | None: ...
    async def locked(self, grant_id: UUID) -> ConsentGrant | None: ...
    async def of_referral(self, referral_id: UUID) -> UUID | None: ...
    async def not_withdrawn(self, case_id: UUID) -> list[UUID]: ...
    async def save(self, grant: ConsentGrant) -> None: ...


class People(Protocol):
    """What names a person, under that person's own key."""

    async def open(self, person_id: UUID) -> None:
        """Make the data key, unless there is one or it was destroyed."""
        ...

    async def write(self, person_id: UUID, identity: Mapping[IdentityField, str]) -> None: ...

    async def read(
        self, person_id: UUID, only: Iterable[IdentityField] | None = None
    ) -> Mapping[IdentityField, str] | None:
        """None when the key was destroyed."""
        ...

    async def forget(self, person_id: UUID) -> None:
        """Remove what identifies the person; the key stays for the texts."""
        ...

    async def close(self, person_id: UUID) -> None:
        """Destroy the key, now and for good, and remove the rows."""
        ...


class Agencies(Protocol):
    async def takes_referrals(self, agency_id: str) -> bool: ...
    async def is_open(self, origin: str, destination: str) -> bool:
        """Whether every node that spoke of this corridor says it is open, and one did; always inside a country."""
        ...


class Timers(Protocol):
    async def due(self, referral_id: UUID, step: Step, now: datetime) -> Timer | None:
        """The timer, locked, if it still runs and its next stage has come."""
        ...

    async def fired(self, referral_id: UUID, timer: Timer, at: datetime) -> None:
        """Write the notice and wait for the stage after it."""
        ...


class Access(Protocol):
    """When a receiving agency's access ends by itself."""

    async def ends(self, referral_id: UUID, at: datetime) -> None: ...
    async def ended(self, referral_id: UUID) -> None:
        """It has; the clock need not look again."""
        ...


class Desk(Protocol):
    """One agency's rows within one transaction."""

    @property
    def agency(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def referrals(self) -> Referrals: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def consents(self) -> ConsentGrants: ...
    @property
    def people(self) -> People: ...
    @property
    def agencies(self) -> Agencies: ...
    @property
    def timers(self) -> Timers: ...

    @property
    def access(self) -> Access: ...

    def now(self) -> datetime: ...

    async def save(self, referral: Referral, actor: Actor) -> None:
        """Store the copy with what it recorded, audit it, and tell who must know; all in this transaction."""
        ...

    async def audit(
        self, actor: Actor, act: str, subject_kind: str, subject_id: UUID, purpose: Purpose | None = None
    ) -> None: ...
