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
from gateway.portal.present.cases import line as case_line
from gateway.portal.present.offers import capacity
from gateway.portal.present.places import district_name, named, partners
from gateway.portal.present.referral import today
from gateway.portal.present.rows import Row, day_of, incoming, is_queued, returned_of, returned_row, row
from gateway.portal.routes.session import see
from gateway.portal.signs import CAME_BACK
from gateway.portal.visit import Visit, allowed, form_of
from gateway.portal.words import _, ago

router = APIRouter()
_PUBLISHERS = (Role.SUPERVISOR, Role.AGENCY_ADMIN)
_MOST_PLACES = 100_000
"""As many as the directory takes."""
Caseworker = Annotated[Visit, Depends(allowed(Role.CASEWORKER, Role.SUPERVISOR))]


@router.get("/work")
async def show_work(found: Caseworker, mine: str = "", waiting: str = "") -> Response:
    """What is on the desk, the most urgent first; `mine` and `waiting` go on where a page ended."""
    (ours, others, drafts), (sent, ended), (untouched, links) = await gather(
        gather(
            referrals.page(found.api, mine, move="mine", order="due"),
            referrals.page(found.api, waiting, move="theirs", order="due"),
            referrals.page(found.api, role="referring", status="draft", limit=20),
        ),
        gather(
            referrals.referrals(found.api, role="referring"),
            referrals.referrals(found.api, role="referring", status=sorted(CAME_BACK), limit=50),
        ),
        gather(referrals.cases_without_referral(found.api), found.site.known.links(found.api)),
    )
    returned = returned_of(ended, sent)
    back = {one.item.referral_id for one in returned}
    listed = {item.referral_id: item for item in [*ours[0], *others[0], *drafts[0]]}
    day = day_of([item for item in listed.values() if item.referral_id not in back])
    counts = [
        (len(day.overdue), _("overdue")),
        (len(day.today), _("before the day ends")),
        (len(returned), _("came back without help")),
        (_many(day.later, ours[1]), _("later")),
        (_many(day.waiting, others[1]), _("waiting for others")),
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
        untouched=[case_line(one) for one in untouched],
        more=_further("/work", mine=ours[1], waiting=others[1], drafts=drafts[1]),
        partners=partners(links, found.site.pages.partners),
        queued=sum(1 for item in day.waiting if is_queued(item)),
    )


def _many(items: list[Item], following: str) -> str:
    return f"{len(items)}+" if following else str(len(items))


def _further(path: str, **cursors: str) -> dict[str, str]:
    """The address of what follows each list, "" where nothing does."""
    return {name: f"{path}?{name}={cursor}" if cursor else "" for name, cursor in cursors.items()}


def _draft(item: Item) -> dict[str, str]:
    return {
        "href": f"/referrals/{item.referral_id}/send",
        "code": item.code,
        "words": small(label(Service, item.service)),
        "saved": _("saved %(when)s", when=ago(item.created_at)),
    }


@router.get("/inbox")
async def show_inbox(found: Caseworker, mine: str = "", theirs: str = "", ended: str = "", wrong: str = "") -> Response:
    """Incoming referrals by deadline; previews only.

    The parameters go on where a list ended; `wrong` is the offering whose number of places was not one.
    """
    (first, mine), (second, theirs), (third, ended), links, districts, places = await gather(
        referrals.page(found.api, mine, role="receiving", move="mine", order="due"),
        referrals.page(found.api, theirs, role="receiving", move="theirs", order="due"),
        referrals.page(found.api, ended, role="receiving", move="none", limit=50),
        found.site.known.links(found.api),
        found.site.known.districts(found.api),
        _places(found),
    )

    def rows(items: list[Item]) -> list[Row]:
        return [incoming(item, district_name(item.district, districts)) for item in items]

    return found.page(  # type: ignore[no-any-return]
        "inbox.html",
        section="/inbox",
        today=today(),
        partners=partners(links, found.site.pages.partners),
        places=[_own(one, wrong, may_change=found.session.has(*_PUBLISHERS)) for one in places],
        more=_further("/inbox", mine=mine, theirs=theirs, ended=ended),
        mine=rows(first),
        theirs=rows(second),
        ended=rows(third),
    )


async def _places(found: Visit) -> list[Offering]:
    try:
        offerings = await directory.own_offerings(found.api)
    except (ApiError, ServiceAwayError):
        return []  # the side column must not take the inbox down
    return [one for one in offerings if one.status != "withdrawn" and one.capacity.available is not None]


def _own(offering: Offering, wrong: str, *, may_change: bool) -> dict[str, object]:
    return {
        "id": offering.service_offering_id,
        "name": named(offering.names, offering.service),
        "capacity": capacity(offering.capacity),
        "available": offering.capacity.available,
        "may_change": may_change,
        "problem": _problem(offering.capacity.maximum) if offering.service_offering_id == wrong else "",
    }


def _problem(most: int | None) -> str:
    return _("Write a whole number, at most %(most)s", most=_MOST_PLACES if most is None else most)


@router.post("/places/{service_offering_id}")
async def change_places(found: Caseworker, service_offering_id: str) -> Response:
    """How many places are free now."""
    said = form_of(found.request).value("available")
    offering = await directory.offering(found.api, service_offering_id)
    most = offering.capacity.maximum
    if said.isascii() and said.isdigit() and int(said[:9]) <= (_MOST_PLACES if most is None else most):
        await directory.change_capacity(found.api, service_offering_id, int(said), most)
        return see("/inbox")
    return see(f"/inbox?wrong={offering.service_offering_id}")
