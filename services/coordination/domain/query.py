"""A question about counts: at most three axes, fixed bands and periods, one code a filter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from contracts.terms import AgeBand, Country, Service, Sex
from services.coordination.domain.errors import TooManyDimensionsError
from services.coordination.domain.flow import ENDS
from services.coordination.domain.lattice import ALL, Dimension, flat
from services.coordination.domain.outcomes import OutcomeGroup

MOST_AXES = 3
TIME = "period"
_TIMES = ("year", "quarter", "month")


class DimensionName(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ORIGIN = "origin"
    DESTINATION = "destination"
    SERVICE = "service"
    SEX = "sex"
    AGE_BAND = "age_band"
    OUTCOME = "outcome"


CODES: dict[str, tuple[str, ...]] = {
    "origin": tuple(Country),
    "destination": tuple(Country),
    "service": tuple(Service),
    "sex": tuple(Sex),
    "age_band": tuple(AgeBand),
    "outcome": tuple(OutcomeGroup),
}
"""All codes of an axis, whether or not anything was counted: a code that appears would say that somebody came."""


@dataclass(frozen=True)
class CountQuery:
    """`dimensions` spread the table; `filters` name one code of an axis each (`period`: 2026, 2026-Q3 or 2026-09)."""

    dimensions: tuple[DimensionName, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.axes) > MOST_AXES or sum(name in _TIMES for name in self.dimensions) > 1:
            raise TooManyDimensionsError

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """What the table is about, in one order, so that every question about it gets the same table."""
        named = {axis_of(name) for name in self.dimensions} | set(self.filters)
        return tuple(axis for axis in (TIME, *CODES) if axis in named)

    def counted_by(self, home: Country | None) -> tuple[str, ...]:
        """The axes to add cells up by: at home, one end of a corridor means nothing without the other."""
        ends = ENDS if home and set(ENDS) & set(self.axes) else ()
        return tuple(dict.fromkeys((*self.axes, *ends)))

    @property
    def time_depth(self) -> int:
        """How fine time is: 1 years, 2 quarters, 3 months."""
        spread = max((1 + _TIMES.index(name) for name in self.dimensions if name in _TIMES), default=1)
        return max(spread, period_depth(self.filters.get(TIME, ALL)))

    def without_outcome(self) -> "CountQuery":
        """The question about waits: an outcome comes after them."""
        return CountQuery(tuple(n for n in self.dimensions if n is not DimensionName.OUTCOME), self.filters)


def axis_of(name: str) -> str:
    return TIME if name in _TIMES else name


def period_depth(period: str) -> int:
    """1 for a year, 2 for a quarter, 3 for a month."""
    return 0 if period == ALL else 1 if "-" not in period else 2 if "Q" in period else 3


def periods(first: str, last: str, depth: int) -> Dimension:
    """Time as a tree from the first to the last month, down to `depth`."""
    parents: dict[str, str] = {}
    month = first
    while month <= last:
        chain = (month, quarter_of(month), month[:4], ALL)
        parents |= dict(list(pairwise(chain))[3 - depth :])
        month = _next(month)
    return Dimension(TIME, parents)


def quarter_of(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def dimension(axis: str, months: tuple[str, str], depth: int) -> Dimension:
    """The tree of an axis."""
    return periods(*months, depth) if axis == TIME else flat(axis, CODES[axis])


def coordinate(axis: str, code: str, depth: int) -> str:
    """Where a counted cell belongs on an axis; time comes as a month."""
    return (code[:4], quarter_of(code), code)[depth - 1] if axis == TIME else code
