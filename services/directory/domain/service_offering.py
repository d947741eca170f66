"""The aggregate: what an agency offers. The public part has no place for an address, so events cannot carry one."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.districts import district_of
from contracts.terms import AgeBand, Country, Known, Language, Service, Sex
from services.directory.domain.errors import (
    AddressInPublicTextError,
    AgeRangeReversedError,
    CapacityFromFutureError,
    CapacitySupersededError,
    DistrictUnknownError,
    ServiceOfferingWithdrawnError,
)

CLOCK_SKEW = timedelta(minutes=5)
_SHORTEST_ADDRESS = 8


class Status(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Texts:
    """A text in the languages every portal has."""

    en: str
    ru: str


@dataclass(frozen=True)
class Capacity:
    """Places as last said; `available` may exceed `maximum` (HSDS example: 12 of 10)."""

    available: int
    maximum: int | None
    updated_at: datetime


@dataclass(frozen=True)
class Count:
    """Places as somebody says them now; without a time it counts from the moment it arrives."""

    available: int
    maximum: int | None = None
    updated_at: datetime | None = None

    def at(self, now: datetime, prefix: str = "") -> Capacity:
        """Raises CapacityFromFutureError when its time lies ahead of any clock's error."""
        if self.updated_at is not None and self.updated_at > now + CLOCK_SKEW:
            raise CapacityFromFutureError(f"{prefix}updated_at")
        return Capacity(self.available, self.maximum, self.updated_at or now)


@dataclass(frozen=True)
class Eligibility:
    """Whom a service takes. Empty or unknown means that nobody said; one age bound alone leaves the other open."""

    sexes: tuple[Sex, ...] = ()
    age_bands: tuple[AgeBand, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None
    with_children: Known = Known.UNKNOWN
    around_the_clock: Known = Known.UNKNOWN
    any_nationality: Known = Known.UNKNOWN
    victim_status_required: Known = Known.UNKNOWN


@dataclass(frozen=True)
class PublicOffering:
    """What everybody may know, here and in partner countries."""

    service_offering_id: UUID
    agency_id: str
    country: Country
    district: str
    service: Service
    names: Texts
    descriptions: Texts | None
    languages: tuple[Language, ...]
    eligibility: Eligibility
    capacity: Capacity | None


@dataclass(frozen=True)
class PrivateDetails:
    """What only the agency itself knows: never in an event, a search or another agency's answer."""

    address: str | None = None
    contact: str | None = None


@dataclass(frozen=True)
class Draft:
    """An offering as its agency describes it; without a count the known capacity stays."""

    service_offering_id: UUID
    agency_id: str
    country: Country
    district: str
    service: Service
    names: Texts
    descriptions: Texts | None
    languages: tuple[Language, ...]
    eligibility: Eligibility
    count: Count | None
    private: PrivateDetails

    def public(self, capacity: Capacity | None) -> PublicOffering:
        return PublicOffering(
            self.service_offering_id,
            self.agency_id,
            self.country,
            self.district,
            self.service,
            self.names,
            self.descriptions,
            self.languages,
            self.eligibility,
            capacity,
        )

    def check(self) -> None:
        """Raises the DomainError of the first rule that is broken."""
        district = district_of(self.district)
        if district is None or district.country is not self.country:
            raise DistrictUnknownError
        low, high = self.eligibility.minimum_age, self.eligibility.maximum_age
        if low is not None and high is not None and low > high:
            raise AgeRangeReversedError
        self._refuse_address_in_public()

    def _refuse_address_in_public(self) -> None:
        address = _letters(self.private.address or "")
        if len(address) < _SHORTEST_ADDRESS:
            return
        for name, texts in (("names", self.names), ("descriptions", self.descriptions)):
            for language, text in (("en", texts.en), ("ru", texts.ru)) if texts else ():
                if address in _letters(text):
                    raise AddressInPublicTextError(f"{name}.{language}")


@dataclass(frozen=True)
class Published:
    offering: PublicOffering


@dataclass(frozen=True)
class Withdrawn:
    service_offering_id: UUID
    agency_id: str


@dataclass(frozen=True)
class CapacityChanged:
    service_offering_id: UUID
    agency_id: str
    capacity: Capacity


Event = Published | Withdrawn | CapacityChanged


@dataclass
class ServiceOffering:
    """An agency's own offering and what happened to it."""

    public: PublicOffering
    private: PrivateDetails
    status: Status = Status.PUBLISHED
    events: list[Event] = field(default_factory=list)
    changed: bool = False

    @classmethod
    def publish(cls, draft: Draft, now: datetime) -> "ServiceOffering":
        """A new offering, told to everybody."""
        draft.check()
        public = draft.public(draft.count.at(now, "capacity.") if draft.count else None)
        return cls(public, draft.private, events=[Published(public)], changed=True)

    def revise(self, draft: Draft, now: datetime) -> None:
        """Take the description over; the same again changes nothing and tells nothing."""
        draft.check()
        told = self.public if self.status is Status.PUBLISHED else None
        self.changed = told is None or self.private != draft.private
        self.public = draft.public(self._newer(draft.count, now))
        self.private, self.status = draft.private, Status.PUBLISHED
        if told is None or replace(told, capacity=None) != replace(self.public, capacity=None):
            self._record(Published(self.public))
        elif told.capacity != self.public.capacity and self.public.capacity is not None:
            self._record(self._capacity_changed(self.public.capacity))

    def change_capacity(self, count: Count, now: datetime) -> None:
        """A new count; the same numbers again are news too, because they are fresh."""
        if self.status is Status.WITHDRAWN:
            raise ServiceOfferingWithdrawnError
        capacity, known = count.at(now), self.public.capacity
        if capacity == known:
            return
        if known is not None and capacity.updated_at < known.updated_at:
            raise CapacitySupersededError
        self.public = replace(self.public, capacity=capacity)
        self._record(self._capacity_changed(capacity))

    def withdraw(self) -> None:
        """Take it off every list; a second time changes nothing."""
        if self.status is Status.PUBLISHED:
            self.status = Status.WITHDRAWN
            self._record(Withdrawn(self.public.service_offering_id, self.public.agency_id))

    def _newer(self, count: Count | None, now: datetime) -> Capacity | None:
        known = self.public.capacity
        if count is None:
            return known
        said = count.at(now, "capacity.")
        if known is None:
            return said
        repeated = count.updated_at is None and (said.available, said.maximum) == (known.available, known.maximum)
        return known if repeated or said.updated_at < known.updated_at else said

    def _capacity_changed(self, capacity: Capacity) -> CapacityChanged:
        return CapacityChanged(self.public.service_offering_id, self.public.agency_id, capacity)

    def _record(self, event: Event) -> None:
        self.events.append(event)
        self.changed = True


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
