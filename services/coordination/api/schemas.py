"""Bodies of the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.terms import AgeBand, Country, ReferralStatus, Service, Sex
from services.coordination.domain.counts import Publication
from services.coordination.domain.disclosure import Suppressed, rounding
from services.coordination.domain.outcomes import GROUPS, OutcomeGroup
from services.coordination.domain.ports import OwnCount
from services.coordination.domain.query import CountQuery, DimensionName
from services.coordination.domain.table import Number, Wait
from services.coordination.usecases.query_counts import CountAnswer


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Filters(Body):
    """One code each; `period` is a year, a quarter or a month."""

    period: Annotated[str, Field(pattern=r"^20[0-9]{2}(-Q[1-4]|-(0[1-9]|1[0-2]))?$")] | None = None
    origin: Country | None = None
    destination: Country | None = None
    service: Service | None = None
    sex: Sex | None = None
    age_band: AgeBand | None = None
    outcome: OutcomeGroup | None = None


class CountQueryRequest(Body):
    """Dimensions and filters together may name three of period, origin, destination, service, sex and so on."""

    dimensions: Annotated[tuple[DimensionName, ...], Field(max_length=3)] = ()
    filters: Filters = Filters()

    def query(self) -> CountQuery:
        return CountQuery(tuple(dict.fromkeys(self.dimensions)), self.filters.model_dump(exclude_none=True))


class NumberView(Body):
    """`value`, rounded, or why it is not shown; `at_least` adds the least that is shown of a hidden total ("371+")."""

    at: Mapping[DimensionName, str]
    value: int | None
    suppressed: Suppressed | None
    at_least: int | None = None

    @classmethod
    def of(cls, number: Number) -> "NumberView":
        at = {DimensionName(name): code for name, code in number.at.items()}
        return cls(at=at, value=number.value, suppressed=number.suppressed, at_least=number.at_least)


class WaitView(Body):
    """Median hours from sending, as the middle of one of a dozen buckets.

    Null unless twice the threshold were counted and the threshold has waited.

    How many waited is not answered: beside the counts it would give small ones away.
    """

    at: Mapping[DimensionName, str]
    measure: Literal["acknowledge", "decide"]
    median_hours: int | None

    @classmethod
    def of(cls, wait: Wait) -> "WaitView":
        return cls(
            at={DimensionName(name): code for name, code in wait.at.items()},
            measure="acknowledge" if wait.measure == "acknowledge" else "decide",
            median_hours=wait.median_hours,
        )


class Definitions(Body):
    """What is counted."""

    unit: str = "referrals sent, not people; drafts are not counted"
    month: str = "month of sending, UTC"
    below_threshold: str = "from 1 to threshold - 1"
    rounded_to: str = "the nearest of these multiples, halves up; what is added up is added before it is rounded"
    complementary: str = "withheld so that no small number can be worked out; may be any number"
    outcomes: Mapping[OutcomeGroup, tuple[ReferralStatus, ...]] = Field(
        default_factory=lambda: {group: tuple(sorted(states)) for group, states in GROUPS.items()}
    )


class CountTableView(Body):
    dimensions: tuple[DimensionName, ...]
    filters: Filters
    rows: tuple[NumberView, ...]
    totals: tuple[NumberView, ...]
    waits: tuple[WaitView, ...]
    threshold: int
    rounded_to: int
    as_of: datetime | None
    definitions: Definitions

    @classmethod
    def of(cls, request: CountQueryRequest, answer: CountAnswer) -> "CountTableView":
        return cls(
            dimensions=request.query().dimensions,
            filters=request.filters,
            rows=tuple(NumberView.of(number) for number in answer.table.rows),
            totals=tuple(NumberView.of(number) for number in answer.table.totals),
            waits=tuple(WaitView.of(wait) for wait in answer.table.waits),
            threshold=answer.threshold,
            rounded_to=rounding(answer.threshold),
            as_of=answer.as_of,
            definitions=Definitions(),
        )


class PublicationView(Body):
    country: Country
    as_of: datetime
    received_at: datetime

    @classmethod
    def of(cls, publication: Publication) -> "PublicationView":
        return cls(country=publication.country, as_of=publication.as_of, received_at=publication.received_at)


class PublicationList(Body):
    publications: tuple[PublicationView, ...]


class AgencyCountView(Body):
    side: Literal["referring", "receiving"]
    month: str
    service: Service
    status: ReferralStatus
    value: int

    @classmethod
    def of(cls, count: OwnCount) -> "AgencyCountView":
        return cls(
            side="referring" if count.side == "referring" else "receiving",
            month=count.month,
            service=Service(count.service),
            status=ReferralStatus(count.status),
            value=count.count,
        )


class AgencyCounts(Body):
    """The agency's own true counts; nothing is suppressed."""

    agency_id: str
    rows: tuple[AgencyCountView, ...]
