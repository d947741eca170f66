"""A caseworker looks for a service: own country and partners, with reasons, unknowns shown."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from contracts.terms import Country
from services.directory.domain.capacity import Places
from services.directory.domain.matching import Group
from services.directory.domain.needs import Narrowing, Need, Place, countries_of
from services.directory.domain.ports import Desk
from services.directory.domain.ranking import Rank, Result, ranked

MOST_CANDIDATES = 1000


@dataclass(frozen=True)
class Search:
    """What is asked; `districts` are preferred, and with `districts_only` nothing else is shown."""

    need: Need
    narrowing: Narrowing
    districts: tuple[str, ...]
    places: frozenset[Places]
    limit: int
    after: Rank | None


@dataclass(frozen=True)
class Asking:
    """Who asks: an agency, the country it is in, and the countries that one exchanges referrals with."""

    agency_id: str
    home: Country
    corridors: frozenset[Country]


@dataclass(frozen=True)
class Found:
    """One page of results, and what the whole list holds; `truncated` when more matched than are ranked."""

    results: list[Result]
    groups: dict[Group, int]
    countries: dict[Country, int]
    next: Rank | None
    truncated: bool


async def search_service_offerings(desk: Desk, search: Search, asking: Asking, now: datetime) -> Found:
    """Ranked from where the service is wanted, or else from where the asking agency is."""
    search.need.check()
    wanted = countries_of(search.districts)
    own = None if search.districts else await desk.agencies.district(asking.agency_id)
    districts = frozenset(search.districts) or frozenset({own} if own else ())
    place = Place(districts, wanted or frozenset({asking.home}), asking.corridors | {asking.home})
    candidates = await desk.published.candidates(search.narrowing, MOST_CANDIDATES + 1)
    results = ranked(candidates[:MOST_CANDIDATES], search.need, place, now, search.places)
    rest = [one for one in results if search.after is None or one.rank > search.after]
    page = rest[: search.limit]
    counted = Counter(one.group for one in results)
    return Found(
        results=page,
        groups={group: counted[group] for group in Group},
        countries=await desk.published.by_country(search.narrowing),
        next=page[-1].rank if len(rest) > len(page) else None,
        truncated=len(candidates) > MOST_CANDIDATES,
    )
