"""Enrol a member of staff or an API client with its roles. Nobody outside the agency is told."""

from services.identity.domain.agencies import ApiClient, Staff
from services.identity.domain.ports import People


async def enrol_staff(people: People, staff: Staff) -> bool:
    """Whether anything changed."""
    if await people.find_staff(staff.username) == staff:
        return False
    await people.save_staff(staff)
    return True


async def register_client(people: People, client: ApiClient) -> bool:
    """Whether anything changed."""
    if await people.find_client(client.client_id) == client:
        return False
    await people.save_client(client)
    return True
