"""Contracts as use cases: agencies from identity, offerings from partner countries."""

from collections.abc import Callable, Mapping

from contracts.envelope import CloudEvent
from contracts.events import directory as wire
from contracts.events.identity import AgencyEnrolled, AgencySuspended, Names
from contracts.terms import Country
from services.chassis.inbox import Handler
from services.chassis.work import Work
from services.directory.domain.ports import Desk, EnrolledAgency
from services.directory.domain.service_offering import (
    Capacity,
    CapacityChanged,
    Eligibility,
    PublicOffering,
    Texts,
    Withdrawn,
)
from services.directory.usecases.replicate_agency import enrol_agency, suspend_agency
from services.directory.usecases.replicate_service_offering import (
    Origin,
    replicate_capacity,
    replicate_service_offering,
    replicate_withdrawal,
)


def handlers(desk_of: Callable[[Work], Desk], home: Country) -> Mapping[str, Handler]:
    """What the directory does with each event; `home` is the node's country."""

    async def on_agency_enrolled(work: Work, event: CloudEvent, payload: AgencyEnrolled) -> None:
        agency = EnrolledAgency(
            payload.agency_id, payload.country, payload.kind, _texts(payload.names), payload.district
        )
        await enrol_agency(desk_of(work), _node(event), agency)

    async def on_agency_suspended(work: Work, event: CloudEvent, payload: AgencySuspended) -> None:
        await suspend_agency(desk_of(work), _node(event), payload.agency_id)

    async def on_published(work: Work, event: CloudEvent, payload: wire.ServiceOfferingPublished) -> None:
        await replicate_service_offering(desk_of(work), _origin(event), home, _offering(payload))

    async def on_withdrawn(work: Work, event: CloudEvent, payload: wire.ServiceOfferingWithdrawn) -> None:
        withdrawn = Withdrawn(payload.service_offering_id, payload.agency_id)
        await replicate_withdrawal(desk_of(work), _origin(event), home, withdrawn)

    async def on_capacity(work: Work, event: CloudEvent, payload: wire.CapacityChanged) -> None:
        changed = CapacityChanged(payload.service_offering_id, payload.agency_id, _capacity(payload.capacity))
        await replicate_capacity(desk_of(work), _origin(event), home, changed)

    return {
        "agency.enrolled.v1": on_agency_enrolled,
        "agency.suspended.v1": on_agency_suspended,
        "service_offering.published.v1": on_published,
        "service_offering.withdrawn.v1": on_withdrawn,
        "capacity.changed.v1": on_capacity,
    }


def _node(event: CloudEvent) -> str:
    return event.source.split("/")[1]


def _origin(event: CloudEvent) -> Origin:
    return Origin(_node(event), event.sender, event.subject)


def _texts(names: Names) -> Texts:
    return Texts(names.en, names.ru)


def _capacity(capacity: wire.Capacity) -> Capacity:
    return Capacity(capacity.available, capacity.maximum, capacity.updated_at)


def _offering(payload: wire.ServiceOfferingPublished) -> PublicOffering:
    said = payload.eligibility
    return PublicOffering(
        service_offering_id=payload.service_offering_id,
        agency_id=payload.agency_id,
        country=payload.country,
        district=payload.district,
        service=payload.service,
        names=_texts(payload.names),
        descriptions=_texts(payload.descriptions) if payload.descriptions else None,
        languages=payload.languages,
        eligibility=Eligibility(
            sexes=said.sexes,
            age_bands=said.age_bands,
            minimum_age=said.minimum_age,
            maximum_age=said.maximum_age,
            with_children=said.with_children,
            around_the_clock=said.around_the_clock,
            any_nationality=said.any_nationality,
            victim_status_required=said.victim_status_required,
        ),
        capacity=_capacity(payload.capacity) if payload.capacity else None,
    )
