"""Lanes and subjects: the hub learns sizes and agencies, never a referral."""

from uuid import uuid4

import pytest

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
