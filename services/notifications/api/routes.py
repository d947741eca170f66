"""HTTP in."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.chassis.database import NODE, Context
from services.chassis.problems import NotFoundError
from services.notifications.api.guards import Desk, Keeper, Reader, Rows, desk, scope
from services.notifications.api.schemas import DeadLetter, DeadLetters, Deliveries, Delivery, Link, Links, Retried

router = APIRouter(prefix="/v1")

_PAGE = 200
_LATE = timedelta(seconds=15)
_COARSE = 900  # seconds

AtDesk = Annotated[Desk, Depends(desk)]


@router.get("/deliveries")
async def list_deliveries(at: AtDesk, principal: Reader, referral_id: Annotated[UUID, Query()]) -> Deliveries:
    """The own agency's messages about a referral; empty for one that is not its own."""
    async with at.begin(Context(principal.agency, principal.subject)) as unit:
        rows = await unit.envelopes.about(str(referral_id))
    return Deliveries(items=[Delivery(**dict(row)) for row in rows])


@router.get("/links")
async def list_links(at: AtDesk) -> Links:
    """How the links to the partners stand. For everyone: what is late by country, nothing of any agency."""
    async with at.begin(Context(NODE, "links")) as unit:
        waiting: Rows = await unit.messages.waiting()
        heard = await unit.arrivals.heard()
    counts = {row["destination"]: row for row in waiting}
    now = datetime.now(UTC)
    return Links(items=[_link(node, counts.get(node), heard.get(node), now) for node in at.peers])


@router.get("/dead_letters")
async def list_dead_letters(at: AtDesk, principal: Keeper) -> DeadLetters:
    """What waits for a key or a person, newest first, at most 200."""
    async with at.begin(scope(principal)) as unit:
        rows = await unit.dead_letters.page(_PAGE)
    return DeadLetters(items=[DeadLetter(**dict(row)) for row in rows])


@router.post("/dead_letters/{dead_letter_id}/retry", status_code=202)
async def retry_dead_letter(at: AtDesk, principal: Keeper, dead_letter_id: UUID) -> Retried:
    """Try one again; a parked message is tried with all that waits behind it."""
    async with at.begin(scope(principal)) as unit:
        if not await unit.dead_letters.retry(dead_letter_id):
            raise NotFoundError
    return Retried(id=dead_letter_id)


def _link(node: str, counts: Any, heard_at: datetime | None, now: datetime) -> Link:
    """What is on its way and not late is not told: anybody could watch it, and see the moment a referral crosses."""
    heard = datetime.fromtimestamp(heard_at.timestamp() // _COARSE * _COARSE, UTC) if heard_at else None
    if counts is None or now - counts["oldest"] <= _LATE:
        return Link(node=node, state="up", last_heard_at=heard, waiting=0, parked=0, oldest_waiting_since=None)
    return Link(
        node=node,
        state="waiting" if counts["waiting"] > counts["parked"] else "up",
        last_heard_at=heard,
        waiting=counts["waiting"],
        parked=counts["parked"],
        oldest_waiting_since=counts["oldest"],
    )
