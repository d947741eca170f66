"""Whatever the two sides do and however messages cross: both copies end alike, and no identity stays behind."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.terms import CustodyAct, DeclineReason, NotDeliveredReason, Outcome, ReferralStatus, WithdrawalReason
from services.referrals.domain.errors import WrongStateError
from services.referrals.domain.referral import Referral
from services.referrals.domain.rules import RANK, possible_verbs
from services.referrals.domain.terms import Verb
from tests.unit.referrals.copies import NAJOT, STAFF, Copies

Attempt = Callable[[Referral, Copies], None]
VERBS: dict[Verb, Attempt] = {
    Verb.GIVE_INFORMATION: lambda one, at: one.give_information(STAFF, at.tick(), "yes"),
    Verb.WITHDRAW: lambda one, at: one.withdraw(STAFF, at.tick(), WithdrawalReason.SERVED_ELSEWHERE),
    Verb.ACKNOWLEDGE: lambda one, at: one.acknowledge(STAFF, at.tick()),
    Verb.REQUEST_INFORMATION: lambda one, at: one.request_information(STAFF, at.tick(), "why?"),
    Verb.ACCEPT: lambda one, at: one.accept(STAFF, at.tick(), None),
    Verb.DECLINE: lambda one, at: one.decline(STAFF, at.tick(), DeclineReason.NO_CAPACITY, None),
    Verb.REDIRECT: lambda one, at: one.redirect(STAFF, at.tick(), "uz.mehr-demo", None),
    Verb.START_SERVICE: lambda one, at: one.start_service(STAFF, at.tick()),
    Verb.RECORD_SERVICE: lambda one, at: one.record_not_delivered(STAFF, at.tick(), NotDeliveredReason.NO_SHOW, None),
    Verb.CLOSE: lambda one, at: one.close(STAFF, at.tick(), Outcome.NEED_PARTLY_MET, None),
}


class Crossing(RuleBasedStateMachine):
    """Two agencies, two lanes, one beneficiary who may change their mind."""

    def __init__(self) -> None:
        super().__init__()
        self.copies = Copies()

    @initialize()
    def send(self) -> None:
        self.copies.send()

    @rule(data=st.data())
    def act_here(self, data: st.DataObject) -> None:
        self._act(self.copies.here, data)

    @precondition(lambda self: self.copies.there is not None)
    @rule(data=st.data())
    def act_there(self, data: st.DataObject) -> None:
        assert self.copies.there is not None
        self._act(self.copies.there, data)

    @precondition(lambda self: self.copies.there is not None)
    @rule(verb=st.sampled_from(sorted(VERBS)), here=st.booleans())
    def act_out_of_turn(self, verb: Verb, here: bool) -> None:
        copy = self.copies.here if here else self.copies.there
        assert copy is not None
        if verb not in possible_verbs(copy.side, copy.status):
            self._attempt(copy, verb)

    @rule()
    def change_mind_here(self) -> None:
        if Verb.WITHDRAW_CONSENT in possible_verbs(self.copies.here.side, self.copies.here.status):
            self.copies.consent_holds = False
            self.copies.here.withdraw_consent(STAFF, self.copies.tick())
            self.copies.post()

    @precondition(lambda self: self.copies.there is not None)
    @rule()
    def change_mind_there(self) -> None:
        there = self.copies.there
        assert there is not None
        if Verb.WITHDRAW_CONSENT in possible_verbs(there.side, there.status):
            there.withdraw_consent(STAFF, self.copies.tick())
            self.copies.holds_identity = False
            self.copies.post()

    @rule()
    def expire(self) -> None:
        if self.copies.here.status in {ReferralStatus.SENT, ReferralStatus.DELIVERED}:
            self.copies.here.expire(self.copies.tick())
            self.copies.post()

    @rule()
    def sign_for_it(self) -> None:
        self.copies.here.mark_delivered()

    @precondition(lambda self: bool(self.copies.to_receiving))
    @rule()
    def deliver_there(self) -> None:
        self.copies.deliver_to_receiving()

    @precondition(lambda self: bool(self.copies.to_referring))
    @rule()
    def deliver_here(self) -> None:
        self.copies.deliver_to_referring()

    def _act(self, copy: Referral, data: st.DataObject) -> None:
        """One of the verbs that the table allows."""
        possible = sorted(possible_verbs(copy.side, copy.status) & VERBS.keys())
        if possible:
            self._attempt(copy, data.draw(st.sampled_from(possible)))

    def _attempt(self, copy: Referral, verb: Verb) -> None:
        """A verb works exactly when the table says that it is possible; otherwise nothing changes."""
        before = (copy.status, copy.own, copy.last_act_at)
        possible = verb in possible_verbs(copy.side, copy.status)
        try:
            VERBS[verb](copy, self.copies)
        except WrongStateError:
            assert not possible
            assert (copy.status, copy.own, copy.last_act_at) == before
        else:
            assert possible
        self.copies.post()

    @invariant()
    def no_identity_without_consent(self) -> None:
        there = self.copies.there
        assert not (self.copies.holds_identity and there and there.access_closed_at)

    @invariant()
    def identity_goes_only_after_acceptance(self) -> None:
        acts = [act.entry.act for act in self.copies.log_here]
        if CustodyAct.IDENTITY_RELEASED in acts:
            assert CustodyAct.ACCEPTED in acts[: acts.index(CustodyAct.IDENTITY_RELEASED)]

    @invariant()
    def somebody_is_expected_to_move_unless_it_ended(self) -> None:
        here = self.copies.here
        ended = {
            ReferralStatus.DECLINED,
            ReferralStatus.REDIRECTED,
            ReferralStatus.CLOSED,
            ReferralStatus.CONSENT_WITHDRAWN,
            *RANK,
        }
        assert (here.expected().step is None) <= (here.status in ended)

    def teardown(self) -> None:
        """Once everything has arrived, both sides agree."""
        self.copies.drain()
        there = self.copies.there
        if there is None:
            return
        here = self.copies.here
        arrived = {ReferralStatus.SENT, ReferralStatus.DELIVERED}
        assert here.status is there.status or {here.status, there.status} <= arrived
        assert self.copies.heads()[0] == self.copies.heads()[1]
        assert (here.own, here.theirs) == (there.theirs, there.own)
        assert here.receiving_agency == there.receiving_agency == NAJOT
        if here.status is ReferralStatus.CONSENT_WITHDRAWN:
            assert not self.copies.holds_identity
            assert here.deadlines == there.deadlines == {}


Crossing.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestCrossing = Crossing.TestCase
