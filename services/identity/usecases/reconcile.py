"""Bring the node's registry and its identity provider to a declaration. Run twice, the second changes nothing."""

from dataclasses import dataclass, field

from services.identity.domain.agencies import Agency, Declaration
from services.identity.domain.ports import AgencyKeys, IdentityProvider, Registry
from services.identity.usecases.enrol_agency import enrol_agency
from services.identity.usecases.enrol_staff import enrol_staff, register_client
from services.identity.usecases.open_corridor import open_corridor
from services.identity.usecases.publish_agency_key import publish_agency_key


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
    for corridor in declaration.corridors:
        async with registry.begin() as unit:
            opened = await open_corridor(unit.corridors, corridor)
            await unit.tell(opened)
            done.events += len(opened)
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
        for staff in declaration.staff_of(agency):
            done.accounts += await enrol_staff(unit.people, staff)
        for client in declaration.clients_of(agency):
            done.accounts += await register_client(unit.people, client)
    done.events += len(enrolled) + len(published)
