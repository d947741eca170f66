from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.terms import Country
from services.coordination.domain.disclosure import Disclosed, Suppressed, disclose
from services.coordination.domain.flow import flow
from services.coordination.domain.lattice import ALL, Dimension, Key, flat, lattice
from tests.unit.coordination.attacker import equations, ranges, solved

ORIGIN = flat("origin", ["kz", "kg", "tj"])
DESTINATION = flat("destination", ["kz", "kg", "uz"])
SERVICE = flat("service", ["shelter", "legal"])
FLOW = flow(Country.KZ)
TIME = Dimension(
    "month",
    {
        "2026": ALL,
        "2026-Q1": "2026",
        "2026-Q2": "2026",
        "2026-01": "2026-Q1",
        "2026-02": "2026-Q1",
        "2026-04": "2026-Q2",
    },
)

counts = st.one_of(st.just(0), st.integers(0, 4), st.integers(0, 40))


@st.composite
def tables(draw: st.DrawFn, *dimensions: Dimension) -> tuple[tuple[Dimension, ...], dict[Key, int]]:
    keys = list(lattice(dimensions, {}).keys([len(d.levels) - 1 for d in dimensions]))
    return dimensions, {key: draw(counts) for key in keys}


any_table = st.one_of(
    tables(ORIGIN),
    tables(TIME),
    tables(ORIGIN, DESTINATION),
    tables(TIME, SERVICE),
    tables(ORIGIN, DESTINATION, SERVICE),
    tables(TIME, ORIGIN, SERVICE),
    tables(FLOW),
    tables(FLOW, SERVICE),
)
thresholds = st.sampled_from([5, 11])


def disclosed_table(table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int | None) -> Disclosed:
    return disclose(lattice(*table), threshold)


@given(any_table, thresholds)
@settings(max_examples=150, deadline=None)
def test_nothing_shown_lies_between_one_and_the_threshold(
    table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int
) -> None:
    disclosed = disclosed_table(table, threshold)

    for level in disclosed.lattice.levels():
        for key in disclosed.lattice.keys(level):
            shown = disclosed.value(key)
            assert shown is None or shown == 0 or shown >= threshold


@given(any_table, thresholds)
@settings(max_examples=150, deadline=None)
def test_no_small_number_can_be_worked_out_from_what_is_shown(
    table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int
) -> None:
    disclosed = disclosed_table(table, threshold)

    for level in set(disclosed.lattice.levels()) - disclosed.withheld:
        system = published(disclosed, level)
        determined, bounds = solved(system), ranges(disclosed.hidden, threshold, system)
        for key in {key for row, _ in system for key in row}:
            if 0 < disclosed.lattice.value(key) < threshold:
                assert key not in determined
                assert bounds[key][1] - bounds[key][0] >= 2


def test_what_a_coarse_table_hides_no_finer_one_tells() -> None:
    """A quarter of 6 was hidden to protect others; told by its parts, it gave away a month of 1."""
    counts = {("2026-01", "kz", "shelter"): 5, ("2026-01", "tj", "shelter"): 5, ("2026-02", "kz", "legal"): 3}
    counts |= {("2026-02", "kg", "legal"): 2, ("2026-02", "tj", "shelter"): 1, ("2026-04", "kz", "shelter"): 1}
    counts |= {("2026-04", "kg", "shelter"): 2, ("2026-04", "tj", "shelter"): 2}

    disclosed = disclosed_table(((TIME, ORIGIN, SERVICE), counts), 5)

    assert disclosed.value(("2026-Q1", "tj", ALL)) is None
    assert None in [disclosed.value(("2026-Q1", "tj", service)) for service in SERVICE.parents]


@given(any_table, thresholds)
@settings(max_examples=100, deadline=None)
def test_a_hidden_total_always_has_a_hidden_part(
    table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int
) -> None:
    disclosed = disclosed_table(table, threshold)

    for key in disclosed.hidden:
        for level in disclosed.lattice.levels():
            if all(a <= b for a, b in zip(disclosed.lattice.level_of(key), level, strict=True)):
                assert any(part in disclosed.hidden for part in disclosed.lattice.children(key, level))


