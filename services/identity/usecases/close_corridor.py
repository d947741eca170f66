"""Close a corridor whose agreement no longer opens it."""

from services.identity.domain.agencies import Corridor
from services.identity.domain.events import CorridorClosed
from services.identity.domain.ports import Corridors


async def close_corridor(corridors: Corridors, corridor: Corridor) -> list[CorridorClosed]:
    """The event, unless the corridor is closed."""
    return [CorridorClosed(corridor)] if await corridors.close(corridor.origin, corridor.destination) else []
