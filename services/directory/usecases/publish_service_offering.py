"""An agency publishes an offering, or describes it anew."""

from datetime import datetime

from services.chassis.problems import NotFoundError
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import Draft, ServiceOffering


async def publish_service_offering(desk: Desk, draft: Draft, now: datetime) -> tuple[ServiceOffering, bool]:
    """The offering as it is now, and whether it is new. Raises NotFoundError when the id is another agency's."""
    offering = await desk.own.find(draft.service_offering_id, lock=True)
    created = offering is None
    if offering is None:
        offering = ServiceOffering.publish(draft, now)
    else:
        offering.revise(draft, now)
    if offering.changed:
        if not await desk.published.put(offering.public):
            raise NotFoundError
        await desk.own.save(offering, now)
        await desk.tell(offering.events)
    return offering, created
