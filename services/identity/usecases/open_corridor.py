"""Open a corridor under its agreement."""

from services.identity.domain.agencies import Corridor
from services.identity.domain.events import CorridorOpened
from services.identity.domain.ports import Corridors


async def open_corridor(corridors: Corridors, corridor: Corridor) -> list[CorridorOpened]:
    """The event, unless the corridor is open."""
    if await corridors.is_open(corridor.origin, corridor.destination):
        return []
    await corridors.add(corridor)
    return [CorridorOpened(corridor)]
