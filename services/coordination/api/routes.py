"""Counts for coordinators, suppressed; for an agency, its own true ones."""

from datetime import UTC, datetime

from fastapi import APIRouter

from services.coordination.api import schemas
from services.coordination.api.guards import Colleague, Coordinator, CountDesk
from services.coordination.usecases.query_counts import query_counts

router = APIRouter(prefix="/v1")


@router.post("/count_queries")
async def query_count_table(
    body: schemas.CountQueryRequest, principal: Coordinator, desk: CountDesk
) -> schemas.CountTableView:
    """A table with its totals and waits. POST, because what somebody looks for belongs in no URL."""
    async with desk.ledger.node(principal.subject) as books:
        answer = await query_counts(books.cells, body.query(), desk.threshold, desk.home, datetime.now(UTC))
    return schemas.CountTableView.of(body, answer)


@router.get("/publications")
async def list_publications(principal: Coordinator, desk: CountDesk) -> schemas.PublicationList:
    """When each country last told the region its counts."""
    async with desk.ledger.node(principal.subject) as books:
        found = await books.published.publications()
    return schemas.PublicationList(publications=tuple(schemas.PublicationView.of(one) for one in found))


@router.get("/agency_counts")
async def list_agency_counts(principal: Colleague, desk: CountDesk) -> schemas.AgencyCounts:
    async with desk.ledger.agency(principal.agency, principal.subject) as books:
        found = await books.counts.of_agency()
    rows = tuple(schemas.AgencyCountView.of(count) for count in found)
    return schemas.AgencyCounts(agency_id=principal.agency, rows=rows)
