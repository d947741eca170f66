"""Enrol an agency, or take note that its public data changed."""

from services.identity.domain.agencies import Agency
from services.identity.domain.events import AgencyEnrolled
from services.identity.domain.ports import Agencies


async def enrol_agency(agencies: Agencies, agency: Agency) -> list[AgencyEnrolled]:
    """The event, unless the agency is known as it is."""
    if await agencies.find(agency.agency_id) == agency:
        return []
    await agencies.save(agency)
    return [AgencyEnrolled(agency)]
