"""An answer about places has an age: fresh for a day, old for a week, then unknown with the last answer beside."""

from datetime import timedelta

import pytest

from services.directory.domain.capacity import Freshness, Places, capacity_at
from services.directory.domain.service_offering import Capacity
from tests.unit.directory.needs import NOW

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "available", "state", "places"),
    [
        (timedelta(), 3, Freshness.FRESH, Places.FREE),
        (-timedelta(minutes=1), 3, Freshness.FRESH, Places.FREE),
        (DAY - SECOND, 3, Freshness.FRESH, Places.FREE),
        (DAY, 3, Freshness.OLD, Places.FREE),
        (DAY, 0, Freshness.OLD, Places.NONE),
        (7 * DAY - SECOND, 3, Freshness.OLD, Places.FREE),
        (7 * DAY, 3, Freshness.STALE, Places.UNKNOWN),
        (7 * DAY, 0, Freshness.STALE, Places.UNKNOWN),
    ],
)
def test_an_answer_ages(age: timedelta, available: int, state: Freshness, places: Places) -> None:
    view = capacity_at(NOW, Capacity(available, 12, NOW - age))

    assert (view.state, view.places) == (state, places)


@pytest.mark.parametrize("said", [None, Capacity(3, 12, NOW + DAY)])
def test_a_capacity_that_nobody_said_or_that_comes_from_the_future_is_unknown(said: Capacity | None) -> None:
    view = capacity_at(NOW, said)

    assert (view.state, view.places, view.age) == (Freshness.UNKNOWN, Places.UNKNOWN, None)
