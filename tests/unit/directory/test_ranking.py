"""The order of answers: fit, words, own district, own country, corridor, places, name."""

from dataclasses import replace
from datetime import timedelta

from contracts.terms import Country, Known
from services.directory.domain.capacity import Places
from services.directory.domain.needs import Need, Place
from services.directory.domain.ranking import Agency, Nearness, judge, ranked
from services.directory.domain.service_offering import Capacity
from tests.unit.directory.needs import NOW, a_candidate

ALMATY = Place(frozenset({"KZ-75"}), frozenset({Country.KZ}), frozenset({Country.UZ}))
NEED = Need(with_children=True)
KZ = {"country": Country.KZ, "district": "KZ-75"}


def order(*candidates: object, **more: object) -> list[str]:
    return [one.candidate.offering.names.en for one in ranked(candidates, NEED, ALMATY, NOW, **more)]


def test_fit_comes_before_nearness() -> None:
    assert order(
        a_candidate(en="refuses", with_children=Known.NO, **KZ),
        a_candidate(en="unsaid", with_children=Known.UNKNOWN, **KZ),
        a_candidate(en="fits"),
    ) == ["fits", "unsaid", "refuses"]


def test_the_name_asked_for_comes_before_something_similar_nearby() -> None:
    assert order(a_candidate(en="similar", relevance=0.4, **KZ), a_candidate(en="named", relevance=0.9)) == [
        "named",
        "similar",
    ]


def test_nearness_goes_from_district_to_country_to_corridor() -> None:
    assert order(
        a_candidate(en="elsewhere", country=Country.TM, district="TM-S"),
        a_candidate(en="corridor"),
        a_candidate(en="country", country=Country.KZ, district="KZ-71"),
        a_candidate(en="district", **KZ),
    ) == ["district", "country", "corridor", "elsewhere"]


def test_a_fresh_place_comes_before_an_old_one_an_unknown_one_and_none() -> None:
    def places(en: str, available: int, age: timedelta) -> object:
        return a_candidate(en=en, capacity=Capacity(available, 12, NOW - age))

    assert order(
        places("full", 0, timedelta(hours=1)),
        places("stale", 5, timedelta(days=9)),
        a_candidate(en="unsaid", capacity=None),
        places("old", 5, timedelta(days=3)),
        places("fresh", 1, timedelta(hours=1)),
    ) == ["fresh", "old", "stale", "unsaid", "full"]


def test_a_full_service_still_fits_and_is_still_shown() -> None:
    assert order(a_candidate(en="full", capacity=Capacity(0, 12, NOW))) == ["full"]


def test_names_and_then_ids_decide_what_is_left() -> None:
    results = ranked(
        [a_candidate(en="b", number=3), a_candidate(en="A", number=2), a_candidate(en="a", number=1)], NEED, ALMATY, NOW
    )

    assert [one.rank.id[-1] for one in results] == ["1", "2", "3"]


def test_only_the_asked_state_of_places_is_kept() -> None:
    free, unsaid = a_candidate(en="free"), a_candidate(en="unsaid", capacity=None)

    assert order(free, unsaid, places=frozenset({Places.UNKNOWN})) == ["unsaid"]


def test_a_result_says_how_near_it_is() -> None:
    assert judge(a_candidate(), NEED, ALMATY, NOW).nearness is Nearness.CORRIDOR


def test_who_publishes_much_does_not_keep_the_others_from_being_found() -> None:
    flood = [a_candidate(en=f"a{number:03}", number=number, **KZ) for number in range(100)]
    others = [
        replace(a_candidate(en=name, number=200 + place), agency=Agency(f"uz.{name}-demo"))
        for place, name in enumerate(("x", "y"))
    ]

    found = order(*flood, *others)

    assert found[:8] == ["a000", "a001", "a002", "a003", "a004", "x", "y", "a005"]
    assert len(found) == 102
