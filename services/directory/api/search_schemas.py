"""A search and its answer. The search travels in a body: its words stand in no URL and no log."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from contracts.envelope import AgencyId, clean_text
from contracts.terms import AgeBand, Country, Language, Service, Sex
from services.directory.api.schemas import Age, Body, OfferingView
from services.directory.domain.capacity import Places
from services.directory.domain.matching import Group, State, Value
from services.directory.domain.needs import Narrowing, Need
from services.directory.domain.ranking import Nearness, Rank
from services.directory.usecases.search_service_offerings import Search

DistrictCode = Annotated[str, Field(max_length=60)]


class SearchBody(Body):
    """Everything is optional; what is left out is no condition.

    `text`, `service`, `countries`, `agency_id`, `places` and `districts` with `districts_only` shorten the list;
    `districts` alone are preferred; the rest are criteria, answered one by one for each result.
    """

    text: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)] = ""
    service: Service | None = None
    countries: Annotated[tuple[Country, ...], Field(max_length=5)] = ()
    districts: Annotated[tuple[DistrictCode, ...], Field(max_length=60)] = ()
    districts_only: StrictBool = False
    agency_id: AgencyId | None = None
    places: Annotated[frozenset[Places], Field(max_length=3)] = frozenset()
    sex: Sex | None = None
    age: Age | None = None
    age_band: AgeBand | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    with_children: StrictBool = False
    around_the_clock: StrictBool = False
    any_nationality: StrictBool = False
    without_victim_status: StrictBool = False
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1000)] | None = None

    def search(self, after: Rank | None) -> Search:
        need = Need(
            sex=self.sex,
            age=self.age,
            age_band=self.age_band,
            languages=self.languages,
            with_children=self.with_children,
            around_the_clock=self.around_the_clock,
            any_nationality=self.any_nationality,
            without_victim_status=self.without_victim_status,
        )
        only = self.districts if self.districts_only else ()
        narrowing = Narrowing(self.text, self.service, self.countries, only, self.agency_id)
        return Search(need, narrowing, self.districts, self.places, self.limit, after)


class CriterionView(BaseModel):
    """`value` is what the service said: a list, an age range, or yes/no/unknown."""

    name: Literal[
        "sex", "age", "with_children", "languages", "around_the_clock", "any_nationality", "without_victim_status"
    ]
    state: State
    value: Value


class ResultView(OfferingView):
    group: Group
    criteria: list[CriterionView]
    nearness: Nearness


class FoundView(BaseModel):
    """A page in order; `groups` count the whole list, `countries` what each country would add to it."""

    results: list[ResultView]
    groups: dict[Group, int]
    countries: dict[Country, int]
    searched_at: datetime
    next_cursor: str | None
    truncated: bool
