"""Domain to wire: the only place where an answer is put together, so the only place to check for concealment."""

from datetime import datetime
from typing import Any

from contracts.districts import DISTRICTS, district_of
from services.directory.api.schemas import (
    AgencyView,
    CapacityView,
    DistrictsView,
    DistrictView,
    EligibilityBody,
    LastAnswer,
    OneOfferingView,
    PrivateBody,
    TextsBody,
)
from services.directory.api.search_schemas import CriterionView, FoundView, ResultView
from services.directory.domain import capacity as capacities
from services.directory.domain.capacity import Freshness, capacity_at
from services.directory.domain.ranking import Agency, Candidate, Result
from services.directory.domain.service_offering import PublicOffering, ServiceOffering, Status
from services.directory.usecases.search_service_offerings import Found


def own_view(offering: ServiceOffering, agency: Agency, now: datetime) -> OneOfferingView:
    """For the agency whose offering it is."""
    private = PrivateBody(address=offering.private.address, contact=offering.private.contact)
    public = _public(offering.public, agency, capacity_at(now, offering.public.capacity))
    return OneOfferingView(**public, own=True, status=offering.status, private=private)


def published_view(candidate: Candidate, now: datetime) -> OneOfferingView:
    """For everybody else."""
    public = _public(candidate.offering, candidate.agency, capacity_at(now, candidate.offering.capacity))
    return OneOfferingView(**public, own=False, status=Status.PUBLISHED, private=None)


def found_view(found: Found, next_cursor: str | None, now: datetime) -> FoundView:
    return FoundView(
        results=[_result(result) for result in found.results],
        groups=found.groups,
        countries=found.countries,
        searched_at=now,
        next_cursor=next_cursor,
        truncated=found.truncated,
    )


def districts_view() -> DistrictsView:
    return DistrictsView(
        districts=[
            DistrictView(code=one.code, country=one.country, names=TextsBody(en=one.en, ru=one.ru)) for one in DISTRICTS
        ]
    )


def _result(result: Result) -> ResultView:
    return ResultView(
        **_public(result.candidate.offering, result.candidate.agency, result.capacity),
        group=result.group,
        criteria=[CriterionView.model_validate(vars(criterion)) for criterion in result.criteria],
        nearness=result.nearness,
    )


def _public(offering: PublicOffering, agency: Agency, capacity: capacities.CapacityView) -> dict[str, Any]:
    district = district_of(offering.district)
    names = TextsBody.of(agency.names) if agency.names else None
    return {
        "service_offering_id": offering.service_offering_id,
        "agency": AgencyView(agency_id=agency.agency_id, names=names, kind=agency.kind),
        "country": offering.country,
        "district": offering.district,
        "district_names": TextsBody(en=district.en, ru=district.ru) if district else None,
        "service": offering.service,
        "names": TextsBody.of(offering.names),
        "descriptions": TextsBody.of(offering.descriptions) if offering.descriptions else None,
        "languages": offering.languages,
        "eligibility": EligibilityBody.of(offering.eligibility),
        "capacity": _capacity(capacity),
    }


def _capacity(view: capacities.CapacityView) -> CapacityView:
    said, stale = view.said, view.state is Freshness.STALE
    return CapacityView(
        state=view.state.value,
        places=view.places.value,
        available=said.available if said and not stale else None,
        maximum=said.maximum if said else None,
        updated_at=said.updated_at if said else None,
        age_hours=round(view.age.total_seconds() / 3600, 1) if view.age is not None else None,
        last_answer=LastAnswer(available=said.available, maximum=said.maximum) if said and stale else None,
    )
