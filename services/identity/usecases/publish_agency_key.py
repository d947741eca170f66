"""Publish an agency's public keys; the private halves stay with the key provider."""

from services.identity.domain.events import AgencyKeyPublished
from services.identity.domain.ports import Agencies, AgencyKeys


async def publish_agency_key(agencies: Agencies, keys: AgencyKeys, agency_id: str) -> list[AgencyKeyPublished]:
    """The event, unless this version was published before."""
    key = keys.create_keys(agency_id)
    if await agencies.has_key(agency_id, key.version):
        return []
    return [AgencyKeyPublished(key, await agencies.add_key(key))]
