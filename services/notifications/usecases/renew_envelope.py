"""An envelope that outlived its signature on this side of a cut is sealed again: a long cut loses nothing."""

from uuid import UUID

from services.notifications.domain.envelope import Sealed
from services.notifications.domain.ports import Seals, Unit
from services.notifications.usecases.dispatch_lane import letter_of, newest_key


async def renew_envelope(unit: Unit, seals: Seals, posted_id: UUID) -> Sealed | None:
    """A fresh envelope for the same message; None when the other side has long confirmed it."""
    held = await unit.messages.find_posted(posted_id)
    if held is None:
        return None
    key = await newest_key(unit, held.message.told.recipient)
    if key is None:
        return None
    sealed = await seals.seal(letter_of(held.message), key)
    await unit.messages.renew(held.number, held.message, sealed)
    return sealed
