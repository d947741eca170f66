"""What a country's own coordinators are told, read by somebody who knows what the country cannot count."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.terms import Country
from services.coordination.domain import disclosure
from services.coordination.domain.disclosure import PARTNER_THRESHOLD, Suppressed
from services.coordination.domain.query import DimensionName
from tests.unit.coordination.attacker import ranges, solved
from tests.unit.coordination.national_reader import PAIRS, Reader

D = DimensionName
THIRD = {D.SEX: ("female", "male", "other", "unknown"), D.MONTH: ("2026-01", "2026-02", "2026-03", "2026-04")}


@pytest.fixture(autouse=True, scope="module")
def _unrounded() -> Iterator[None]:
    """What protects small numbers before anything is rounded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disclosure, "rounding", lambda _: 1)
        yield


counts = st.one_of(st.just(0), st.integers(0, 4), st.integers(0, 40))


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    third = draw(st.sampled_from(list(THIRD)))
    cells = [f"{origin} {destination} {code}" for origin, destination in PAIRS for code in THIRD[third]]
    return Reader(third, {cell: draw(counts) for cell in cells}, draw(st.sampled_from([5, 11])))


def reader(**flows: int) -> Reader:
    """A country whose referrals are all of men: `kz_uz=81`."""
    known = {f"{origin} {destination} male": 0 for origin, destination in PAIRS}
    return Reader(D.SEX, known | {f"{pair.replace('_', ' ')} male": n for pair, n in flows.items()}, PARTNER_THRESHOLD)


def test_known_zeros_do_not_give_inland_referrals_away() -> None:
    kz = reader(kz_uz=81, uz_kz=81, kz_kz=2)

    told = {**dict(kz.asks(D.ORIGIN)), **dict(kz.asks(D.DESTINATION))}

    sent, received = (kz.counted(origin="kz"), kz.counted(destination="kz"))
    abroad, incoming = kz.counted(destination="uz"), kz.counted(origin="uz")
    assert None in (told[sent].value, told[abroad].value)
    assert None in (told[received].value, told[incoming].value)


@given(readers())
@settings(max_examples=60, deadline=None)
def test_no_small_number_can_be_worked_out_from_all_answers_together(reader: Reader) -> None:
    system = reader.equations()
    hidden = {cells: number.suppressed for cells, number in reader.told.items() if number.suppressed}
    determined, bounds = solved(system), ranges(hidden, reader.threshold, system)

    for cells in hidden:
        if 0 < reader.truth(cells) < reader.threshold:
            assert cells not in determined
            assert bounds[cells][1] - bounds[cells][0] >= 2


@given(readers())
@settings(max_examples=60, deadline=None)
def test_what_is_told_is_true_and_what_is_missing_from_a_sum_is_not_small(reader: Reader) -> None:
    assert all(number.value in (None, reader.truth(cells)) for cells, number in reader.told.items())
    for total, parts in reader.sums():
        if reader.told[total].value is not None:
            missing = sum(reader.truth(cells) for cells, number in parts.items() if number.value is None)
            assert not 0 < missing < reader.threshold


@given(readers(), st.sampled_from(Country), st.sampled_from(Country))
@settings(max_examples=30, deadline=None)
def test_every_question_has_the_same_answer(reader: Reader, origin: Country, destination: Country) -> None:
    same = [
        *reader.asks(D.DESTINATION, origin=origin),
        *reader.asks(D.ORIGIN, destination=destination),
        *reader.asks(reader.third, origin=origin, destination=destination),
        *reader.asks(reader.third, origin=origin),
    ]

    for cells, number in same:
        known = reader.told.get(cells)
        assert (number.value, number.suppressed) == ((known.value, known.suppressed) if known else (0, None))


def test_a_sum_of_two_directions_is_told_where_nothing_is_small() -> None:
    kz = reader(kz_uz=40, uz_kz=30, kz_kz=20)

    told = dict(kz.asks(D.ORIGIN, D.DESTINATION))

    assert told[kz.counted(origin="kz")].value == 60
    assert told[kz.counted(destination="kz")].value == 50
    assert told[kz.counted(origin="kz", destination="kz")].value == 20


def test_a_hidden_sum_of_two_directions_says_what_its_shown_parts_add_up_to() -> None:
    kz = reader(kz_uz=400, kz_kg=300, uz_kz=30, kz_kz=3)

    told = dict(kz.asks(D.ORIGIN, D.DESTINATION))

    sent = told[kz.counted(origin="kz")]
    parts = [told[kz.counted(origin="kz", destination=country)].value or 0 for country in Country]
    assert (sent.value, sent.suppressed, sent.at_least) == (None, Suppressed.COMPLEMENTARY, sum(parts))
    assert sent.at_least


def test_what_is_missing_from_a_sum_of_two_directions_is_not_small() -> None:
    """48 came to agencies at home: 22 men and 23 unknown were told from the whole, and so were the 3 others."""
    counts = {f"{origin} {destination} {sex}": 0 for origin, destination in PAIRS for sex in THIRD[D.SEX]}
    counts |= {"kz kz male": 22, "kz kz unknown": 1, "kz kg other": 16, "kz tm female": 1}
    counts |= {"uz kz other": 3, "uz kz unknown": 22}
    kz = Reader(D.SEX, counts, PARTNER_THRESHOLD)

    parts = [kz.counted(destination="kz", sex=sex) for sex in THIRD[D.SEX]]

    hidden = [kz.truth(cells) for cells in parts if kz.told[cells].value is None]
    assert kz.told[kz.counted(destination="kz")].value == 48
    assert not 0 < sum(hidden) < PARTNER_THRESHOLD
