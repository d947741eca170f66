"""Suspend an agency: nobody refers to it any more, and nobody acts for it."""

from services.identity.domain.events import AgencySuspended
from services.identity.domain.ports import Agencies


async def suspend_agency(agencies: Agencies, agency_id: str) -> list[AgencySuspended]:
    """The event, unless it is suspended, or nobody knows it."""
    return [AgencySuspended(agency_id)] if await agencies.suspend(agency_id) else []
