"""Who may ask what: anonymous, wrong agency, wrong role, right."""

from uuid import uuid4

import pytest

from tests.integration.notifications.world import Side, a_referral, until

SAPAR, KAMQOR = "kz.sapar-demo", "kz.kamqor-demo"
GUARDED = [
    ("GET", f"deliveries?referral_id={uuid4()}"),
    ("GET", "dead_letters"),
    ("POST", f"dead_letters/{uuid4()}/retry"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_the_anonymous_are_asked_to_sign_in(kz: Side, method: str, path: str) -> None:
    answer = await kz.ask(None, path, method)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def parked_letter(kz: Side) -> str:
    await kz.say(a_referral(), SAPAR, f"kz.nobody{uuid4().hex[:8]}-demo")

    async def shown() -> str | None:
        items = (await kz.ask(f"{SAPAR}:agency_admin", "dead_letters")).json()["items"]
        return next((one["id"] for one in items if one["recipient"].startswith("kz.nobody")), None)

    found: str = await until(shown)
    return found


async def test_another_agencys_letter_answers_like_none_at_all(kz: Side) -> None:
    letter = await parked_letter(kz)

    theirs = await kz.ask(f"{KAMQOR}:agency_admin", f"dead_letters/{letter}/retry", "POST")
    nobodys = await kz.ask(f"{KAMQOR}:agency_admin", f"dead_letters/{uuid4()}/retry", "POST")
    listed = (await kz.ask(f"{KAMQOR}:agency_admin", "dead_letters")).json()["items"]

    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert theirs.status_code == 404
    assert letter not in {one["id"] for one in listed}


@pytest.mark.parametrize("role", ["caseworker", "national_coordinator", "integration"])
async def test_other_roles_see_no_dead_letters(kz: Side, role: str) -> None:
    for method, path in GUARDED[1:]:
        answer = await kz.ask(f"{SAPAR}:{role}", path, method)

        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


@pytest.mark.parametrize("role", ["national_coordinator", "platform_operator"])
async def test_who_has_no_part_in_a_referral_sees_no_deliveries(kz: Side, role: str) -> None:
    answer = await kz.ask(f"kz.ministry-demo:{role}", GUARDED[0][1])

    assert answer.status_code == 403


async def test_the_agency_and_the_operator_may_retry(kz: Side) -> None:
    letter = await parked_letter(kz)

    for who in (f"{SAPAR}:agency_admin", "kz.ministry-demo:platform_operator"):
        answer = await kz.ask(who, f"dead_letters/{letter}/retry", "POST")

        assert (answer.status_code, answer.json()) == (202, {"id": letter, "state": "retrying"})


async def test_the_links_are_for_everyone_and_name_no_agency(kz: Side) -> None:
    answer = await kz.ask(None, "links")

    assert answer.status_code == 200
    assert [one["node"] for one in answer.json()["items"]] == ["region", "uz"]
    assert "demo" not in answer.text


async def test_a_referral_id_that_is_none_is_named_as_the_field_to_mend(kz: Side) -> None:
    answer = await kz.ask(f"{SAPAR}:caseworker", "deliveries?referral_id=7")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "referral_id")
