"""An agency publishes an offering, or describes it anew."""

from datetime import datetime

from services.chassis.problems import NotFoundError
from services.directory.domain.errors import TooManyOfferingsError
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import Draft, ServiceOffering

MOST_OFFERINGS = 200
"""Of one agency, withdrawn ones included: many times what the largest has."""


async def publish_service_offering(desk: Desk, draft: Draft, now: datetime) -> tuple[ServiceOffering, bool]:
    """The offering as it is now, and whether it is new.

    Raises:
        NotFoundError: the id is another agency's.
        TooManyOfferingsError: the agency has as many as anybody may publish.
    """
    offering = await desk.own.find(draft.service_offering_id, lock=True)
    created = offering is None
    if offering is None:
        if await desk.own.count() >= MOST_OFFERINGS:
            raise TooManyOfferingsError(MOST_OFFERINGS)
        offering = ServiceOffering.publish(draft, now)
    else:
        offering.revise(draft, now)
    if offering.changed:
        if not await desk.published.put(offering.public):
            raise NotFoundError
        await desk.own.save(offering, now)
        await desk.tell(offering.events)
    return offering, created
