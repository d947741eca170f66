"""Publishing, counting, withdrawing: what is answered, what is told, and that the same again is no news."""

from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.envelope import PARTNERS
from contracts.events.directory import ServiceOfferingPublished
from services.chassis.database import Context
from services.directory.usecases import publish_service_offering
from tests.integration.directory.conftest import DirectoryNode

OWNER = "kz.sapar-demo:agency_admin"


async def test_a_new_offering_is_created_and_the_same_again_is_not(kz: DirectoryNode, offering) -> None:
    path, body = f"service_offerings/{uuid4()}", offering(capacity={"available": 3, "maximum": 12})

    first = await kz.ask(OWNER, "PUT", path, body)
    kz.clock.now += timedelta(seconds=5)
    again = await kz.ask(OWNER, "PUT", path, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["capacity"]["updated_at"] == again.json()["capacity"]["updated_at"]
    assert len(await kz.told("node")) == len(await kz.told("addressed")) == 1


async def test_a_publication_is_told_to_the_node_and_to_all_partners(kz: DirectoryNode, offering) -> None:
    made = await kz.put(offering(languages=["kk", "ru"], eligibility={"sexes": ["female"]}))

    node, addressed = (await kz.told("node"))[0], (await kz.told("addressed"))[0]

    assert (node.recipient, addressed.recipient) == (None, PARTNERS)
    assert addressed.sender == "kz.sapar-demo"
    assert addressed.subject == made["service_offering_id"]
    payload = ServiceOfferingPublished.model_validate(addressed.data)
    assert (payload.country, payload.district, payload.languages) == ("kz", "KZ-75", ("kk", "ru"))


async def test_a_count_changes_the_list_and_is_told_in_the_lane_of_its_offering(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering()))["service_offering_id"]

    answer = await kz.ask(OWNER, "PUT", f"service_offerings/{made}/capacity", {"available": 12, "maximum": 10})

    assert answer.json()["capacity"] | {"updated_at": ""} == {
        "state": "fresh", "places": "free", "available": 12, "maximum": 10, "updated_at": "", "age_hours": 0.0,
        "last_answer": None,
    }  # fmt: skip
    assert (await kz.search())["results"][0]["capacity"]["available"] == 12
    assert [(event.type, event.sequence) for event in await kz.told("addressed")] == [
        ("service_offering.published.v1", 1),
        ("capacity.changed.v1", 2),
    ]


async def test_a_withdrawn_offering_leaves_every_list_but_the_own(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering()))["service_offering_id"]

    for _ in range(2):
        answer = await kz.ask(OWNER, "POST", f"service_offerings/{made}/withdraw")
        assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")

    assert await kz.found() == []
    own = (await kz.ask(OWNER, "GET", "service_offerings")).json()["service_offerings"]
    assert [one["status"] for one in own] == ["withdrawn"]
    assert [event.type for event in await kz.told("node")][1:] == ["service_offering.withdrawn.v1"]


async def test_a_withdrawn_offering_can_be_published_again(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering()))["service_offering_id"]
    await kz.ask(OWNER, "POST", f"service_offerings/{made}/withdraw")

    counted = await kz.ask(OWNER, "PUT", f"service_offerings/{made}/capacity", {"available": 1})
    await kz.put(offering(), offering_id=made)

    assert (counted.status_code, counted.json()["code"]) == (409, "service_offering_withdrawn")
    assert await kz.found() == ["Demo shelter"]


async def test_the_own_list_goes_by_pages(kz: DirectoryNode, offering) -> None:
    made = {(await kz.put(offering(f"Shelter {n}")))["service_offering_id"] for n in range(5)}
    await kz.put(offering("Not mine"), "kz.kamqor-demo:agency_admin")

    seen, cursor = [], ""
    while cursor is not None:
        page = (await kz.ask(OWNER, "GET", f"service_offerings?limit=2{cursor}")).json()
        seen += [one["service_offering_id"] for one in page["service_offerings"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None

    assert seen == sorted(made)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"district": "KZ-99"}, "district"),
        ({"eligibility": {"minimum_age": 50, "maximum_age": 20}}, "eligibility.minimum_age"),
        ({"capacity": {"available": 1, "updated_at": "2999-01-01T00:00:00Z"}}, "capacity.updated_at"),
        ({"capacity": {"available": -1}}, "capacity.available"),
        ({"names": {"en": "  ", "ru": "x"}}, "names.en"),
        ({"names": {"en": "a\u0007", "ru": "x"}}, "names.en"),
        ({"service": "massage"}, "service"),
        ({"address": "at the top level"}, "address"),
        ({"languages": ["tlh"]}, "languages.0"),
    ],
)
async def test_bad_input_names_the_field_and_the_remedy(kz: DirectoryNode, offering, change: dict, field: str) -> None:
    answer = await kz.ask(OWNER, "PUT", f"service_offerings/{uuid4()}", offering(**change))

    problem = answer.json()
    told = problem.get("errors", [problem])[0]
    assert answer.status_code == 422
    assert told["field"] == field
    assert told["remedy"]
    assert await kz.told("node") == []


async def test_a_refused_publication_leaves_nothing_behind(kz: DirectoryNode, offering) -> None:
    foreign = (await kz.put(offering()))["service_offering_id"]

    refused = await kz.ask("kz.kamqor-demo:supervisor", "PUT", f"service_offerings/{foreign}", offering("Mine"))

    assert refused.status_code == 404
    async with kz.database.transaction(Context("kz.kamqor-demo", "x")) as connection:
        assert await connection.fetchval("SELECT count(*) FROM service_offering") == 0


async def test_districts_have_codes_and_names(kz: DirectoryNode) -> None:
    found = (await kz.ask(OWNER, "GET", "districts")).json()["districts"]

    assert {"code": "UZ-TK", "country": "uz", "names": {"en": "Tashkent", "ru": "Ташкент"}} in found


async def test_an_agency_publishes_so_many_and_no_more(
    kz: DirectoryNode, offering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_service_offering, "MOST_OFFERINGS", 2)
    first = await kz.put(offering())
    await kz.put(offering())

    refused = await kz.ask("kz.sapar-demo:agency_admin", "PUT", f"service_offerings/{uuid4()}", offering())
    again = await kz.put(offering(), offering_id=first["service_offering_id"])
    other = await kz.put(offering(), who="kz.kamqor-demo:agency_admin")

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_offerings")
    assert again["service_offering_id"] == first["service_offering_id"]
    assert other["service_offering_id"]
