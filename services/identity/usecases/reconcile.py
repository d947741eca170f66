"""Bring the node's registry and its identity provider to a declaration. Run twice, the second changes nothing.

What the declaration no longer names ends: staff and clients leave, agencies are suspended, corridors are closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.identity.domain.agencies import Agency, Corridor, Declaration
from services.identity.domain.events import Event
from services.identity.domain.ports import AgencyKeys, IdentityProvider, Registry
from services.identity.usecases.close_corridor import close_corridor
from services.identity.usecases.enrol_agency import enrol_agency
from services.identity.usecases.enrol_staff import enrol_staff, register_client
from services.identity.usecases.open_corridor import open_corridor
from services.identity.usecases.publish_agency_key import publish_agency_key
from services.identity.usecases.suspend_agency import suspend_agency


@dataclass
class Reconciled:
    """What changed: events told, staff and clients written, steps at the provider."""

    events: int = 0
    accounts: int = 0
    provider: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.events or self.accounts or self.provider)


async def reconcile(
    declaration: Declaration, registry: Registry, keys: AgencyKeys, provider: IdentityProvider
) -> Reconciled:
    """Provider first, so that no agency is announced whose staff cannot sign in; then one transaction an agency."""
    done = Reconciled(provider=list(await provider.reconcile(declaration)))
    await _publish_node_key(declaration, registry, keys, done)
    for agency in declaration.agencies:
        await _reconcile_agency(agency, declaration, registry, keys, done)
    await _reconcile_corridors(declaration.corridors, registry, done)
    await _suspend_agencies(declaration, registry, done)
    return done


async def _publish_node_key(declaration: Declaration, registry: Registry, keys: AgencyKeys, done: Reconciled) -> None:
    async with registry.begin() as unit:
        published = await publish_agency_key(unit.agencies, keys, declaration.node_agency)
        await unit.tell(published)
    done.events += len(published)


async def _reconcile_agency(
    agency: Agency, declaration: Declaration, registry: Registry, keys: AgencyKeys, done: Reconciled
) -> None:
    async with registry.begin(agency.agency_id, "reconcile") as unit:
        enrolled = await enrol_agency(unit.agencies, agency)
        published = await publish_agency_key(unit.agencies, keys, agency.agency_id)
        await unit.tell([*enrolled, *published])
        staff, clients = declaration.staff_of(agency), declaration.clients_of(agency)
        for one in staff:
            done.accounts += await enrol_staff(unit.people, one)
        for client in clients:
            done.accounts += await register_client(unit.people, client)
        done.accounts += await unit.people.keep_only([s.username for s in staff], [c.client_id for c in clients])
    done.events += len(enrolled) + len(published)


async def _reconcile_corridors(corridors: Iterable[Corridor], registry: Registry, done: Reconciled) -> None:
    declared = {(corridor.origin, corridor.destination): corridor for corridor in corridors}
    async with registry.begin() as unit:
        told: list[Event] = []
        for corridor in await unit.corridors.all_open():
            if (corridor.origin, corridor.destination) not in declared:
                told += await close_corridor(unit.corridors, corridor)
        for corridor in declared.values():
            told += await open_corridor(unit.corridors, corridor)
        await unit.tell(told)
    done.events += len(told)


async def _suspend_agencies(declaration: Declaration, registry: Registry, done: Reconciled) -> None:
    declared = {agency.agency_id for agency in declaration.agencies}
    async with registry.begin() as unit:
        gone = [agency.agency_id for agency in await unit.agencies.all() if agency.agency_id not in declared]
    for agency_id in gone:
        async with registry.begin(agency_id, "reconcile") as unit:
            suspended = await suspend_agency(unit.agencies, agency_id)
            await unit.tell(suspended)
            done.accounts += await unit.people.keep_only((), ())
        done.events += len(suspended)
