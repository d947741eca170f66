"""Search: reasons, groups, order, pages, counts by country."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.directory.conftest import DirectoryNode, hours_ago

SAPAR = "kz.sapar-demo:agency_admin"
KAMQOR = "kz.kamqor-demo:agency_admin"

Build = Callable[..., dict[str, Any]]


async def test_each_result_says_why_and_nothing_unknown_is_hidden(kz: DirectoryNode, offering: Build) -> None:
    await kz.enrol("kz.sapar-demo", en="Sapar", ru="Сапар")
    await kz.put(offering("Fits", eligibility={"sexes": ["female"], "with_children": "yes"}))
    await kz.put(offering("Unsaid", eligibility={"sexes": ["female"]}))
    await kz.put(offering("Refuses", eligibility={"with_children": "no"}))

    answer = await kz.search(sex="female", with_children=True)

    said = [
        (one["names"]["en"], one["group"], [(c["name"], c["state"]) for c in one["criteria"]])
        for one in answer["results"]
    ]
    assert said == [
        ("Fits", "fits", [("sex", "met"), ("with_children", "met")]),
        ("Unsaid", "partly_known", [("sex", "met"), ("with_children", "unknown")]),
        ("Refuses", "does_not_fit", [("sex", "unknown"), ("with_children", "not_met")]),
    ]
    assert answer["groups"] == {"fits": 1, "partly_known": 1, "does_not_fit": 1}
    assert answer["results"][0]["criteria"][0]["value"] == ["female"]
    assert answer["results"][0]["agency"] == {
        "agency_id": "kz.sapar-demo", "kind": "ngo", "names": {"en": "Sapar", "ru": "Сапар"},
    }  # fmt: skip


async def test_service_country_and_places_shorten_the_list(kz: DirectoryNode, offering: Build) -> None:
    await kz.put(offering("Shelter", capacity={"available": 1}))
    await kz.put(offering("Lawyer", service="legal_assistance", capacity={"available": 0}))

    assert await kz.found(service="shelter") == ["Shelter"]
    assert await kz.found(places=["none"]) == ["Lawyer"]
    elsewhere = await kz.search(countries=["uz"])
    assert elsewhere["results"] == []
    assert elsewhere["countries"] == {"kz": 2}


async def test_districts_are_preferred_and_only_shorten_when_told(kz: DirectoryNode, offering: Build) -> None:
    await kz.put(offering("A in Astana", district="KZ-71"))
    await kz.put(offering("Z in Shymkent", district="KZ-79"))

    assert await kz.found(districts=["KZ-79"]) == ["Z in Shymkent", "A in Astana"]
    assert await kz.found(districts=["KZ-79"], districts_only=True) == ["Z in Shymkent"]


async def test_the_agency_s_own_district_is_near_when_none_is_asked(kz: DirectoryNode, offering: Build) -> None:
    await kz.enrol("kz.kamqor-demo", district="Shymkent")
    await kz.put(offering("A in Astana", district="KZ-71"))
    await kz.put(offering("Z in Shymkent", district="KZ-79"))

    answer = await kz.search("kz.kamqor-demo:caseworker")

    assert [(one["names"]["en"], one["nearness"]) for one in answer["results"]] == [
        ("Z in Shymkent", "district"),
        ("A in Astana", "country"),
    ]


@pytest.mark.parametrize(
    ("hours", "state", "available", "last"),
    [
        (2, "fresh", 3, None),
        (30, "old", 3, None),
        (9 * 24, "stale", None, {"available": 3, "maximum": 12}),
    ],
)
async def test_capacity_shows_its_age(
    kz: DirectoryNode, offering: Build, hours: float, state: str, available: int | None, last: object
) -> None:
    counted = {"available": 3, "maximum": 12, "updated_at": hours_ago(kz.clock, hours)}
    await kz.put(offering(capacity=counted))

    capacity = (await kz.search())["results"][0]["capacity"]

    assert (capacity["state"], capacity["available"], capacity["last_answer"]) == (state, available, last)
    assert (capacity["age_hours"], capacity["maximum"]) == (hours, 12)


async def test_pages_follow_each_other_without_a_gap_or_a_repetition(kz: DirectoryNode, offering: Build) -> None:
    for number in range(7):
        await kz.put(offering(f"Shelter {number}", capacity={"available": number % 2}))
    whole = await kz.found()

    seen, cursor = [], None
    while True:
        page = await kz.search(limit=3, cursor=cursor)
        seen += [one["names"]["en"] for one in page["results"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == whole
    assert len(set(seen)) == 7


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "W10="}, "cursor"),
        ({"districts": ["XX-1"]}, "districts"),
        ({"age": 31, "age_band": "24-30"}, "age_band"),
        ({"countries": ["ru"]}, "countries.0"),
        ({"name": "nobody asks for names here"}, "name"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_a_bad_search_names_the_field(kz: DirectoryNode, body: dict[str, Any], field: str) -> None:
    answer = await kz.ask("kz.sapar-demo:caseworker", "POST", "service_offering_searches", body)

    problem = answer.json()
    assert answer.status_code == 422
    assert problem.get("errors", [problem])[0]["field"] == field


async def test_a_cursor_of_another_kind_has_the_code_that_every_service_gives_it(kz: DirectoryNode) -> None:
    searched = await kz.ask("kz.sapar-demo:caseworker", "POST", "service_offering_searches", {"cursor": "nonsense"})
    listed = await kz.ask("kz.sapar-demo:caseworker", "GET", "service_offerings?cursor=nonsense")

    assert [searched.json()["code"], listed.json()["code"]] == ["invalid_cursor", "invalid_cursor"]


async def test_a_search_can_be_for_one_agency(kz: DirectoryNode, offering: Build) -> None:
    await kz.put(offering("Ours"), who=SAPAR)
    await kz.put(offering("Theirs"), who=KAMQOR)

    answer = await kz.search(agency_id="kz.kamqor-demo")

    assert [one["names"]["en"] for one in answer["results"]] == ["Theirs"]
    assert answer["countries"]["kz"] == 1
    assert await kz.found(agency_id="kz.kamqor-demo", text="ours") == []
