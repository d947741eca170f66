"""The order of answers: fit, then the words asked for, each agency in turn, nearness, places, name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.terms import AgencyKind
from services.directory.domain.capacity import CapacityView, Freshness, Places, capacity_at
from services.directory.domain.matching import Criterion, Group, criteria, group_of
from services.directory.domain.needs import Need, Place
from services.directory.domain.service_offering import PublicOffering, Texts

STRONG_WORDS = 0.6
_A_TURN = 5
"""How many offerings an agency shows before the others have shown as many."""


class Nearness(StrEnum):
    DISTRICT = "district"
    COUNTRY = "country"
    CORRIDOR = "corridor"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Agency:
    """What the directory knows of an agency; names come by another lane than offerings, so they may be late."""

    agency_id: str
    names: Texts | None = None
    kind: AgencyKind | None = None


@dataclass(frozen=True)
class Candidate:
    """An offering that the words and filters let through; `relevance` is 0 to 1."""

    offering: PublicOffering
    agency: Agency
    relevance: float = 1.0


class Rank(NamedTuple):
    """Compares as the order of answers; contains nothing of the need's text."""

    group: int
    words: int
    turn: int
    nearness: int
    places: int
    name: str
    id: str


@dataclass(frozen=True)
class Result:
    """A candidate, judged."""

    candidate: Candidate
    criteria: tuple[Criterion, ...]
    group: Group
    nearness: Nearness
    capacity: CapacityView
    rank: Rank


def judge(candidate: Candidate, need: Need, place: Place, now: datetime) -> Result:
    """Match one candidate and give it its rank."""
    offering = candidate.offering
    found = criteria(need, offering)
    group, near = group_of(found), _nearness(offering, place)
    capacity = capacity_at(now, offering.capacity)
    rank = Rank(
        _GROUPS.index(group),
        0 if candidate.relevance >= STRONG_WORDS else 1,
        0,
        _NEARNESS.index(near),
        _places(capacity),
        offering.names.en.casefold(),
        str(offering.service_offering_id),
    )
    return Result(candidate, found, group, near, capacity, rank)


def ranked(
    candidates: Sequence[Candidate], need: Need, place: Place, now: datetime, places: frozenset[Places] = frozenset()
) -> list[Result]:
    """All candidates judged, best first; `places` keeps only those whose places are so.

    In each group every agency has its turn: a few offerings, then those of the others. Else one that publishes a
    thousand would be all that anybody finds.
    """
    results = [judge(candidate, need, place, now) for candidate in candidates]
    told = Counter[tuple[Group, str]]()
    found = []
    for one in sorted(results, key=lambda one: one.rank):
        if not places or one.capacity.places in places:
            whose = (one.group, one.candidate.agency.agency_id)
            found.append(replace(one, rank=one.rank._replace(turn=told[whose] // _A_TURN)))
            told[whose] += 1
    return sorted(found, key=lambda one: one.rank)


_GROUPS = tuple(Group)
_NEARNESS = tuple(Nearness)


def _nearness(offering: PublicOffering, place: Place) -> Nearness:
    if offering.district in place.districts:
        return Nearness.DISTRICT
    if offering.country in place.countries:
        return Nearness.COUNTRY
    return Nearness.CORRIDOR if offering.country in place.corridors else Nearness.ELSEWHERE


def _places(capacity: CapacityView) -> int:
    """Free and fresh, free but old, unknown, none."""
    if capacity.places is Places.FREE:
        return 0 if capacity.state is Freshness.FRESH else 1
    return 2 if capacity.places is Places.UNKNOWN else 3
