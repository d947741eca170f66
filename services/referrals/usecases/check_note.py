"""Whether a text that is read before anybody accepts names the person: asked before it is read to them."""

from uuid import UUID

from contracts.terms import IdentityField
from services.chassis.problems import NotFoundError
from services.referrals.domain.naming import named_in
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor


async def check_note(desk: Desk, actor: Actor, case_id: UUID, note: str) -> IdentityField | None:
    """The recorded field that the note gives away. Whoever asks may be guessing, so it is audited.

    Raise NotFoundError for a case that is not there.
    """
    if await desk.cases.find(case_id) is None:
        raise NotFoundError
    await desk.audit(actor, "check_note", "case", case_id)
    return named_in(note, await desk.people.read(case_id) or {})
