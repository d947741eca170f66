"""An agency says how many places there are."""

from datetime import datetime
from uuid import UUID

from services.chassis.problems import NotFoundError
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import Count, ServiceOffering


async def change_capacity(desk: Desk, service_offering_id: UUID, count: Count, now: datetime) -> ServiceOffering:
    """Raises NotFoundError, ServiceOfferingWithdrawnError, CapacityFromFutureError, CapacitySupersededError."""
    offering = await desk.own.find(service_offering_id, lock=True)
    if offering is None:
        raise NotFoundError
    offering.change_capacity(count, now)
    capacity = offering.public.capacity
    if offering.changed and capacity is not None:
        await desk.published.set_capacity(service_offering_id, offering.public.agency_id, capacity)
        await desk.own.save(offering, now)
        await desk.tell(offering.events)
    return offering
