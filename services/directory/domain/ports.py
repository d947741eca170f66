"""What the use cases need from outside."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.terms import AgencyKind, Country
from services.directory.domain.needs import Narrowing
from services.directory.domain.ranking import Agency, Candidate
from services.directory.domain.service_offering import Capacity, Event, PublicOffering, ServiceOffering, Texts


class OwnOfferings(Protocol):
    """The acting agency's offerings, behind the wall."""

    async def find(self, service_offering_id: UUID, *, lock: bool = False) -> ServiceOffering | None: ...

    async def save(self, offering: ServiceOffering, now: datetime) -> None: ...

    async def page(self, after: UUID | None, limit: int) -> Sequence[ServiceOffering]: ...

    async def count(self) -> int: ...


class PublishedOfferings(Protocol):
    """The public list: this country's and the partners'."""

    async def put(self, offering: PublicOffering) -> bool:
        """Add or replace; False when the id belongs to another agency."""

    async def take_off(self, service_offering_id: UUID, agency_id: str) -> None: ...

    async def set_capacity(self, service_offering_id: UUID, agency_id: str, capacity: Capacity) -> None: ...

    async def find(self, service_offering_id: UUID) -> Candidate | None: ...

    async def candidates(self, narrowing: Narrowing, limit: int) -> Sequence[Candidate]: ...

    async def by_country(self, narrowing: Narrowing) -> dict[Country, int]:
        """How many offerings each country has, whatever countries were asked for."""


@dataclass(frozen=True)
class EnrolledAgency:
    """An agency as identity announced it."""

    agency_id: str
    country: Country | None
    kind: AgencyKind
    names: Texts
    district: str | None


class Agencies(Protocol):
    async def enrol(self, agency: EnrolledAgency) -> None: ...

    async def suspend(self, agency_id: str) -> None: ...

    async def find(self, agency_id: str) -> Agency | None: ...

    async def district(self, agency_id: str) -> str | None: ...


@dataclass(frozen=True)
class Desk:
    """One transaction: the lists, and how events leave with it."""

    own: OwnOfferings
    published: PublishedOfferings
    agencies: Agencies
    tell: Callable[[Sequence[Event]], Awaitable[None]]


class Desks(Protocol):
    """Begins transactions; `agency` None when only public lists are read."""

    def begin(self, agency: str | None, principal: str) -> AbstractAsyncContextManager[Desk]: ...
