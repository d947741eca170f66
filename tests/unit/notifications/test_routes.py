"""Lanes and subjects: the hub learns sizes and agencies, never a referral."""

import json
from uuid import uuid4

import pytest

from services.chassis.telemetry import context_of
from services.notifications.domain.errors import EnvelopeRefusedError
from services.notifications.domain.messages import Message
from services.notifications.domain.receipts import Receipt
from services.notifications.domain.routes import border_subject, needs_corridor, outward_subject
from tests.unit.notifications.letters import NAJOT, SAPAR, an_event


def test_a_subject_tells_the_way_and_hides_the_referral() -> None:
    referral = str(uuid4())
    message = Message.of(an_event(subject=referral, lane=f"addressed:{referral}"), SAPAR, NAJOT)

    subject = outward_subject(message.destination, SAPAR, message.lane)

    assert subject.startswith("out.UZ.kz_sapar-demo.")
    assert referral not in subject
    assert border_subject(subject) == f"xb.{subject}"


def test_events_of_one_lane_share_a_subject_and_those_of_two_do_not() -> None:
    lanes = [
        Message.of(an_event(lane=lane), SAPAR, NAJOT).lane for lane in ("addressed:1", "addressed:1", "addressed:2")
    ]

    subjects = [outward_subject("uz", SAPAR, lane) for lane in lanes]

    assert subjects[0] == subjects[1] != subjects[2]


@pytest.mark.parametrize("event_type", ["referral.sent.v1", "referral.identity_released.v1"])
def test_only_agencies_of_two_countries_need_a_corridor(event_type: str) -> None:
    assert needs_corridor(event_type, SAPAR, NAJOT)
    assert not needs_corridor(event_type, SAPAR, "kz.clinic-demo")
    assert not needs_corridor(event_type, "kz.node", "uz.node")


@pytest.mark.parametrize("event_type", ["consent.withdrawn.v1", "referral.withdrawn.v1", "referral.accepted.v1"])
def test_what_follows_on_a_referral_that_has_crossed_travels_when_the_corridor_has_closed(event_type: str) -> None:
    assert not needs_corridor(event_type, SAPAR, NAJOT)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"envelope_id":"x"}', b'{"envelope_id":1,"digest":"a","stages":[]}', b"[" * 9000]
)
def test_what_is_no_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeRefusedError):
        Receipt.from_bytes(data)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-27T00:00:00"])
def test_a_receipt_of_an_absurd_time_is_refused(at: str) -> None:
    with pytest.raises(EnvelopeRefusedError):
        Receipt.from_bytes(_receipt(stages=[{"stage": "opened", "at": at}]))


@pytest.mark.parametrize("traceparent", [5, "a-b", [], "00-x"])
def test_a_receipt_with_an_odd_trace_is_a_receipt(traceparent: object) -> None:
    assert context_of(Receipt.from_bytes(_receipt(traceparent=traceparent)).traceparent) is None


def _receipt(**more: object) -> bytes:
    return json.dumps({"envelope_id": str(uuid4()), "digest": "a" * 64, "stages": [], **more}).encode()
