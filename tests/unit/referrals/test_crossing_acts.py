"""Crossings one by one, as a reader would tell them."""

import pytest

from contracts.events.referrals import IndicatorFactRecorded
from contracts.terms import CustodyAct, DeclineReason, Outcome, ReferralStatus, WithdrawalReason
from services.referrals.domain.errors import ActImpossibleError, NotYoursToSayError, WrongStateError
from services.referrals.domain.referral import Referral
from services.referrals.domain.terms import Move, Step, Verb
from services.referrals.messaging.outgoing import outgoing
from tests.unit.referrals.copies import STAFF, Copies

SERVED = {ReferralStatus.SERVICE_DELIVERED, ReferralStatus.CLOSED}


def asked() -> tuple[Copies, Referral]:
    """Sent, read, and a question has come back."""
    copies = Copies()
    copies.send()
    copies.deliver_to_receiving()
    there = copies.there
    assert there is not None
    there.acknowledge(STAFF, copies.tick())
    there.request_information(STAFF, copies.tick(), "A room?")
    copies.post()
    copies.drain()
    return copies, there


@pytest.mark.parametrize("decision", ["accepted", "declined"])
def test_an_answer_that_crosses_the_decision_is_logged_and_changes_nothing(decision: str) -> None:
    copies, there = asked()
    copies.here.give_information(STAFF, copies.tick(), "Yes")
    if decision == "accepted":
        there.accept(STAFF, copies.tick(), None)
    else:
        there.decline(STAFF, copies.tick(), DeclineReason.NO_CAPACITY, None)
    copies.post()

    copies.drain()

    assert (copies.here.status, there.status) == (ReferralStatus(decision), ReferralStatus(decision))
    assert CustodyAct.INFORMATION_GIVEN in [act.entry.act for act in copies.log_there]


def test_an_acknowledgement_that_crosses_a_withdrawal_comes_too_late() -> None:
    copies = Copies()
    copies.send()
    copies.deliver_to_receiving()
    there = copies.there
    assert there is not None
    there.acknowledge(STAFF, copies.tick())
    copies.here.withdraw(STAFF, copies.tick(), WithdrawalReason.SENT_IN_ERROR)
    copies.post()

    copies.drain()

    assert (copies.here.status, there.status) == (ReferralStatus.WITHDRAWN, ReferralStatus.WITHDRAWN)
    assert copies.here.codes == there.codes == {"withdrawal_reason": "sent_in_error"}


def test_an_act_of_the_other_side_is_refused_from_the_wrong_hand() -> None:
    copies, there = asked()
    ours = next(act for act in copies.log_here if act.own)

    with pytest.raises(NotYoursToSayError):
        copies.here.learn(ours.entry, ours.event_id, copies.tick())
    assert there.status is ReferralStatus.INFORMATION_REQUESTED


def test_an_act_that_cannot_follow_is_impossible_not_late() -> None:
    copies, there = asked()
    there.status = ReferralStatus.IN_PROGRESS
    there.record_delivered(STAFF, copies.tick(), None)
    copies.post()

    with pytest.raises(ActImpossibleError):
        copies.deliver_to_referring()


def test_a_question_passes_the_move_to_the_referring_agency_and_keeps_the_decision_running() -> None:
    copies, there = asked()

    assert copies.here.expected().move is Move.MINE
    assert there.expected().move is Move.THEIRS
    assert list(there.deadlines) == [Step.GIVE_INFORMATION, Step.DECIDE]


def test_a_refused_verb_names_what_is_possible() -> None:
    copies, _ = asked()

    with pytest.raises(WrongStateError) as refused:
        copies.here.send(STAFF, copies.tick(), copies.here.consent)  # type: ignore[arg-type]

    assert refused.value.detail is not None
    assert Verb.GIVE_INFORMATION in refused.value.detail


@pytest.mark.parametrize("closed", [False, True])
def test_a_service_that_crossed_a_withdrawal_is_counted_by_both_ends(closed: bool) -> None:
    """Access is closed at both; that help was given stays true."""
    copies, there = asked()
    there.accept(STAFF, copies.tick(), None)
    copies.post()
    copies.drain()
    there.start_service(STAFF, copies.tick())
    there.record_delivered(STAFF, copies.tick(), None)
    if closed:
        there.close(STAFF, copies.tick(), Outcome.NEED_MET, None)
    copies.here.withdraw_consent(STAFF, copies.tick())
    copies.post()

    copies.drain()

    assert (copies.here.status, there.status) == (ReferralStatus.CONSENT_WITHDRAWN, ReferralStatus.CONSENT_WITHDRAWN)
    ends = ((copies.here, copies.changes_here), (there, copies.changes_there))
    told = [outgoing(copy, changes)[-1].payload for copy, changes in ends]
    assert all(isinstance(fact, IndicatorFactRecorded) and fact.status in SERVED for fact in told)
