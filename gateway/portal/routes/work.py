"""My work and the inbox."""

from asyncio import gather
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from contracts.terms import Role, Service
from gateway.portal.clients import directory, referrals
from gateway.portal.clients.api import ApiError, ServiceAwayError
from gateway.portal.clients.directory import Offering
from gateway.portal.clients.referrals import Item
from gateway.portal.labels import label, small
from gateway.portal.present.offers import capacity
from gateway.portal.present.places import district_name, named, partners
from gateway.portal.present.referral import today
from gateway.portal.present.rows import Row, day_of, incoming, is_queued, returned_of, returned_row, row
from gateway.portal.routes.session import see
from gateway.portal.signs import CAME_BACK, FINISHED
from gateway.portal.visit import Visit, allowed, form_of
from gateway.portal.words import _, ago

router = APIRouter()
_PUBLISHERS = (Role.SUPERVISOR, Role.AGENCY_ADMIN)
Caseworker = Annotated[Visit, Depends(allowed(Role.CASEWORKER, Role.SUPERVISOR))]


@router.get("/work")
async def show_work(found: Caseworker) -> Response:
    """What is on the desk, the most urgent first."""
    sent, received, ended, links = await gather(
        referrals.referrals(found.api, role="referring"),
        referrals.referrals(found.api, role="receiving", move="mine"),
        referrals.referrals(found.api, role="referring", status=sorted(CAME_BACK), limit=50),
        found.site.known.links(found.api),
    )
    returned = returned_of(ended, sent)
    back = {one.item.referral_id for one in returned}
    day = day_of([item for item in [*sent, *received] if item.referral_id not in back])
    counts = [
        (len(day.overdue), _("overdue")),
        (len(day.today), _("before the day ends")),
        (len(returned), _("came back without help")),
        (len(day.later), _("later")),
        (len(day.waiting), _("waiting for others")),
    ]
    return found.page(  # type: ignore[no-any-return]
        "work.html",
        section="/work",
        today=today(),
        counts=counts,
        overdue=[row(item) for item in day.overdue],
        before_evening=[row(item) for item in day.today],
        returned=[returned_row(one) for one in returned],
        later=[row(item) for item in day.later],
        waiting=[row(item) for item in day.waiting],
        drafts=[_draft(item) for item in day.drafts],
        partners=partners(links, found.site.pages.partners),
        queued=sum(1 for item in day.waiting if is_queued(item)),
    )


def _draft(item: Item) -> dict[str, str]:
    return {
        "href": f"/referrals/{item.referral_id}/send",
        "code": item.code,
        "words": small(label(Service, item.service)),
        "saved": _("saved %(when)s", when=ago(item.created_at)),
    }


@router.get("/inbox")
async def show_inbox(found: Caseworker) -> Response:
    """Incoming referrals by deadline; previews only."""
    items, links, districts, places = await gather(
        referrals.referrals(found.api, role="receiving"),
        found.site.known.links(found.api),
        found.site.known.districts(found.api),
        _places(found),
    )
    items.sort(key=lambda item: item.next_deadline.due_at.timestamp() if item.next_deadline else float("inf"))
    rows: dict[str, list[Row]] = {"mine": [], "theirs": [], "ended": []}
    for item in items:
        place = "ended" if item.status in FINISHED else "mine" if item.move == "mine" else "theirs"
        rows[place].append(incoming(item, district_name(item.district, districts)))
    return found.page(  # type: ignore[no-any-return]
        "inbox.html",
        section="/inbox",
        today=today(),
        partners=partners(links, found.site.pages.partners),
        places=[_own(one, may_change=found.session.has(*_PUBLISHERS)) for one in places],
        mine=rows["mine"],
        theirs=rows["theirs"],
        ended=rows["ended"],
    )


async def _places(found: Visit) -> list[Offering]:
    try:
        offerings = await directory.own_offerings(found.api)
    except (ApiError, ServiceAwayError):
        return []  # the side column must not take the inbox down
    return [one for one in offerings if one.status != "withdrawn" and one.capacity.available is not None]


def _own(offering: Offering, *, may_change: bool) -> dict[str, object]:
    return {
        "id": offering.service_offering_id,
        "name": named(offering.names, offering.service),
        "capacity": capacity(offering.capacity),
        "available": offering.capacity.available,
        "may_change": may_change,
    }


@router.post("/places/{service_offering_id}")
async def change_places(found: Caseworker, service_offering_id: str) -> Response:
    """How many places are free now."""
    said = form_of(found.request).value("available")
    offering = await directory.offering(found.api, service_offering_id)
    if said.isascii() and said.isdigit() and len(said) <= 5:  # noqa: PLR2004  (the directory takes 100 000 at most)
        await directory.change_capacity(found.api, service_offering_id, int(said), offering.capacity.maximum)
    return see("/inbox")
