"""Who asks for every table there is, and combines them, is left with a range of every hidden small number."""

import random
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from services.coordination.domain.counts import NO_HOURS
from services.coordination.domain.disclosure import STEPS, Suppressed, rounding
from services.coordination.domain.query import CountQuery, DimensionName
from services.coordination.domain.table import CountedCell, Number, tabulate

AXES = {
    "origin": ("kz", "uz", "kg"),
    "destination": ("kz", "uz"),
    "service": ("shelter", "health"),
    "sex": ("female", "male"),
    "age_band": ("18-23", "24-30", "31-38"),
}
JOINT = list(product(*AXES.values()))
MONTH = "2026-11"
SIZES = {11: (1, 2, 3, 11, 12, 15, 18, 20, 25, 30), 5: (1, 2, 3, 5, 6, 8, 11, 15, 20)}

Place = tuple[str | None, ...]
Counts = Mapping[tuple[str, ...], int]


def everything_told(counts: Counts, threshold: int) -> dict[Place, Number]:
    """The answer to every question about these axes, by the codes that it names."""
    cells = [
        CountedCell({**dict(zip(AXES, at, strict=True)), "period": MONTH, "outcome": "open"}, n, NO_HOURS, NO_HOURS)
        for at, n in counts.items()
    ]
    told: dict[Place, Number] = {}
    for asked in (dimensions for size in range(4) for dimensions in combinations(AXES, size)):
        query = CountQuery(tuple(map(DimensionName, asked)))
        table = tabulate(query, cells, (MONTH, MONTH), threshold, None)
        told |= {tuple(one.at.get(axis) for axis in AXES): one for one in (*table.rows, *table.totals)}
    return {place: one for place, one in told.items() if _lies_in(place, JOINT)}


def _lies_in(place: Place, cells: list[tuple[str, ...]]) -> list[int]:
    return [number for number, at in enumerate(cells) if all(c in (None, d) for c, d in zip(place, at, strict=True))]


def meaning(number: Number, threshold: int) -> tuple[float, float]:
    """Between what and what the number lies, as its reader knows the rules."""
    step = rounding(threshold)
    if number.suppressed is Suppressed.BELOW_THRESHOLD:
        return 1, threshold - 1
    if number.value is None:
        return 0, np.inf
    if number.value == 0:
        return 0, 0
    least = threshold if number.value == 2 * step else number.value - step // 2
    return least, number.value + (step - 1) // 2


def ranges(counts: Counts, threshold: int) -> Iterator[tuple[Place, float]]:
    """How far each hidden small number can move while all that is told stays as it is: whole referrals only."""
    told = everything_told(counts, threshold)
    rows = {place: np.isin(np.arange(len(JOINT)), _lies_in(place, JOINT)).astype(float) for place in told}
    low, high = zip(*(meaning(number, threshold) for number in told.values()), strict=True)
    solve = partial(
        milp,
        constraints=LinearConstraint(np.array(list(rows.values())), low, high),
        integrality=np.ones(len(JOINT)),
        bounds=Bounds(0, 1000),
    )
    for place, row in rows.items():
        truth = sum(counts.get(JOINT[number], 0) for number in _lies_in(place, JOINT))
        if 0 < truth < threshold:
            least, most = solve(row), solve(-row)
            assert least.status == most.status == 0, "the truth itself is always possible"
            yield place, -most.fun - least.fun


def sparse(seed: int, threshold: int) -> Counts:
    """A few full cells and many empty ones: what gives most away."""
    chance = random.Random(seed)  # noqa: S311  (the same ones in every run)
    return {
        tuple(map(chance.choice, AXES.values())): chance.choice(SIZES[threshold]) for _ in range(chance.randint(3, 8))
    }


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("threshold", [11, 5])
def test_all_tables_together_leave_every_small_number_a_range(seed: int, threshold: int) -> None:
    narrow = {place: room for place, room in ranges(sparse(seed, threshold), threshold) if room < STEPS}

    assert not narrow


def test_what_was_worked_out_once_cannot_be_any_more() -> None:
    """All who came from uz were told to be 24 to 30 years old, so of the 24 of that age two came from kz."""
    counts = {
        ("kz", "kz", "shelter", "female", "24-30"): 2,
        ("kz", "kz", "health", "female", "18-23"): 18,
        ("kz", "uz", "shelter", "female", "18-23"): 11,
        ("uz", "kz", "shelter", "male", "24-30"): 20,
        ("uz", "uz", "health", "male", "24-30"): 2,
    }

    found = dict(ranges(counts, 11))

    assert found["kz", None, None, None, "24-30"] >= STEPS
    assert min(found.values()) >= STEPS
