"""Logs: one JSON line of codes and ids; what a person typed or a driver says never gets in."""

import json
import logging
import sys

import pytest

from services.chassis.logs import JsonFormatter, Log


def _line(record: logging.LogRecord) -> dict[str, object]:
    return json.loads(JsonFormatter("kz.referrals").format(record))


def test_our_event_is_a_code_with_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Log("relay").info("published", lane="node:1")

    line = _line(caplog.records[0])
    assert (line["event"], line["lane"], line["component"]) == ("published", "node:1", "kz.referrals")


def test_an_exceptions_text_is_left_out() -> None:
    try:
        int("Sample Canary")
    except ValueError:
        record = logging.LogRecord("safar.x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    line = JsonFormatter("kz.referrals").format(record)

    assert "Canary" not in line
    assert json.loads(line)["error"] == "ValueError"


def test_a_librarys_message_is_left_out() -> None:
    record = logging.LogRecord("asyncpg", logging.ERROR, __file__, 1, "DETAIL: Key (name)=(%s)", ("Canary",), None)

    assert "Canary" not in JsonFormatter("kz.referrals").format(record)
