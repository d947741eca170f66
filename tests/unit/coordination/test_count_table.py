import pytest

from contracts.terms import Country
from services.coordination.domain.counts import NO_HOURS, bucket, median
from services.coordination.domain.errors import TooManyDimensionsError, TooManyRowsError
from services.coordination.domain.query import CountQuery, DimensionName
from services.coordination.domain.table import CountedCell, Number, tabulate

D = DimensionName
MONTHS = ("2026-01", "2026-11")


def cell(count: int, hours: int | None = None, **at: str) -> CountedCell:
    waits = tuple(count * n for n in bucket(hours))
    return CountedCell(at, count, waits, NO_HOURS)


def by(numbers: tuple[Number, ...], **at: str) -> Number:
    (found,) = [number for number in numbers if number.at == at]
    return found


def test_at_most_three_axes_and_a_filter_is_one() -> None:
    with pytest.raises(TooManyDimensionsError):
        CountQuery((D.ORIGIN, D.DESTINATION, D.SEX), {"service": "shelter"})


def test_time_is_one_axis_in_one_grain() -> None:
    with pytest.raises(TooManyDimensionsError):
        CountQuery((D.MONTH, D.YEAR))


def test_a_question_without_axes_asks_how_many_in_all() -> None:
    assert [number.value for number in tabulate(CountQuery(), [cell(20)], MONTHS, 11, None).rows] == [20]


def test_a_filter_shows_a_slice_of_the_same_table() -> None:
    cells = [cell(30, origin="kz", destination="uz"), cell(2, origin="kz", destination="kg")]
    cells += [cell(4, origin="tj", destination="uz"), cell(5, origin="tj", destination="kg")]

    whole = tabulate(CountQuery((D.ORIGIN, D.DESTINATION)), cells, MONTHS, 11, None)
    kz = tabulate(CountQuery((D.DESTINATION,), {"origin": "kz"}), cells, MONTHS, 11, None)

    for row in kz.rows:
        same = by(whole.rows, origin="kz", destination=row.at["destination"])
        assert (row.value, row.suppressed) == (same.value, same.suppressed)


def test_a_month_filter_and_a_quarter_answer_from_one_tree() -> None:
    cells = [cell(20, period="2026-01"), cell(3, period="2026-02"), cell(15, period="2026-04")]

    months = tabulate(CountQuery((D.MONTH,), {"period": "2026-Q1"}), cells, MONTHS, 11, None)
    quarters = tabulate(CountQuery((D.QUARTER,)), cells, MONTHS, 11, None)

    assert {row.at["month"] for row in months.rows} == {"2026-01", "2026-02", "2026-03"}
    assert by(months.rows, month="2026-02").value is None
    assert by(months.totals).value == by(quarters.rows, quarter="2026-Q1").value == 20


def test_a_period_in_which_nothing_was_counted_is_empty() -> None:
    table = tabulate(
        CountQuery((D.ORIGIN,), {"period": "2031"}), [cell(20, period="2026-01", origin="kz")], MONTHS, 11, None
    )

    assert [number.value for number in table.rows] == []
    assert by(table.totals).value == 0


@pytest.mark.parametrize(
    ("counted", "threshold", "told"),
    [
        *((0, 11, 0), (11, 11, 20), (24, 11, 20), (25, 11, 30), (34, 11, 30), (35, 11, 40), (104, 11, 100)),
        *((5, 5, 10), (12, 5, 10), (13, 5, 15), (17, 5, 15), (18, 5, 20), (13, None, 13), (1, None, 1)),
    ],
)
def test_what_is_shown_is_told_rounded_and_ones_own_is_not(counted: int, threshold: int | None, told: int) -> None:
    assert tabulate(CountQuery(), [cell(counted)], MONTHS, threshold, None).rows[0].value == told


def test_a_hidden_total_is_told_to_be_at_least_what_its_parts_can_least_be() -> None:
    flows = {("kz", "uz"): 401, ("kz", "kg"): 300, ("uz", "kz"): 30, ("kz", "kz"): 3}
    cells = [cell(count, origin=origin, destination=place) for (origin, place), count in flows.items()]

    table = tabulate(CountQuery((D.ORIGIN, D.DESTINATION)), cells, MONTHS, 5, Country.KZ)

    sent = by(table.totals, origin="kz")
    assert (sent.value, sent.at_least) == (None, 398 + 298)


def medians(cells: list[CountedCell], threshold: int | None = 11) -> dict[str | None, int | None]:
    """Median hours to acknowledge, by receiving country."""
    table = tabulate(CountQuery((D.DESTINATION,)), cells, MONTHS, threshold, None)
    return {wait.at.get("destination"): wait.median_hours for wait in table.waits if wait.measure == "acknowledge"}


def test_a_median_is_shown_where_its_count_is_and_leaves_room_for_every_small_number() -> None:
    shown = cell(25, 20, destination="uz")
    hidden = [cell(5, 90, destination="kg"), cell(6, 90, destination="tj")]

    assert medians([shown, *hidden]) == {"uz": 18, "kg": None, "tj": None, None: 18}
    assert medians([cell(24, 20, destination="uz")])["uz"] is None, (
        "ten that wait could be told from eleven that do not"
    )


def test_a_median_is_not_shown_while_few_have_waited() -> None:
    waiting = cell(20, None, destination="uz")

    assert medians([waiting, cell(10, 20, destination="uz")])["uz"] is None
    assert medians([waiting, cell(11, 20, destination="uz")])["uz"] == 18
    assert medians([waiting, cell(1, 20, destination="uz")], threshold=None)["uz"] == 18


def test_of_a_count_that_is_withheld_for_another_there_is_no_median() -> None:
    cells = [cell(40, 20, destination="uz"), cell(3, 20, destination="kg"), cell(30, 20, destination="tj")]
    table = tabulate(CountQuery((D.DESTINATION,)), cells, MONTHS, 11, None)

    withheld = {number.at["destination"] for number in table.rows if number.suppressed}

    assert len(withheld) > 1
    assert all(medians(cells)[place] is None for place in withheld)


def test_waits_do_not_follow_the_outcome_that_came_after_them() -> None:
    cells = [cell(13, 20, destination="uz", outcome="open"), cell(13, 20, destination="uz", outcome="served")]

    table = tabulate(CountQuery((D.DESTINATION, D.OUTCOME)), cells, MONTHS, 11, None)

    assert [wait.median_hours for wait in table.waits if wait.at and wait.measure == "acknowledge"] == [18]


def test_a_table_without_end_is_refused() -> None:
    with pytest.raises(TooManyRowsError):
        tabulate(CountQuery((D.MONTH, D.SERVICE, D.AGE_BAND)), [], ("2020-01", "2026-12"), 11, None)


def test_the_median_lies_within_its_bucket() -> None:
    assert median(bucket(0)) == 0
    assert median(bucket(100)) == 96
    assert median(bucket(5000)) == 336
    assert {median((0,) * 5 + (24 - n, n) + (0,) * 5) for n in range(12)} == {18}, "no finer than its bucket"
    assert median(NO_HOURS) is None
