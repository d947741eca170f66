"""The coordinators' view: counts of one country, or of the region."""

from asyncio import gather
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from contracts.terms import Role
from gateway.portal.clients import coordination
from gateway.portal.present import region as show
from gateway.portal.present.places import partners
from gateway.portal.visit import Visit, allowed
from gateway.portal.words import _, clock, country, speech, weekday

router = APIRouter()
Coordinator = Annotated[Visit, Depends(allowed(Role.NATIONAL_COORDINATOR, Role.REGIONAL_COORDINATOR))]


@router.get("/corridors")
async def show_corridors(found: Coordinator) -> Response:
    pairs, statuses, services, links = await gather(
        coordination.table(found.api, "origin", "destination"),
        coordination.table(found.api, "destination", "status"),
        coordination.table(found.api, "service", "destination"),
        found.site.known.links(found.api),
    )
    is_region = found.site.node == "region"
    crossing = {(o, d): cell for (o, d), cell in pairs.cells.items() if o != d or not is_region}
    outcomes = {(d, s): cell for (d, s), cell in show.by_outcome(statuses.cells).items()}
    asked = {(s, d): cell for (s, d), cell in services.cells.items()}
    now = speech().now
    return found.page(  # type: ignore[no-any-return]
        "corridors.html",
        section="/corridors",
        title=_("Cross-border journeys") if is_region else _("Journeys of %(country)s", country=country(found.site.node)),
        lead=_("Counts of referrals, never people. Numbers below %(n)s are withheld so that nobody can be recognised.",
               n=pairs.threshold),
        chips=[_("All months"), _("All services"), _("All ages and sexes")],
        figures=show.figures(crossing, outcomes, is_region),
        finding=show.finding(outcomes),
        flows=show.flows(crossing, outcomes, pairs.threshold),
        needs=show.needs(asked, services.threshold),
        threshold=pairs.threshold,
        counted=f"{weekday(now)}, {clock(now)}",
        partners=partners(links, found.site.pages.partners),
    )
