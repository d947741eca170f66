"""One offering: what everybody may know, and for its own agency the private part."""

from uuid import UUID

from services.chassis.problems import NotFoundError
from services.directory.domain.ports import Desk
from services.directory.domain.ranking import Candidate
from services.directory.domain.service_offering import ServiceOffering


async def show_service_offering(desk: Desk, service_offering_id: UUID) -> ServiceOffering | Candidate:
    """The agency's own, withdrawn too; else the published one. Raises NotFoundError."""
    found = await desk.own.find(service_offering_id) or await desk.published.find(service_offering_id)
    if found is None:
        raise NotFoundError
    return found
