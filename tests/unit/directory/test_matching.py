"""Needs against services: each criterion is met, not met or unknown, and says why."""

import pytest

from contracts.terms import AgeBand, Known, Language, Sex
from services.directory.domain.errors import AgeContradictedError
from services.directory.domain.matching import Group, State, criteria, group_of
from services.directory.domain.needs import Need
from tests.unit.directory.needs import an_offering

MET, NOT_MET, UNKNOWN = State.MET, State.NOT_MET, State.UNKNOWN
LANGUAGES = (Language.UZ, Language.TG)
UNBOUND = {"minimum_age": None, "maximum_age": None}
YOUNG = {**UNBOUND, "age_bands": (AgeBand.A18_23, AgeBand.A24_30)}

TABLE = [
    # need, service, criterion, state
    (Need(sex=Sex.FEMALE), {}, "sex", MET),
    (Need(sex=Sex.MALE), {}, "sex", NOT_MET),
    (Need(sex=Sex.FEMALE), {"sexes": ()}, "sex", UNKNOWN),
    (Need(sex=Sex.UNKNOWN), {}, "sex", UNKNOWN),
    (Need(sex=Sex.UNKNOWN), {"sexes": (Sex.FEMALE, Sex.MALE, Sex.OTHER)}, "sex", MET),
    (Need(age=17), {}, "age", NOT_MET),
    (Need(age=18), {}, "age", MET),
    (Need(age=45), {}, "age", MET),
    (Need(age=46), {}, "age", NOT_MET),
    (Need(age=0), {"minimum_age": 0, "maximum_age": 3}, "age", MET),
    (Need(age=120), {"maximum_age": None}, "age", MET),
    (Need(age=12), {"minimum_age": None}, "age", MET),
    (Need(age=30), UNBOUND, "age", UNKNOWN),
    (Need(age=23), YOUNG, "age", MET),
    (Need(age=31), YOUNG, "age", NOT_MET),
    (Need(age=20), {"age_bands": (AgeBand.A24_30,)}, "age", NOT_MET),
    (Need(age_band=AgeBand.A24_30), {}, "age", MET),
    (Need(age_band=AgeBand.A9_17), {}, "age", NOT_MET),
    (Need(age_band=AgeBand.A48_PLUS), {}, "age", NOT_MET),
    (Need(age_band=AgeBand.A48_PLUS), {"maximum_age": 60}, "age", UNKNOWN),
    (Need(age_band=AgeBand.A48_PLUS), {"maximum_age": None}, "age", MET),
    (Need(age_band=AgeBand.A39_47), {}, "age", UNKNOWN),
    (Need(age_band=AgeBand.A24_30), YOUNG, "age", MET),
    (Need(age_band=AgeBand.UNKNOWN), {}, "age", UNKNOWN),
    (Need(age_band=AgeBand.UNKNOWN), {"minimum_age": 0, "maximum_age": None}, "age", MET),
    (Need(age_band=AgeBand.UNKNOWN), YOUNG, "age", UNKNOWN),
    (Need(age=25, age_band=AgeBand.A24_30), {}, "age", MET),
    (Need(languages=LANGUAGES), {}, "languages", MET),
    (Need(languages=(Language.KK,)), {}, "languages", NOT_MET),
    (Need(languages=LANGUAGES), {"languages": ()}, "languages", UNKNOWN),
    (Need(with_children=True), {}, "with_children", MET),
    (Need(with_children=True), {"with_children": Known.NO}, "with_children", NOT_MET),
    (Need(with_children=True), {"with_children": Known.UNKNOWN}, "with_children", UNKNOWN),
    (Need(around_the_clock=True), {"around_the_clock": Known.UNKNOWN}, "around_the_clock", UNKNOWN),
    (Need(around_the_clock=True), {"around_the_clock": Known.NO}, "around_the_clock", NOT_MET),
    (Need(any_nationality=True), {}, "any_nationality", MET),
    (Need(any_nationality=True), {"any_nationality": Known.UNKNOWN}, "any_nationality", UNKNOWN),
    (Need(without_victim_status=True), {}, "without_victim_status", MET),
    (Need(without_victim_status=True), {"victim_status_required": Known.YES}, "without_victim_status", NOT_MET),
    (Need(without_victim_status=True), {"victim_status_required": Known.UNKNOWN}, "without_victim_status", UNKNOWN),
]


@pytest.mark.parametrize(("need", "service", "name", "state"), TABLE)
def test_a_need_meets_a_service(need: Need, service: dict[str, object], name: str, state: State) -> None:
    found = criteria(need, an_offering(**service))

    assert [(one.name, one.state) for one in found] == [(name, state)]


def test_what_was_not_asked_is_no_criterion() -> None:
    assert criteria(Need(), an_offering()) == ()


def test_each_criterion_carries_what_the_service_said() -> None:
    need = Need(sex=Sex.FEMALE, age=20, languages=LANGUAGES, with_children=True, without_victim_status=True)

    said = {one.name: one.value for one in criteria(need, an_offering())}

    assert said == {
        "sex": ["female"],
        "age": {"minimum": 18, "maximum": 45, "bands": []},
        "with_children": "yes",
        "languages": ["uz", "ru"],
        "without_victim_status": "no",
    }


def test_one_unknown_makes_a_question_and_one_refusal_outweighs_it() -> None:
    need = Need(sex=Sex.FEMALE, with_children=True)

    groups = [
        group_of(criteria(need, an_offering(**said)))
        for said in (
            {},
            {"with_children": Known.UNKNOWN},
            {"with_children": Known.UNKNOWN, "sexes": (Sex.MALE,)},
        )
    ]

    assert groups == [Group.FITS, Group.PARTLY_KNOWN, Group.DOES_NOT_FIT]


def test_an_age_outside_its_band_is_refused() -> None:
    with pytest.raises(AgeContradictedError):
        Need(age=31, age_band=AgeBand.A24_30).check()

    Need(age=30, age_band=AgeBand.A24_30).check()
    Need(age=30, age_band=AgeBand.UNKNOWN).check()
