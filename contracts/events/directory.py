"""What the directory tells partners. No address, no coordinates: a shelter's place never leaves."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.envelope import AgencyId, Frozen, Instant
from contracts.events.identity import District, Names
from contracts.registry import contract
from contracts.terms import AgeBand, Country, Known, Language, Service, Sex


class Capacity(Frozen):
    """Places as last said by the provider; `available` may exceed `maximum` (HSDS example: 12 of 10)."""

    available: Annotated[int, Field(ge=0, le=100_000)]
    maximum: Annotated[int, Field(ge=0, le=100_000)] | None = None
    updated_at: Instant


class Eligibility(Frozen):
    """Whom a service takes. An empty list or `unknown` means that nobody said."""

    sexes: tuple[Sex, ...] = ()
    age_bands: tuple[AgeBand, ...] = ()
    minimum_age: Annotated[int, Field(ge=0, le=120)] | None = None
    maximum_age: Annotated[int, Field(ge=0, le=120)] | None = None
    with_children: Known = Known.UNKNOWN
    around_the_clock: Known = Known.UNKNOWN
    any_nationality: Known = Known.UNKNOWN
    victim_status_required: Known = Known.UNKNOWN


@contract("service_offering.published.v1", producer="directory", consumers=("directory",))
class ServiceOfferingPublished(Frozen):
    service_offering_id: UUID
    agency_id: AgencyId
    country: Country
    district: District
    service: Service
    names: Names
    descriptions: Names | None = None
    languages: tuple[Language, ...] = ()
    eligibility: Eligibility = Eligibility()
    capacity: Capacity | None = None


@contract("service_offering.withdrawn.v1", producer="directory", consumers=("directory",))
class ServiceOfferingWithdrawn(Frozen):
    service_offering_id: UUID
    agency_id: AgencyId


@contract("capacity.changed.v1", producer="directory", consumers=("directory",))
class CapacityChanged(Frozen):
    service_offering_id: UUID
    agency_id: AgencyId
    capacity: Capacity
