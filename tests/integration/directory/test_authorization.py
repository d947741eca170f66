"""Who may do what, asked in the order: anonymous, wrong agency, wrong role, right."""

from uuid import uuid4

import pytest

from tests.integration.directory.conftest import DirectoryNode

OWNER = "kz.sapar-demo:agency_admin"
OTHER = "kz.kamqor-demo:agency_admin"
READER_ROLES = [
    "caseworker",
    "supervisor",
    "agency_admin",
    "data_protection_officer",
    "national_coordinator",
    "integration",
]
COUNT = {"available": 1}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "districts", None),
        ("GET", "service_offerings", None),
        ("GET", "service_offerings/{id}", None),
        ("PUT", "service_offerings/{id}", {}),
        ("PUT", "service_offerings/{id}/capacity", COUNT),
        ("POST", "service_offerings/{id}/withdraw", None),
        ("POST", "service_offering_searches", {}),
    ],
)
async def test_the_anonymous_are_asked_to_sign_in(kz: DirectoryNode, method: str, path: str, body: object) -> None:
    answer = await kz.ask(None, method, path.replace("{id}", str(uuid4())), body)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "/withdraw", None), ("PUT", "/capacity", COUNT), ("PUT", "", "offering")]
)
async def test_another_agency_s_offering_cannot_be_changed(
    kz: DirectoryNode, offering, method: str, path: str, body: object
) -> None:
    mine = await kz.put(offering())
    sent = offering("Taken over") if body == "offering" else body

    theirs = await kz.ask(OTHER, method, f"service_offerings/{mine['service_offering_id']}{path}", sent)

    assert theirs.status_code == 404
    assert await kz.found() == ["Demo shelter"]
    assert len(await kz.told("node")) == 1


async def test_a_withdrawn_offering_of_another_agency_answers_like_none_at_all(kz: DirectoryNode, offering) -> None:
    mine = (await kz.put(offering()))["service_offering_id"]
    await kz.ask(OWNER, "POST", f"service_offerings/{mine}/withdraw")

    for method, path in (("GET", ""), ("POST", "/withdraw"), ("PUT", "/capacity")):
        body = COUNT if path == "/capacity" else None
        theirs = await kz.ask(OTHER, method, f"service_offerings/{mine}{path}", body)
        nobodys = await kz.ask(OTHER, method, f"service_offerings/{uuid4()}{path}", body)
        assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
        assert theirs.status_code == 404


@pytest.mark.parametrize("role", ["caseworker", "data_protection_officer", "national_coordinator"])
async def test_other_roles_of_the_own_agency_publish_nothing(kz: DirectoryNode, offering, role: str) -> None:
    answer = await kz.ask(f"kz.sapar-demo:{role}", "PUT", f"service_offerings/{uuid4()}", offering())

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_an_agency_of_another_node_publishes_elsewhere(kz: DirectoryNode, offering) -> None:
    answer = await kz.ask("region.secretariat:integration", "PUT", f"service_offerings/{uuid4()}", offering())

    assert (answer.status_code, answer.json()["code"]) == (403, "agency_elsewhere")


async def test_the_platform_operator_reads_no_directory(kz: DirectoryNode) -> None:
    answer = await kz.ask("kz.ministry-demo:platform_operator", "POST", "service_offering_searches", {})

    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["agency_admin", "supervisor", "integration"])
async def test_those_who_answer_for_the_offer_publish(kz: DirectoryNode, offering, role: str) -> None:
    answer = await kz.ask(f"kz.sapar-demo:{role}", "PUT", f"service_offerings/{uuid4()}", offering())

    assert answer.status_code == 201


@pytest.mark.parametrize("role", READER_ROLES)
async def test_all_staff_and_integrations_search(kz: DirectoryNode, offering, role: str) -> None:
    await kz.put(offering())

    assert len((await kz.search(f"kz.kamqor-demo:{role}"))["results"]) == 1
