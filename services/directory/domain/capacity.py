"""How old an answer about places is, and what it is then worth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.directory.domain.service_offering import CLOCK_SKEW, Capacity

FRESH_FOR = timedelta(hours=24)
USABLE_FOR = timedelta(days=7)


class Freshness(StrEnum):
    """Under a day; under seven days; older, so unknown with the last answer beside; never said."""

    FRESH = "fresh"
    OLD = "old"
    STALE = "stale"
    UNKNOWN = "unknown"


class Places(StrEnum):
    """What can be said about places now."""

    FREE = "free"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True)
class CapacityView:
    """Capacity at a moment."""

    state: Freshness
    places: Places
    said: Capacity | None
    age: timedelta | None


def capacity_at(now: datetime, said: Capacity | None) -> CapacityView:
    """What the last answer is worth at that moment; one from the future (a partner's wrong clock) is none."""
    if said is None or said.updated_at > now + CLOCK_SKEW:
        return CapacityView(Freshness.UNKNOWN, Places.UNKNOWN, None, None)
    age = max(now - said.updated_at, timedelta())
    if age >= USABLE_FOR:
        return CapacityView(Freshness.STALE, Places.UNKNOWN, said, age)
    state = Freshness.FRESH if age < FRESH_FOR else Freshness.OLD
    return CapacityView(state, Places.FREE if said.available else Places.NONE, said, age)
