"""Agencies and foreign offerings arrive: once, twice, out of order, and poisoned."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.events.directory import (
    Capacity,
    CapacityChanged,
    Eligibility,
    ServiceOfferingPublished,
    ServiceOfferingWithdrawn,
)
from contracts.events.identity import AgencyEnrolled, AgencySuspended, Names
from contracts.terms import AgencyKind, Audience, Country, Service, Sex
from services.directory.usecases import search_service_offerings
from tests.integration.directory.conftest import DirectoryNode

UZ = "/uz/directory"
SHELTER = UUID(int=77)


def published(**changes: Any) -> ServiceOfferingPublished:
    told = ServiceOfferingPublished(
        service_offering_id=SHELTER,
        agency_id="uz.najot-demo",
        country=Country.UZ,
        district="UZ-TK",
        service=Service.SHELTER,
        names=Names(en="Najot shelter", ru="Приют Нажот"),
        eligibility=Eligibility(sexes=(Sex.FEMALE,)),
    )
    return told.model_copy(update=changes)


def withdrawn(agency: str = "uz.najot-demo") -> ServiceOfferingWithdrawn:
    return ServiceOfferingWithdrawn(service_offering_id=SHELTER, agency_id=agency)


def counted(kz: DirectoryNode, available: int) -> CapacityChanged:
    capacity = Capacity(available=available, maximum=12, updated_at=kz.clock.now - timedelta(hours=1))
    return CapacityChanged(service_offering_id=SHELTER, agency_id="uz.najot-demo", capacity=capacity)


async def test_a_partner_s_offering_appears_with_its_agency_s_name(kz: DirectoryNode) -> None:
    await kz.receive(kz.event(published(), str(SHELTER), source=UZ, sender="uz.najot-demo", recipient="partners"))
    nameless = (await kz.search())["results"][0]["agency"]
    await kz.enrol("uz.najot-demo", en="Najot", ru="Нажот")

    result = (await kz.search(text="нажот"))["results"][0]

    assert nameless == {"agency_id": "uz.najot-demo", "names": None, "kind": None}
    assert result["agency"]["names"] == {"en": "Najot", "ru": "Нажот"}
    assert (result["country"], result["nearness"]) == ("uz", "corridor")
    one = await kz.ask("kz.sapar-demo:caseworker", "GET", f"service_offerings/{SHELTER}")
    assert (one.json()["own"], one.json()["private"]) == (False, None)


async def test_an_id_stays_its_agency_s_when_its_offering_is_withdrawn(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering()))["service_offering_id"]
    await kz.ask("kz.sapar-demo:agency_admin", "POST", f"service_offerings/{made}/withdraw")
    foreign = published(service_offering_id=UUID(made))

    await kz.receive(kz.event(foreign, made, source=UZ, sender="uz.najot-demo", recipient="partners"))
    again = await kz.ask("kz.sapar-demo:agency_admin", "PUT", f"service_offerings/{made}", offering())

    assert again.status_code == 200
    assert again.json()["agency"]["agency_id"] == "kz.sapar-demo"
    assert await kz.parked() == ["foreign_origin"]


async def test_what_one_country_tells_is_what_the_other_shows(kz: DirectoryNode, uz: DirectoryNode, offering) -> None:
    eligibility = {
        "sexes": ["female"], "age_bands": ["18-23"], "minimum_age": 18, "maximum_age": 45, "with_children": "yes",
        "around_the_clock": "no", "any_nationality": "yes", "victim_status_required": "no",
    }  # fmt: skip
    body = offering(
        district="UZ-SA", languages=["uz", "tg"], eligibility=eligibility, capacity={"available": 2, "maximum": 5},
        descriptions={"en": "Quiet", "ru": "Тихо"}, private={"address": "Concealedstreet 99"},
    )  # fmt: skip
    await uz.put(body, "uz.mehr-demo:agency_admin")

    arrived = await uz.told(Audience.ADDRESSED)
    await kz.receive(*arrived)

    here, there = (await kz.search())["results"][0], (await uz.search())["results"][0]
    for shown in (here, there):
        shown.pop("nearness")
        shown["capacity"].pop("age_hours")
    assert here == there
    assert "Concealedstreet" not in str(arrived) + str(here)


async def test_a_message_twice_means_once(kz: DirectoryNode) -> None:
    first = kz.event(published(), str(SHELTER), source=UZ)
    second = kz.event(withdrawn(), str(SHELTER), source=UZ)

    await kz.receive(first, first)
    await kz.receive(second)
    await kz.receive(first)

    assert await kz.found() == []


async def test_messages_out_of_order_wait_for_their_turn(kz: DirectoryNode) -> None:
    first = kz.event(published(), str(SHELTER), source=UZ)
    second = kz.event(counted(kz, 4), str(SHELTER), source=UZ)
    third = kz.event(counted(kz, 2), str(SHELTER), source=UZ)

    await kz.receive(third)
    await kz.receive(second)
    assert await kz.found() == []
    await kz.receive(first)

    assert (await kz.search())["results"][0]["capacity"]["available"] == 2


@pytest.mark.parametrize(
    ("payload", "changes", "code"),
    [
        (published(), {"source": "/kg/directory"}, "foreign_origin"),
        (published(country=Country.KG), {}, "foreign_origin"),
        (published(agency_id="kz.sapar-demo", country=Country.KZ), {"source": "/kz/directory"}, "foreign_origin"),
        (published(agency_id="kz.sapar-demo"), {}, "foreign_origin"),
        (published(agency_id="uzbek.x"), {}, "contract_violated"),
        (published(), {"sender": "uz.mehr-demo"}, "foreign_origin"),
        (published(), {"key": str(uuid4())}, "foreign_origin"),
        (published(service="massage"), {}, "contract_violated"),
        (withdrawn("kz.sapar-demo"), {}, "foreign_origin"),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_a_country_speaks_for_its_own_agencies_only(
    kz: DirectoryNode, payload: Any, changes: dict[str, Any], code: str
) -> None:
    more = {"source": UZ, "key": str(SHELTER)} | changes

    await kz.receive(kz.event(payload, **more))

    assert await kz.parked() == [code]
    assert await kz.found() == []


async def test_a_partner_cannot_replace_another_agency_s_offering(kz: DirectoryNode, offering) -> None:
    await kz.put(offering("Ours"), offering_id=SHELTER)

    await kz.receive(kz.event(published(), str(SHELTER), source=UZ))

    assert await kz.parked() == ["foreign_origin"]
    assert await kz.found() == ["Ours"]


async def test_a_parked_lane_holds_up_no_other(kz: DirectoryNode) -> None:
    await kz.receive(kz.event(published(country=Country.KG), str(SHELTER), source=UZ))
    other = UUID(int=78)

    await kz.receive(kz.event(published(service_offering_id=other), str(other), source=UZ))

    assert await kz.found() == ["Najot shelter"]


async def test_a_suspended_agency_s_offerings_are_hidden_until_it_is_back(kz: DirectoryNode, offering) -> None:
    await kz.enrol("kz.sapar-demo")
    made = (await kz.put(offering()))["service_offering_id"]
    gone = AgencySuspended(agency_id="kz.sapar-demo")

    await kz.receive(kz.event(gone, "kz.sapar-demo", source="/kz/identity"))
    hidden = await kz.search("kz.kamqor-demo:caseworker")
    one = await kz.ask("kz.kamqor-demo:caseworker", "GET", f"service_offerings/{made}")
    await kz.enrol("kz.sapar-demo")

    assert (hidden["results"], hidden["countries"], one.status_code) == ([], {}, 404)
    assert await kz.found() == ["Demo shelter"]


async def test_a_node_enrols_and_suspends_its_own_agencies_only(kz: DirectoryNode) -> None:
    await kz.enrol("kz.sapar-demo", en="Sapar", ru="Сапар")
    renamed = AgencyEnrolled(
        agency_id="kz.sapar-demo", country=Country.KZ, kind=AgencyKind.NGO, names=Names(en="Taken", ru="Захвачен")
    )

    await kz.receive(kz.event(renamed, "kz.sapar-demo", source="/uz/identity"))
    gone = AgencySuspended(agency_id="kz.sapar-demo")
    await kz.receive(kz.event(gone, "kz.sapar-demo", source="/tj/identity"))

    assert await kz.parked() == ["foreign_origin", "foreign_origin"]
    assert await kz.database.pool.fetchval("SELECT name_en FROM agency WHERE suspended_at IS NULL") == "Sapar"


async def test_a_country_that_invents_agencies_does_not_hide_our_own(
    kz: DirectoryNode, offering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_service_offerings, "MOST_CANDIDATES", 4)
    for number in range(1, 9):
        told = published(service_offering_id=UUID(int=number), agency_id=f"uz.invented-{number}")
        sender = {"sender": told.agency_id, "recipient": "partners"}
        await kz.receive(kz.event(told, str(told.service_offering_id), source=UZ, **sender))
    await kz.put(offering(en="Our shelter"), offering_id=UUID(int=2**127))

    found = [await kz.found(**asked) for asked in ({}, {"text": "shelter"}, {"countries": ["kz", "uz"]})]

    assert [names[0] for names in found] == ["Our shelter"] * 3
