"""Decision records are one screen and name a check that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "contracts" / "decisions").glob("*.md"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_is_one_screen(record: Path) -> None:
    assert len(record.read_text()) < 2600
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", record.stem)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_names_a_check_that_exists(record: Path) -> None:
    enforced = record.read_text().split("**Enforced by**")[1]

    named = [path.split("::")[0] for path in re.findall(r"`(tests/[^`]+)`", enforced)]

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_records_are_numbered_without_gaps() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
