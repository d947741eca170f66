"""Domain events as contracts: told to the own node and to every partner country."""

from collections.abc import Iterator, Sequence

from contracts.envelope import PARTNERS
from contracts.events import directory as wire
from contracts.events.identity import Names
from contracts.terms import Audience
from services.chassis.outbox import Outgoing
from services.directory.domain.service_offering import (
    Capacity,
    CapacityChanged,
    Eligibility,
    Event,
    PublicOffering,
    Published,
    Texts,
    Withdrawn,
)

Payload = wire.ServiceOfferingPublished | wire.ServiceOfferingWithdrawn | wire.CapacityChanged


def told(events: Sequence[Event]) -> Iterator[Outgoing]:
    """Each event for both audiences; the offering's id orders them."""
    for event in events:
        payload = _payload(event)
        key, sender = str(payload.service_offering_id), payload.agency_id
        yield Outgoing(payload, key, Audience.NODE, sender)
        yield Outgoing(payload, key, Audience.ADDRESSED, sender, PARTNERS)


def _payload(event: Event) -> Payload:
    match event:
        case Published(offering):
            return _published(offering)
        case Withdrawn(service_offering_id, agency_id):
            return wire.ServiceOfferingWithdrawn(service_offering_id=service_offering_id, agency_id=agency_id)
        case CapacityChanged(service_offering_id, agency_id, capacity):
            return wire.CapacityChanged(
                service_offering_id=service_offering_id, agency_id=agency_id, capacity=_capacity(capacity)
            )


def _published(offering: PublicOffering) -> wire.ServiceOfferingPublished:
    return wire.ServiceOfferingPublished(
        service_offering_id=offering.service_offering_id,
        agency_id=offering.agency_id,
        country=offering.country,
        district=offering.district,
        service=offering.service,
        names=_names(offering.names),
        descriptions=_names(offering.descriptions) if offering.descriptions else None,
        languages=offering.languages,
        eligibility=_eligibility(offering.eligibility),
        capacity=_capacity(offering.capacity) if offering.capacity else None,
    )


def _names(texts: Texts) -> Names:
    return Names(en=texts.en, ru=texts.ru)


def _capacity(capacity: Capacity) -> wire.Capacity:
    return wire.Capacity(available=capacity.available, maximum=capacity.maximum, updated_at=capacity.updated_at)


def _eligibility(eligibility: Eligibility) -> wire.Eligibility:
    return wire.Eligibility(
        sexes=eligibility.sexes,
        age_bands=eligibility.age_bands,
        minimum_age=eligibility.minimum_age,
        maximum_age=eligibility.maximum_age,
        with_children=eligibility.with_children,
        around_the_clock=eligibility.around_the_clock,
        any_nationality=eligibility.any_nationality,
        victim_status_required=eligibility.victim_status_required,
    )
