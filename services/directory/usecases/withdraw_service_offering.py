"""An agency takes an offering off every list."""

from datetime import datetime
from uuid import UUID

from services.chassis.problems import NotFoundError
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import ServiceOffering


async def withdraw_service_offering(desk: Desk, service_offering_id: UUID, now: datetime) -> ServiceOffering:
    """Raises NotFoundError; a second time changes nothing."""
    offering = await desk.own.find(service_offering_id, lock=True)
    if offering is None:
        raise NotFoundError
    offering.withdraw()
    if offering.changed:
        await desk.published.take_off(service_offering_id, offering.public.agency_id)
        await desk.own.save(offering, now)
        await desk.tell(offering.events)
    return offering
