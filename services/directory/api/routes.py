"""The directory over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from services.directory.api.cursors import cursor_of, id_of, rank_of
from services.directory.api.guards import AtCounter, Counter, Publisher, Reader
from services.directory.api.schemas import (
    CapacityBody,
    DistrictsView,
    OfferingsPage,
    OneOfferingView,
    ServiceOfferingBody,
)
from services.directory.api.search_schemas import FoundView, SearchBody
from services.directory.api.views import districts_view, found_view, own_view, published_view
from services.directory.domain.ports import Desk
from services.directory.domain.ranking import Agency
from services.directory.domain.service_offering import ServiceOffering
from services.directory.usecases import change_capacity as capacity
from services.directory.usecases import publish_service_offering as publishing
from services.directory.usecases import search_service_offerings as searching
from services.directory.usecases import withdraw_service_offering as withdrawing
from services.directory.usecases.show_service_offering import show_service_offering as show

router = APIRouter(prefix="/v1", tags=["directory"])


@router.post("/service_offering_searches")
async def search_service_offerings(principal: Reader, at: AtCounter, body: SearchBody) -> FoundView:
    """Services in this country and its partners, best first, each with the reasons."""
    now = at.now()
    search = body.search(rank_of(body.cursor))
    asking = searching.Asking(principal.agency, at.home, at.corridors)
    async with at.desks.begin(None, principal.subject) as desk:
        found = await searching.search_service_offerings(desk, search, asking, now)
    return found_view(found, cursor_of(found.next), now)


@router.get("/service_offerings")
async def list_service_offerings(
    principal: Reader,
    at: AtCounter,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OfferingsPage:
    """The own agency's offerings, withdrawn ones too, in order of id."""
    async with at.desks.begin(principal.agency, principal.subject) as desk:
        found = await desk.own.page(id_of(cursor), limit + 1)
        agency = await desk.agencies.find(principal.agency) or Agency(principal.agency)
    views = [own_view(offering, agency, at.now()) for offering in found[:limit]]
    more = len(found) > limit
    return OfferingsPage(service_offerings=views, next_cursor=str(views[-1].service_offering_id) if more else None)


@router.get("/service_offerings/{service_offering_id}")
async def show_service_offering(principal: Reader, at: AtCounter, service_offering_id: UUID) -> OneOfferingView:
    """Published, from here or a partner; the own agency also sees what is private."""
    async with at.desks.begin(principal.agency, principal.subject) as desk:
        found = await show(desk, service_offering_id)
        if isinstance(found, ServiceOffering):
            return await _own(desk, found, at)
    return published_view(found, at.now())


@router.put(
    "/service_offerings/{service_offering_id}",
    responses={201: {"model": OneOfferingView, "description": "It is new."}},
)
async def publish_service_offering(
    principal: Publisher, at: AtCounter, service_offering_id: UUID, body: ServiceOfferingBody, response: Response
) -> OneOfferingView:
    """Publish, or describe anew; the caller chooses the id. 201 when it is new, 200 otherwise."""
    draft = body.draft(service_offering_id, principal.agency, at.home)
    async with at.desks.begin(principal.agency, principal.subject) as desk:
        offering, created = await publishing.publish_service_offering(desk, draft, at.now())
        view = await _own(desk, offering, at)
    response.status_code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
    return view


@router.post("/service_offerings/{service_offering_id}/withdraw")
async def withdraw_service_offering(principal: Publisher, at: AtCounter, service_offering_id: UUID) -> OneOfferingView:
    """Take it off every list; a second time changes nothing."""
    async with at.desks.begin(principal.agency, principal.subject) as desk:
        offering = await withdrawing.withdraw_service_offering(desk, service_offering_id, at.now())
        return await _own(desk, offering, at)


@router.put("/service_offerings/{service_offering_id}/capacity")
async def change_capacity(
    principal: Publisher, at: AtCounter, service_offering_id: UUID, body: CapacityBody
) -> OneOfferingView:
    """Say how many places there are; the same number again is fresh news."""
    async with at.desks.begin(principal.agency, principal.subject) as desk:
        offering = await capacity.change_capacity(desk, service_offering_id, body.count(), at.now())
        return await _own(desk, offering, at)


@router.get("/districts")
async def list_districts(_: Reader) -> DistrictsView:
    """ISO 3166-2 codes of the five countries, with names."""
    return districts_view()


async def _own(desk: Desk, offering: ServiceOffering, at: Counter) -> OneOfferingView:
    agency_id = offering.public.agency_id
    return own_view(offering, await desk.agencies.find(agency_id) or Agency(agency_id), at.now())
