"""The coordinators' view: counts of one country, or of the region; on a page, and as a file."""

from asyncio import gather
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from contracts.terms import Role
from gateway.charts.cells import Cell
from gateway.portal.clients import coordination
from gateway.portal.clients.api import Api, ApiError
from gateway.portal.present import counts_file
from gateway.portal.present import region as show
from gateway.portal.present import waits as waits_of
from gateway.portal.present.places import partners
from gateway.portal.visit import Visit, allowed
from gateway.portal.words import _, clock, country, speech, weekday

router = APIRouter()
Coordinator = Annotated[Visit, Depends(allowed(Role.NATIONAL_COORDINATOR, Role.REGIONAL_COORDINATOR))]


@router.get("/corridors")
async def show_corridors(found: Coordinator, part: str = "") -> Response:
    """`part` as in `service:shelter` looks at one month, service, sex or age; the address can be kept."""
    parts = await _parts(found.api)
    filters = parts.filters(part)
    if part and not filters:
        raise ApiError("portal", 404, {"code": "not_found"})
    counts, monthly = await gather(_counts(found, filters), _monthly(found.api, filters))
    links = await found.site.known.links(found.api)
    place = _("the region") if found.site.node == "region" else country(found.site.node)
    return found.page(  # type: ignore[no-any-return]
        "corridors.html",
        section="/corridors",
        title=_("Journeys: %(place)s", place=place),
        lead=_(
            "Counts of referrals, never people. So that nobody can be recognised, numbers below %(n)s are withheld and "
            "all others rounded.",
            n=counts.threshold,
        ),
        parts=parts,
        part=part if filters else "",
        figures=show.figures(counts),
        is_small=counts.is_small,
        finding=show.finding(counts),
        flows=show.flows(counts),
        needs=show.needs(counts),
        asked_most=show.asked_most(counts, alone="service" in filters),
        threshold=counts.threshold,
        rounded=show.rounded(counts),
        waits=waits_of.waits(counts.waits),
        slowest=waits_of.slowest(counts.waits),
        curves=waits_of.curves(*monthly, counts.countries),
        limit=waits_of.in_hours(waits_of.LIMIT),
        counted=f"{weekday(counts.as_of)}, {clock(counts.as_of)}" if counts.as_of else _("nothing yet"),
        partners=partners(links, found.site.pages.partners),
    )


@router.get("/corridors.csv")
async def export_corridors(found: Coordinator, part: str = "") -> Response:
    """The same counts with the same ones withheld, one a line."""
    parts = await _parts(found.api)
    filters = parts.filters(part)
    if part and not filters:
        raise ApiError("portal", 404, {"code": "not_found"})
    counts, monthly = await gather(_counts(found, filters), _monthly(found.api, filters))
    name = f"safar-{found.site.node}-{speech().now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(counts_file.written(counts, monthly[0]), media_type="text/csv; charset=utf-8", headers=headers)


async def _parts(api: Api) -> show.Parts:
    return show.parts((await coordination.table(api, "month")).cells)


async def _monthly(api: Api, filters: Mapping[str, str]) -> tuple[waits_of.Medians, set[str]]:
    """Median waits by receiving country and month, and the months that were counted; of one month there is no curve."""
    if "period" in filters:
        return {}, set()
    found = await coordination.table(api, "destination", "month", filters=filters)
    return found.waits, {month for _destination, month in found.cells}


def _touching(node: str, pairs: Mapping[show.Pair, Cell]) -> Mapping[show.Pair, Cell]:
    """A country knows nothing of journeys between two others: they are no zero."""
    return {pair: cell for pair, cell in pairs.items() if node == "region" or node in pair}


async def _counts(found: Visit, filters: Mapping[str, str]) -> show.Counts:
    api = found.api
    by_service = ("destination",) if "service" in filters else ("service", "destination")
    pairs, ends, asked, waits, links = await gather(
        coordination.table(api, "origin", "destination", filters=filters),
        coordination.table(api, "destination", "outcome", filters=filters),
        coordination.table(api, *by_service, filters=filters),
        coordination.table(api, "destination", filters=filters),
        found.site.known.links(api),
    )
    services = {(filters.get("service", key[0]), key[-1]): cell for key, cell in asked.cells.items()}
    counts = show.Counts(
        flows=_touching(found.site.node, pairs.pairs),
        ends=ends.pairs,
        asked=services,
        waits=waits.waits,
        sent_sums=pairs.sums,
        end_sums=ends.sums,
        threshold=pairs.threshold,
        rounded_to=pairs.rounded_to,
        as_of=pairs.as_of,
    )
    return counts.among([*(link.node for link in links), found.site.node, *found.site.pages.partners])
