"""Each verb has one actor; the deadlines are those of the inter-agency form."""

from datetime import date, timedelta

import pytest

from contracts.terms import AgeBand, CustodyAct, ReferralStatus, Urgency
from services.referrals.domain.case import age_band_of, new_code
from services.referrals.domain.deadlines import allowed, begin, next_stage, stages
from services.referrals.domain.rules import RULES, possible_verbs, verbs_of
from services.referrals.domain.terms import Side, Stage, Step, Verb
from services.referrals.messaging.incoming import _ACTS
from tests.unit.referrals.copies import START


def test_each_verb_has_one_actor_but_for_the_beneficiarys_own() -> None:
    shared = set(verbs_of(Side.REFERRING)) & set(verbs_of(Side.RECEIVING))

    assert shared == {Verb.WITHDRAW_CONSENT}
    assert set(verbs_of(Side.REFERRING)) | set(verbs_of(Side.RECEIVING)) == set(Verb)


def test_every_act_has_its_rule_and_every_told_act_its_handler() -> None:
    assert set(RULES) == set(CustodyAct)
    assert {*_ACTS.values(), CustodyAct.SENT} == {act.value for act in CustodyAct}


def test_nothing_can_be_done_once_it_ended() -> None:
    for status in ("declined", "redirected", "withdrawn", "consent_withdrawn", "expired"):
        for side in Side:
            assert possible_verbs(side, ReferralStatus(status)) == frozenset()


@pytest.mark.parametrize(
    ("urgency", "acknowledge", "decide"),
    [(Urgency.EMERGENCY, 4, 24), (Urgency.URGENT, 24, 72), (Urgency.NORMAL, 72, 336)],
)
def test_answers_are_due_by_urgency(urgency: Urgency, acknowledge: int, decide: int) -> None:
    assert allowed(Step.ACKNOWLEDGE, urgency) == timedelta(hours=acknowledge)
    assert allowed(Step.DECIDE, urgency) == timedelta(hours=decide)


def test_silence_climbs_at_half_at_once_and_at_one_and_a_half() -> None:
    deadline = begin(Step.ACKNOWLEDGE, Urgency.EMERGENCY, START)

    assert [deadline.at(stage) - START for stage in stages(Step.ACKNOWLEDGE, Side.REFERRING)] == [
        timedelta(hours=2),
        timedelta(hours=4),
        timedelta(hours=6),
    ]


def test_only_the_referring_agencys_clock_lets_a_referral_expire() -> None:
    assert next_stage(Step.DECIDE, Side.REFERRING, Stage.NATIONAL_COORDINATOR) is Stage.EXPIRED
    assert next_stage(Step.DECIDE, Side.RECEIVING, Stage.NATIONAL_COORDINATOR) is None


@pytest.mark.parametrize(
    ("year", "band"),
    [(2026, AgeBand.A0_8), (2010, AgeBand.A9_17), (1998, AgeBand.A24_30), (1930, AgeBand.A48_PLUS)],
)
def test_ages_fall_into_the_fixed_bands(year: int, band: AgeBand) -> None:
    assert age_band_of(year, date(2026, 11, 22)) is band


def test_a_case_code_says_the_country_and_the_year_and_nothing_else() -> None:
    code = new_code("kz", 2026)

    assert code.startswith("KZ-")
    assert code.endswith("-26")
    assert not set("ILOU") & set(code[3:-3])
