"""Whether a service fits a need, and why: each criterion is met, not met or unknown, never defaulted."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from contracts.terms import Known, Sex
from services.directory.domain.needs import OLDEST, Need, bands_of
from services.directory.domain.service_offering import Eligibility, PublicOffering

Value = str | list[str] | dict[str, int | list[str] | None]


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """What all criteria say together, in the order of the page."""

    FITS = "fits"
    PARTLY_KNOWN = "partly_known"
    DOES_NOT_FIT = "does_not_fit"


@dataclass(frozen=True)
class Criterion:
    """One condition; `value` is what the service said about it."""

    name: str
    state: State
    value: Value


_KNOWN = {Known.YES: State.MET, Known.NO: State.NOT_MET, Known.UNKNOWN: State.UNKNOWN}
_REVERSED = {Known.YES: State.NOT_MET, Known.NO: State.MET, Known.UNKNOWN: State.UNKNOWN}
_EVERY_SEX = frozenset({Sex.FEMALE, Sex.MALE, Sex.OTHER})


def criteria(need: Need, offering: PublicOffering) -> tuple[Criterion, ...]:
    """One criterion for each condition asked, in a fixed order."""
    return tuple(_criteria(need, offering))


def group_of(found: tuple[Criterion, ...]) -> Group:
    """One condition not met is enough not to fit; else one unknown is enough to have to ask."""
    states = {criterion.state for criterion in found}
    if State.NOT_MET in states:
        return Group.DOES_NOT_FIT
    return Group.PARTLY_KNOWN if State.UNKNOWN in states else Group.FITS


def _criteria(need: Need, offering: PublicOffering) -> Iterator[Criterion]:
    eligibility = offering.eligibility
    if need.sex is not None:
        yield Criterion("sex", _sex(need.sex, eligibility.sexes), [sex.value for sex in eligibility.sexes])
    if need.ages is not None:
        yield Criterion("age", _age(need.ages, eligibility), _ages_said(eligibility))
    if need.with_children:
        yield Criterion("with_children", _KNOWN[eligibility.with_children], eligibility.with_children.value)
    if need.languages:
        yield Criterion("languages", _languages(need, offering), [language.value for language in offering.languages])
    if need.around_the_clock:
        yield Criterion("around_the_clock", _KNOWN[eligibility.around_the_clock], eligibility.around_the_clock.value)
    if need.any_nationality:
        yield Criterion("any_nationality", _KNOWN[eligibility.any_nationality], eligibility.any_nationality.value)
    if need.without_victim_status:
        required = eligibility.victim_status_required
        yield Criterion("without_victim_status", _REVERSED[required], required.value)


def _sex(sex: Sex, taken: tuple[Sex, ...]) -> State:
    if not taken:
        return State.UNKNOWN
    if sex is Sex.UNKNOWN:
        return State.MET if set(taken) >= _EVERY_SEX else State.UNKNOWN
    return State.MET if sex in taken else State.NOT_MET


def _age(ages: tuple[int, int], eligibility: Eligibility) -> State:
    """Bounds and bands must both allow it; ages that are only partly allowed are a question, not an answer."""
    states = []
    if eligibility.minimum_age is not None or eligibility.maximum_age is not None:
        low = eligibility.minimum_age or 0
        high = OLDEST if eligibility.maximum_age is None else eligibility.maximum_age
        within = low <= ages[0] and ages[1] <= high
        apart = ages[1] < low or high < ages[0]
        states.append(_all_or_some(within, apart))
    if eligibility.age_bands:
        touched, taken = bands_of(ages), set(eligibility.age_bands)
        states.append(_all_or_some(touched <= taken, touched.isdisjoint(taken)))
    if not states or State.UNKNOWN in states:
        return State.NOT_MET if State.NOT_MET in states else State.UNKNOWN
    return State.NOT_MET if State.NOT_MET in states else State.MET


def _all_or_some(every: bool, none: bool) -> State:
    if every:
        return State.MET
    return State.NOT_MET if none else State.UNKNOWN


def _languages(need: Need, offering: PublicOffering) -> State:
    """One common language is enough to talk."""
    if not offering.languages:
        return State.UNKNOWN
    return State.NOT_MET if set(need.languages).isdisjoint(offering.languages) else State.MET


def _ages_said(eligibility: Eligibility) -> Value:
    return {
        "minimum": eligibility.minimum_age,
        "maximum": eligibility.maximum_age,
        "bands": [band.value for band in eligibility.age_bands],
    }
