"""Bad input is told what to mend; the same request twice is the same request."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.terms import Country
from tests.integration.referrals.nodes import (
    NAJOT,
    SAPAR,
    Journey,
    case_body,
    closed_corridor,
    consent_body,
    random_id,
    referral_body,
)


async def test_twenty_parallel_drafts_under_one_key_are_one_draft(journey: Journey) -> None:
    await journey.open_case()
    body = referral_body(journey.case_id)

    answers = await asyncio.gather(
        *(journey.kz.post("referrals", SAPAR, body, Idempotency_Key="same") for _ in range(20))
    )

    assert len({answer["referral_id"] for answer in answers}) == 1
    assert len((await journey.kz.get("referrals", SAPAR))["items"]) == 1
    assert len([fact for fact in await journey.kz.facts() if fact["data"]["status"] == "draft"]) == 1


async def test_twenty_parallel_cases_under_one_key_are_one_case(journey: Journey) -> None:
    body = case_body({"full_name": "Primerova"})

    answers = await asyncio.gather(*(journey.kz.post("cases", SAPAR, body, Idempotency_Key="same") for _ in range(20)))

    assert len({answer["code"] for answer in answers}) == 1
    assert len((await journey.kz.get("cases", SAPAR))["items"]) == 1


@pytest.mark.parametrize("what", ["cases", "consent_grants", "referrals"])
async def test_a_key_with_another_body_is_refused(journey: Journey, what: str) -> None:
    await journey.open_case()
    case = case_body({"full_name": "Primerova"})
    first = {
        "cases": case,
        "consent_grants": consent_body(journey.case_id),
        "referrals": referral_body(journey.case_id),
    }[what]
    second: dict[str, Any] = {
        "cases": case | {"risk": "low"},
        "consent_grants": first | {"given_by": "caregiver"},
        "referrals": first | {"urgency": "normal"},
    }[what]

    await journey.kz.post(what, SAPAR, first, Idempotency_Key="k")
    again = await journey.kz.call("POST", what, SAPAR, second, Idempotency_Key="k")

    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")
    assert again.json()["remedy"]


async def test_the_same_key_of_another_agency_is_another_key(journey: Journey) -> None:
    body = case_body({"full_name": "Primerova"})

    ours = await journey.kz.post("cases", SAPAR, body, Idempotency_Key="k")
    theirs = await journey.kz.post("cases", "kz.kamqor-demo", body, Idempotency_Key="k")

    assert ours["case_id"] != theirs["case_id"]


async def test_nothing_is_sent_without_a_consent_that_holds_for_it(journey: Journey) -> None:
    await (await journey.open_case()).draft()
    path = f"referrals/{journey.referral_id}/send"

    missing = await journey.kz.call("POST", path, SAPAR, {})
    await journey.consent("uz.mehr-demo")
    elsewhere = await journey.kz.call("POST", path, SAPAR, {"consent_grant_id": journey.consent_grant_id})
    await journey.consent()
    await journey.kz.post(f"consent_grants/{journey.consent_grant_id}/withdraw", SAPAR, {})
    withdrawn = await journey.kz.call("POST", path, SAPAR, {"consent_grant_id": journey.consent_grant_id})

    for answer in (missing, elsewhere, withdrawn):
        assert (answer.status_code, answer.json()["code"]) == (409, "consent_missing")
        assert answer.json()["remedy"]
    assert (await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR))["status"] == "draft"


async def test_a_draft_says_which_consent_it_would_be_sent_under(journey: Journey) -> None:
    await (await journey.open_case()).consent()
    await journey.draft(consent_grant_id=journey.consent_grant_id)

    told = (await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR))["consent"]
    await journey.kz.post(f"consent_grants/{journey.consent_grant_id}/withdraw", SAPAR, {})
    withdrawn = (await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR))["consent"]

    assert (told["consent_grant_id"], told["status"]) == (journey.consent_grant_id, "valid")
    assert (sorted(told["fields"]), told["purpose"]) == (["full_name", "phone"], "shelter")
    assert withdrawn["status"] == "withdrawn"


async def test_nothing_is_sent_through_a_closed_corridor(journey: Journey) -> None:
    await (await (await journey.open_case()).consent()).draft()
    await journey.kz.tell("/uz/identity", "kz-uz", closed_corridor(Country.KZ, Country.UZ))

    answer = await journey.kz.call("POST", f"referrals/{journey.referral_id}/send", SAPAR, {})

    assert (answer.status_code, answer.json()["code"]) == (409, "corridor_closed")


async def test_a_verb_out_of_turn_says_what_is_possible(journey: Journey) -> None:
    await journey.sent()

    answer = await journey.uz.call("POST", f"referrals/{journey.referral_id}/accept", NAJOT, {})
    not_theirs = await journey.uz.call("POST", f"referrals/{journey.referral_id}/send", NAJOT, {})

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert "acknowledge" in answer.json()["detail"]
    assert not_theirs.status_code == 409


async def test_a_verb_on_an_older_version_is_refused(journey: Journey) -> None:
    await journey.sent()
    path = f"referrals/{journey.referral_id}"
    etag = (await journey.uz.call("GET", path, NAJOT)).headers["etag"]

    first = await journey.uz.call("POST", f"{path}/acknowledge", NAJOT, {}, If_Match=etag)
    second = await journey.uz.call("POST", f"{path}/accept", NAJOT, {}, If_Match=etag)
    third = await journey.uz.call("POST", f"{path}/accept", NAJOT, {}, If_Match=first.headers["etag"])

    assert [one.status_code for one in (first, second, third)] == [200, 412, 200]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"case_id": random_id()}, "unknown_case", "case_id"),
        ({"receiving_agency": "uz.nobody"}, "unknown_agency", "receiving_agency"),
        ({"receiving_agency": SAPAR}, "unknown_agency", "receiving_agency"),
        ({"receiving_agency": "region.secretariat"}, "unknown_agency", "receiving_agency"),
        ({"redirected_from": random_id()}, "not_redirected", "redirected_from"),
        ({"receiving_agency": "nowhere"}, "invalid_fields", "receiving_agency"),
        ({"service": "magic"}, "invalid_fields", "service"),
        ({"surprise": 1}, "invalid_fields", "surprise"),
        ({"note": "x" * 2001}, "invalid_fields", "note"),
        ({"note": "\u0007"}, "invalid_fields", "note"),
    ],
)
async def test_a_draft_that_cannot_be_names_the_field(
    journey: Journey, change: dict[str, Any], code: str, field: str
) -> None:
    await journey.open_case()

    answer = await journey.kz.call("POST", "referrals", SAPAR, referral_body(journey.case_id) | change)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert field in {problem.get("field"), *(one["field"] for one in problem.get("errors", ()))}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": (datetime.now(UTC) - timedelta(days=1)).isoformat()},
        {"valid_until": (datetime.now(UTC) + timedelta(days=400)).isoformat()},
        {"valid_until": "2027-01-01T00:00:00"},
        {"valid_until": int((datetime.now(UTC) + timedelta(days=30)).timestamp())},
        {"valid_until": str(int((datetime.now(UTC) + timedelta(days=30)).timestamp()))},
        {"fields": ["full_name", "identity_document"]},
        {"withheld": [{"field": "phone", "why": "fear"}]},
        {"receiving_agency": SAPAR},
        {"case_id": random_id()},
    ],
)
async def test_a_consent_that_makes_no_sense_is_not_recorded(journey: Journey, change: dict[str, Any]) -> None:
    await journey.open_case()

    answer = await journey.kz.call("POST", "consent_grants", SAPAR, consent_body(journey.case_id) | change)

    assert answer.status_code == 422
    assert "remedy" in answer.json() or answer.json()["errors"]


@pytest.mark.parametrize("query", ["cursor=%00", "cursor=abc", "cursor=W10", "limit=0", "limit=101", "status=odd"])
async def test_a_list_asked_for_badly_says_so(journey: Journey, query: str) -> None:
    answer = await journey.kz.call("GET", f"referrals?{query}", SAPAR)

    assert answer.status_code == 422


async def test_pages_follow_each_other_without_gap_or_repeat(journey: Journey) -> None:
    await journey.open_case()
    made = [(await journey.draft()).referral_id for _ in range(7)]

    seen: list[str] = []
    cursor = ""
    while True:
        page = await journey.kz.get(f"referrals?limit=3{cursor}", SAPAR)
        seen += [one["referral_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == made[::-1]


async def test_pages_by_deadline_follow_each_other_too(journey: Journey) -> None:
    await (await journey.open_case()).consent()
    for _ in range(5):
        await journey.draft()
        await journey.here("send")

    first = await journey.kz.get("referrals?order=due&limit=3", SAPAR)
    second = await journey.kz.get(f"referrals?order=due&limit=3&cursor={first['next_cursor']}", SAPAR)
    none = await journey.kz.get("referrals?due_before=2026-01-01T00:00:00Z", SAPAR)

    found = first["items"] + second["items"]
    assert len({one["referral_id"] for one in found}) == 5
    assert [one["next_deadline"]["due_at"] for one in found] == sorted(one["next_deadline"]["due_at"] for one in found)
    assert none["items"] == []


async def test_a_cursor_is_of_its_list_and_order(journey: Journey) -> None:
    await journey.open_case()
    for _ in range(2):
        await journey.draft()
    cursor = (await journey.kz.get("referrals?order=due&limit=1", SAPAR))["next_cursor"]

    for elsewhere in ("referrals?order=newest", "cases?limit=1", "notices?limit=1"):
        answer = await journey.kz.call("GET", f"{elsewhere}&cursor={cursor}", SAPAR)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), elsewhere


@pytest.mark.parametrize("flag", ["yes", 1, "true"])
async def test_a_flag_is_true_or_false(journey: Journey, flag: object) -> None:
    body = case_body({})
    body["beneficiary"]["with_children"] = flag

    answer = await journey.kz.call("POST", "cases", SAPAR, body)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["beneficiary.with_children"]


async def test_what_is_unread_is_read_by_looking(journey: Journey) -> None:
    await journey.sent()
    path = f"referrals/{journey.referral_id}"

    first = await journey.uz.get(path, NAJOT)
    second = await journey.uz.get(path, NAJOT)

    assert (first["unread"], second["unread"]) == (True, False)


async def test_a_case_lists_its_referrals_and_consents_and_names_no_one(journey: Journey) -> None:
    await journey.sent()

    answer = await journey.kz.call("GET", f"cases/{journey.case_id}", SAPAR)
    case = answer.json()

    assert "Kanareika" not in answer.text
    assert case["identity_fields"] == ["address", "full_name", "phone"]
    assert case["age_band"] == "24-30"
    assert [one["referral_id"] for one in case["referrals"]] == [journey.referral_id]
    assert case["consent_grants"][0]["withheld"] == [{"field": "address", "why": "fear"}]
    assert (case["referrals"][0]["status"], case["erased"]) == ("delivered", False)


@pytest.mark.parametrize(
    ("beneficiary", "field"),
    [
        ({"identity": {"birth_date": "1998-13-01"}}, "beneficiary.identity.birth_date"),
        ({"identity": {"birth_date": "20000101"}}, "beneficiary.identity.birth_date"),
        ({"identity": {"birth_date": "2099-01-01"}}, "beneficiary.identity.birth_date"),
        ({"identity": {"birth_date": "1998-04-02"}, "birth_year": 1999}, "beneficiary.birth_year"),
        ({"identity": {"birth_date": "1998-04-02"}, "age_band": "0-8"}, "beneficiary.age_band"),
        ({"birth_year": 2099}, "beneficiary.birth_year"),
        ({"birth_year": 1998, "age_band": "24-30"}, "beneficiary.age_band"),
        ({"identity": {"nickname": "Zz"}}, "beneficiary.identity.nickname"),
        ({"identity": {"full_name": "   "}}, "beneficiary.identity.full_name"),
        ({"identity": {"full_name": "Zz\u202eamuk"}}, "beneficiary.identity.full_name"),
        ({"district": "Zz Kanareika"}, "beneficiary.district"),
        ({"district": "KZ-99"}, "beneficiary.district"),
        ({"languages": ["uz", "uz"]}, "beneficiary.languages"),
    ],
)
async def test_a_case_that_cannot_be_names_the_field_in_plain_words(
    journey: Journey, beneficiary: dict[str, Any], field: str
) -> None:
    body = {"beneficiary": beneficiary, "needs": ["shelter"], "urgency": "normal"}

    answer = await journey.kz.call("POST", "cases", SAPAR, body)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert not any(word in answer.text for word in ("Value error", "dictionary", "tuple", "Kanareika"))


@pytest.mark.parametrize("body", [{"needs": ["shelter"]}, {"needs": ["shelter"], "urgency": ""}])
async def test_nobody_else_chooses_how_soon(journey: Journey, body: dict[str, Any]) -> None:
    answer = await journey.kz.call("POST", "cases", SAPAR, {"beneficiary": {}} | body)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "urgency")


async def test_an_age_band_follows_from_the_date_of_birth(journey: Journey) -> None:
    body = {"beneficiary": {"identity": {"birth_date": "1960-04-02"}, "age_band": "unknown"}}
    made = await journey.kz.post("cases", SAPAR, body | {"needs": ["shelter"], "urgency": "normal"})

    case = await journey.kz.get(f"cases/{made['case_id']}", SAPAR)

    assert (case["age_band"], case["birth_year"]) == ("48+", None)


async def test_a_note_that_names_the_person_is_no_preview(journey: Journey) -> None:
    await journey.open_case()

    answer = await journey.kz.call(
        "POST", "referrals", SAPAR, referral_body(journey.case_id) | {"note": "Ask for Kanareika in the evening"}
    )

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "names_the_person", "note")
    assert "Kanareika" not in answer.text
    assert (await journey.kz.get("referrals", SAPAR))["items"] == []


async def test_an_answer_that_names_the_person_goes_to_nobody_who_has_not_accepted(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge", {})
    await journey.there("request_information", {"question": "Which floor?"})
    await journey.border.carry()

    answer = await journey.kz.call(
        "POST", f"referrals/{journey.referral_id}/give_information", SAPAR, {"answer": "Kanareika: the ground floor"}
    )
    checked = [
        await journey.kz.call("POST", f"cases/{journey.case_id}/check_note", who, {"note": note})
        for who, note in ((SAPAR, "For kanareika"), (SAPAR, "The ground floor"), ("kz.kamqor-demo", "The ground floor"))
    ]

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "names_the_person", "answer")
    assert [one.status_code for one in checked] == [422, 200, 404]
    audit = (await journey.kz.get("audit", SAPAR, role="data_protection_officer"))["items"]
    assert [one["act"] for one in audit].count("check_note") == 2, "who asks may be guessing"


async def test_a_need_that_is_unknown_is_the_only_thing_wrong(journey: Journey) -> None:
    answer = await journey.kz.call("POST", "cases", SAPAR, {"beneficiary": {}, "needs": ["xx"], "urgency": "normal"})

    assert [error["field"] for error in answer.json()["errors"]] == ["needs.0"]


async def test_a_need_that_is_named_twice_is_refused(journey: Journey) -> None:
    answer = await journey.kz.call(
        "POST", "cases", SAPAR, {"beneficiary": {}, "needs": ["shelter", "shelter"], "urgency": "normal"}
    )

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["remedy"]) == (422, "needs", "Name each once.")


async def test_an_address_with_a_slash_too_many_is_not_found(journey: Journey) -> None:
    assert (await journey.kz.call("GET", "cases/", SAPAR)).status_code == 404


async def test_a_service_that_was_not_delivered_needs_its_reason(journey: Journey) -> None:
    await journey.sent()
    path = f"referrals/{journey.referral_id}/record_service"

    bodies = [{"result": "not_delivered"}, {"result": "delivered", "reason": "no_show"}]
    answers = [await journey.uz.call("POST", path, NAJOT, body) for body in bodies]

    assert [one.json()["errors"][0]["field"] for one in answers] == ["reason", "reason"]


async def test_an_agency_of_no_country_takes_no_referrals_by_any_door(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    nobody = "region.secretariat"

    consent = await journey.kz.call(
        "POST", "consent_grants", SAPAR, consent_body(journey.case_id) | {"receiving_agency": nobody}
    )
    redirect = await journey.uz.call("POST", f"referrals/{journey.referral_id}/redirect", NAJOT, {"to_agency": nobody})

    assert [(one.status_code, one.json()["code"]) for one in (consent, redirect)] == [(422, "unknown_agency")] * 2


async def test_a_need_is_not_met_by_what_was_not_delivered(journey: Journey) -> None:
    await journey.sent()
    for verb, body in (
        ("acknowledge", {}),
        ("accept", {}),
        ("record_service", {"result": "not_delivered", "reason": "no_show"}),
    ):
        await journey.there(verb, body)
    path = f"referrals/{journey.referral_id}/close"

    refused = await journey.uz.call("POST", path, NAJOT, {"outcome": "need_met"})
    closed = await journey.uz.call("POST", path, NAJOT, {"outcome": "need_not_met"})

    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        422,
        "outcome_contradicted",
        "outcome",
    )
    assert closed.status_code == 200
