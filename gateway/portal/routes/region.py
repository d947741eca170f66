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
from gateway.portal.words import _, clock, country, weekday

router = APIRouter()
Coordinator = Annotated[Visit, Depends(allowed(Role.NATIONAL_COORDINATOR, Role.REGIONAL_COORDINATOR))]


@router.get("/corridors")
async def show_corridors(found: Coordinator) -> Response:
    pairs, outcomes, services, medians, links = await gather(
        coordination.table(found.api, "origin", "destination"),
        coordination.table(found.api, "destination", "outcome"),
        coordination.table(found.api, "service", "destination"),
        coordination.table(found.api, "destination"),
        found.site.known.links(found.api),
    )
    flows = {(origin, destination): cell for (origin, destination), cell in pairs.cells.items()}
    ends = {(destination, outcome): cell for (destination, outcome), cell in outcomes.cells.items()}
    asked = {(service, destination): cell for (service, destination), cell in services.cells.items()}
    here = [link.node for link in links] + [found.site.node, *found.site.pages.partners]
    countries = show.taking_part(here, flows.items(), ends.items(), asked.items())
    place = _("the region") if found.site.node == "region" else country(found.site.node)
    return found.page(  # type: ignore[no-any-return]
        "corridors.html",
        section="/corridors",
        title=_("Journeys: %(place)s", place=place),
        lead=_(
            "Counts of referrals, never people. Numbers below %(n)s are withheld so that nobody can be recognised.",
            n=pairs.threshold,
        ),
        chips=[_("All months"), _("All services"), _("All ages and sexes")],
        figures=show.figures(flows, ends, medians.waits.get(("acknowledge", ()))),
        finding=show.finding(ends),
        flows=show.flows(flows, ends, pairs.threshold),
        needs=show.needs(asked, services.threshold, countries),
        threshold=pairs.threshold,
        waits=[row for row in show.waits(medians.waits) if row["code"] in countries],
        counted=f"{weekday(pairs.as_of)}, {clock(pairs.as_of)}" if pairs.as_of else _("nothing yet"),
        partners=partners(links, found.site.pages.partners),
    )
