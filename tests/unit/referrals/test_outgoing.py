"""What is counted of a journey, and that nothing which comes after unmakes it."""

from itertools import pairwise

import pytest

from contracts.events.referrals import IndicatorFactRecorded
from contracts.terms import ReferralStatus as S
from services.referrals.domain.events import StatusChanged
from services.referrals.messaging.outgoing import outgoing
from tests.unit.referrals.copies import draft


@pytest.mark.parametrize(
    ("states", "counted"),
    [
        ((S.IN_PROGRESS, S.SERVICE_DELIVERED, S.CLOSED), S.CLOSED),
        ((S.IN_PROGRESS, S.SERVICE_DELIVERED, S.CLOSED, S.CONSENT_WITHDRAWN), S.CLOSED),
        ((S.IN_PROGRESS, S.SERVICE_DELIVERED, S.CONSENT_WITHDRAWN), S.SERVICE_DELIVERED),
        ((S.ACCEPTED, S.NOT_DELIVERED, S.CLOSED), S.NOT_DELIVERED),
        ((S.ACCEPTED, S.NOT_DELIVERED, S.CLOSED, S.CONSENT_WITHDRAWN), S.NOT_DELIVERED),
        ((S.ACCEPTED, S.CONSENT_WITHDRAWN), S.CONSENT_WITHDRAWN),
    ],
)
def test_a_journey_is_counted_as_what_became_of_it(states: tuple[S, ...], counted: S) -> None:
    changes = [StatusChanged(before, after) for before, after in pairwise(states)]

    facts = [one.payload for one in outgoing(draft(), changes)]

    at = states[0]
    for fact in facts:
        assert isinstance(fact, IndicatorFactRecorded)
        assert fact.status_before is at
        at = fact.status
    assert at is counted
