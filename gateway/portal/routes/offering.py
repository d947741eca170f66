"""One service: what its agency says of it, never where it is."""

from asyncio import gather

from fastapi import APIRouter
from fastapi.responses import Response

from gateway.portal.clients import directory
from gateway.portal.clients.api import segment
from gateway.portal.present import offers
from gateway.portal.present.offering import facts
from gateway.portal.present.places import named
from gateway.portal.routes.find import search_body
from gateway.portal.routes.work import Caseworker
from gateway.portal.visit import Visit

router = APIRouter()


@router.get("/offerings/{service_offering_id}")
async def show_offering(found: Caseworker, service_offering_id: str, search: str = "") -> Response:
    """`search` is one of this session, for which the page says why the service fits."""
    offering, searched = await gather(
        directory.offering(found.api, service_offering_id), _searched(found, service_offering_id, search)
    )
    return found.page(  # type: ignore[no-any-return]
        "offering.html",
        section="/find",
        name=named(offering.names, offering.service),
        land=offering.country,
        place=offers.where(offering),
        description=named(offering.descriptions, ""),
        offer=searched,
        search=search,
        facts=facts(offering),
        places=offers.capacity(offering.capacity),
    )


async def _searched(found: Visit, service_offering_id: str, search: str) -> offers.Offer | None:
    if not search:
        return None
    form = found.kept(search, f"/offerings/{segment(service_offering_id)}")
    answer = await directory.search(found.api, search_body(form))
    for result in answer.results:
        if result.service_offering_id == service_offering_id:
            return offers.offer(result, form.value("case_id"), search, found.session.agency)
    return None
