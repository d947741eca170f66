"""Domain event → contract. Agencies and keys are told to the node and to every partner country."""

from collections.abc import Iterable, Iterator

from contracts.envelope import PARTNERS
from contracts.events import identity as contracts
from contracts.terms import Audience, Country
from services.chassis.keys import b64
from services.chassis.outbox import Outgoing
from services.identity.domain.events import AgencyEnrolled, AgencyKeyPublished, AgencySuspended, CorridorClosed, Event


def outgoing(events: Iterable[Event], node: str) -> Iterator[Outgoing]:
    """The outbox entries of these events, in order."""
    for event in events:
        if isinstance(event, AgencyEnrolled):
            yield from _to_all(_enrolled(event), event.agency.agency_id, node)
        elif isinstance(event, AgencyKeyPublished):
            yield from _to_all(_key(event), event.key.agency_id, node)
        elif isinstance(event, AgencySuspended):
            yield from _to_all(contracts.AgencySuspended(agency_id=event.agency_id), event.agency_id, node)
        elif isinstance(event, CorridorClosed):
            corridor = event.corridor
            closed = contracts.CorridorClosed(origin=corridor.origin, destination=corridor.destination)
            yield Outgoing(closed, key=f"{corridor.origin}-{corridor.destination}")
        else:
            corridor = event.corridor
            yield Outgoing(
                contracts.CorridorOpened(
                    origin=corridor.origin,
                    destination=corridor.destination,
                    agreement=f"{corridor.agreement.reference}: {corridor.agreement.title}"[:200],
                    opened_on=corridor.agreement.opened_on,
                ),
                key=f"{corridor.origin}-{corridor.destination}",
            )


def _to_all(
    payload: contracts.AgencyEnrolled | contracts.AgencySuspended | contracts.AgencyKeyPublished, key: str, node: str
) -> Iterator[Outgoing]:
    yield Outgoing(payload, key=key)
    yield Outgoing(payload, key=key, audience=Audience.ADDRESSED, sender=f"{node}.node", recipient=PARTNERS)


def _enrolled(event: AgencyEnrolled) -> contracts.AgencyEnrolled:
    agency = event.agency
    return contracts.AgencyEnrolled(
        agency_id=agency.agency_id,
        country=Country(agency.node) if agency.node in set(Country) else None,
        kind=agency.kind,
        names=contracts.Names(en=agency.names.en, ru=agency.names.ru),
        district=agency.district,
    )


def _key(event: AgencyKeyPublished) -> contracts.AgencyKeyPublished:
    key = event.key
    return contracts.AgencyKeyPublished(
        agency_id=key.agency_id,
        version=key.version,
        suite=key.suite,
        sign_public=b64(key.sign_public),
        seal_public=b64(key.seal_public),
        valid_from=event.valid_from,
    )