@given(any_table, thresholds)
@settings(max_examples=150, deadline=None)
def test_what_is_missing_from_a_total_is_not_small_either(
    table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int
) -> None:
    disclosed = disclosed_table(table, threshold)

    for level in set(disclosed.lattice.levels()) - disclosed.withheld:
        for total in totals(disclosed, level):
            hidden = [part for part in disclosed.lattice.children(total, level) if part in disclosed.hidden]
            assert not 0 < sum(map(disclosed.lattice.value, hidden)) < threshold


def totals(disclosed: Disclosed, level: tuple[int, ...]) -> list[Key]:
    """The shown totals of the numbers of a level."""
    above = [one for one in disclosed.lattice.levels() if all(a <= b for a, b in zip(one, level, strict=True))]
    return [key for one in above for key in disclosed.lattice.keys(one) if key not in disclosed.hidden]


def published(disclosed: Disclosed, level: tuple[int, ...]) -> list[tuple[dict[Key, Fraction], Fraction]]:
    """What one table says: its numbers with all their totals."""

    def belongs(key: Key) -> bool:
        return all(a <= b for a, b in zip(disclosed.lattice.level_of(key), level, strict=True))

    return [(row, constant) for row, constant in equations(disclosed) if all(map(belongs, row))]


@given(tables(ORIGIN, DESTINATION), thresholds)
@settings(max_examples=150, deadline=None)
def test_a_total_has_the_same_answer_in_every_table_that_holds_it(
    table: tuple[tuple[Dimension, ...], dict[Key, int]], threshold: int
) -> None:
    both = disclosed_table(table, threshold)
    by_origin: dict[Key, int] = {}
    for (origin, _), count in table[1].items():
        by_origin[(origin,)] = by_origin.get((origin,), 0) + count

    alone = disclosed_table(((ORIGIN,), by_origin), threshold)

    for origin in (ALL, *ORIGIN.parents):
        assert alone.value((origin,)) == both.value((origin, ALL))
        assert alone.suppressed((origin,)) == both.suppressed((origin, ALL))


def test_zero_is_shown_as_zero_and_a_small_number_takes_another_with_it() -> None:
    disclosed = disclosed_table(((ORIGIN,), {("kz",): 40, ("kg",): 3, ("tj",): 0}), 11)

    assert disclosed.value((ALL,)) == 43
    assert disclosed.value(("tj",)) == 0
    assert disclosed.value(("kg",)) is None
    assert disclosed.value(("kz",)) is None


def test_beside_a_withheld_number_the_label_does_not_tell_which_is_small() -> None:
    disclosed = disclosed_table(((ORIGIN,), {("kz",): 11, ("kg",): 1, ("tj",): 0}), 11)

    assert disclosed.suppressed(("kz",)) == disclosed.suppressed(("kg",)) == Suppressed.COMPLEMENTARY


def test_small_numbers_that_add_up_to_a_small_one_take_a_large_one_with_them() -> None:
    counts = {("kz",): 91, ("kg",): 14, ("tj",): 3, ("tm",): 2, ("uz",): 1}

    disclosed = disclosed_table(((flat("origin", Country),), counts), 11)

    labels = {disclosed.suppressed((code,)) for code in ("kg", "tj", "tm", "uz")}
    assert (disclosed.value((ALL,)), disclosed.value(("kz",))) == (111, 91)
    assert labels == {Suppressed.COMPLEMENTARY}


def test_two_small_numbers_protect_each_other_and_say_so() -> None:
    disclosed = disclosed_table(((ORIGIN,), {("kz",): 40, ("kg",): 6, ("tj",): 5}), 11)

    assert disclosed.value(("kz",)) == 40
    assert disclosed.suppressed(("kg",)) == disclosed.suppressed(("tj",)) == Suppressed.BELOW_THRESHOLD


def test_an_agency_sees_its_own_true_counts() -> None:
    disclosed = disclosed_table(((ORIGIN,), {("kz",): 1}), None)

    assert disclosed.value(("kz",)) == 1
