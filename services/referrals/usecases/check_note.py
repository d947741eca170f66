"""Whether a text that is read before anybody accepts names the person: asked before it is read to them."""

from uuid import UUID

from services.chassis.problems import NotFoundError
from services.referrals.domain.errors import NamesThePersonError
from services.referrals.domain.naming import named_in
from services.referrals.domain.ports import Desk


async def check_note(desk: Desk, case_id: UUID, note: str) -> None:
    """Raise NamesThePersonError, or NotFoundError for a case that is not there."""
    if await desk.cases.find(case_id) is None:
        raise NotFoundError
    if named := named_in(note, await desk.people.read(case_id) or {}):
        raise NamesThePersonError(named)
