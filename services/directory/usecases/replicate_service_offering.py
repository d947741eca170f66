"""A partner country tells of its offerings; each country speaks for its own agencies only."""

from dataclasses import dataclass
from uuid import UUID

from contracts.terms import Country
from services.directory.domain.errors import ForeignOriginError
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import CapacityChanged, PublicOffering, Withdrawn


@dataclass(frozen=True)
class Origin:
    """Where a message comes from: the node of its source, who acts (an agency or the node), and what it is about."""

    node: str
    sender: str | None
    subject: str

    def vouch(self, home: Country, agency_id: str, about: str) -> None:
        """Raises ForeignOriginError unless it is a foreign node speaking for its own agency, about this aggregate."""
        foreign = self.node != home and agency_id.startswith(f"{self.node}.")
        acting = self.sender in {None, agency_id, f"{self.node}.node"}
        if not (foreign and acting and self.subject == about):
            raise ForeignOriginError


async def replicate_service_offering(desk: Desk, origin: Origin, home: Country, offering: PublicOffering) -> None:
    """Raises ForeignOriginError, also when the id belongs to another agency's offering."""
    _vouch(origin, home, offering.agency_id, offering.service_offering_id)
    if offering.country != origin.node or not await desk.published.put(offering):
        raise ForeignOriginError


async def replicate_withdrawal(desk: Desk, origin: Origin, home: Country, withdrawn: Withdrawn) -> None:
    _vouch(origin, home, withdrawn.agency_id, withdrawn.service_offering_id)
    await desk.published.take_off(withdrawn.service_offering_id, withdrawn.agency_id)


async def replicate_capacity(desk: Desk, origin: Origin, home: Country, changed: CapacityChanged) -> None:
    _vouch(origin, home, changed.agency_id, changed.service_offering_id)
    await desk.published.set_capacity(changed.service_offering_id, changed.agency_id, changed.capacity)


def _vouch(origin: Origin, home: Country, agency_id: str, service_offering_id: UUID) -> None:
    origin.vouch(home, agency_id, str(service_offering_id))
