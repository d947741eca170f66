"""What is looked for. A need names no person, and still it goes into no URL and no log."""

from dataclasses import dataclass

from contracts.districts import district_of
from contracts.terms import AgeBand, Country, Language, Service, Sex
from services.directory.domain.errors import AgeContradictedError, DistrictUnknownError

OLDEST = 150
_BANDS: dict[AgeBand, tuple[int, int]] = {
    AgeBand.A0_8: (0, 8),
    AgeBand.A9_17: (9, 17),
    AgeBand.A18_23: (18, 23),
    AgeBand.A24_30: (24, 30),
    AgeBand.A31_38: (31, 38),
    AgeBand.A39_47: (39, 47),
    AgeBand.A48_PLUS: (48, OLDEST),
}


@dataclass(frozen=True)
class Need:
    """Conditions that somebody asked for; what was not asked is no criterion."""

    sex: Sex | None = None
    age: int | None = None
    age_band: AgeBand | None = None
    languages: tuple[Language, ...] = ()
    with_children: bool = False
    around_the_clock: bool = False
    any_nationality: bool = False
    without_victim_status: bool = False

    def check(self) -> None:
        """Raises AgeContradictedError when age and band exclude each other."""
        if self.age is not None and self.age_band is not None and self.age_band is not AgeBand.UNKNOWN:
            low, high = _BANDS[self.age_band]
            if not low <= self.age <= high:
                raise AgeContradictedError

    @property
    def ages(self) -> tuple[int, int] | None:
        """The ages the person may have, both included; None when age was not asked."""
        if self.age is not None:
            return self.age, self.age
        if self.age_band is None:
            return None
        return _BANDS.get(self.age_band, (0, OLDEST))


@dataclass(frozen=True)
class Place:
    """Where the service is wanted; decides the order, never the fit."""

    districts: frozenset[str]
    countries: frozenset[Country]
    corridors: frozenset[Country]


@dataclass(frozen=True)
class Narrowing:
    """What takes offerings off the list altogether."""

    text: str = ""
    service: Service | None = None
    countries: tuple[Country, ...] = ()
    districts: tuple[str, ...] = ()
    agency_id: str | None = None


def bands_of(ages: tuple[int, int]) -> frozenset[AgeBand]:
    """The bands that these ages touch."""
    return frozenset(band for band, (low, high) in _BANDS.items() if low <= ages[1] and ages[0] <= high)


def countries_of(districts: tuple[str, ...]) -> frozenset[Country]:
    """Their countries; raises DistrictUnknownError."""
    found = [district_of(code) for code in districts]
    if None in found:
        raise DistrictUnknownError("districts")
    return frozenset(district.country for district in found if district)
