"""What another country may put into a contract: nothing that this one could not show, sort or add up."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Count, Instant, Month
from contracts.events.identity import Name
from contracts.events.referrals import Text


@pytest.mark.parametrize(
    "said", ["0001-01-01T00:00:00+14:00", "2019-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_an_instant_is_of_our_time(said: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(said)
    assert TypeAdapter(Instant).validate_python("2026-11-27T00:00:00Z") == datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("said", ["2026-00", "2026-13", "2026-99", "1999-12", "2100-01", "9999-12"])
def test_a_month_is_one(said: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Month).validate_python(said)
    assert TypeAdapter(Month).validate_python("2026-11") == "2026-11"


def test_a_count_can_be_added_up() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(10_000_001)


@pytest.mark.parametrize("said", ["Zz\u202eamuk", "Zz\x07", "Zz\x00", "   "])
def test_a_name_reads_as_it_is_stored(said: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(said)


def test_a_text_may_have_lines_and_no_control_characters() -> None:
    assert TypeAdapter(Text).validate_python("One\nTwo\t") == "One\nTwo\t"
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python("One\u2066Two")
