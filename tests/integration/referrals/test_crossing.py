"""The main job: a referral crosses a border and comes back."""

from typing import Any

from tests.integration.referrals.nodes import NAJOT, SAPAR, Journey, referral_body


async def test_a_referral_crosses_is_accepted_served_and_closed(journey: Journey) -> None:
    await journey.sent(note="Room for two")

    await journey.there("acknowledge")
    await journey.there("request_information", {"question": "A room of their own?"})
    await journey.border.carry()
    await journey.here("give_information", {"answer": "Yes, for two"})
    await journey.border.carry()
    await journey.there("accept", {"note": "Welcome"})
    await journey.border.carry()
    await journey.there("start_service")
    await journey.there("record_service", {"result": "delivered"})
    await journey.there("close", {"outcome": "need_met", "feedback": "Went well"})
    await journey.border.carry()

    assert await journey.both() == ("closed", "closed")
    here, there = await journey.heads()
    assert here == there
    timeline = await journey.kz.get(f"referrals/{journey.referral_id}/timeline", SAPAR)
    assert [entry["act"] for entry in timeline["entries"]] == [
        "sent",
        "acknowledged",
        "information_requested",
        "information_given",
        "accepted",
        "identity_released",
        "service_started",
        "service_delivered",
        "closed",
    ]
    assert [entry["text"] for entry in timeline["entries"][:5]] == [
        "Room for two",
        None,
        "A room of their own?",
        "Yes, for two",
        "Welcome",
    ]
    assert all(entry["received_at"] for entry in timeline["entries"])
    assert timeline["expected_next"] is None


async def test_only_the_consented_fields_are_released_and_only_on_acceptance(journey: Journey) -> None:
    await journey.sent()
    path = f"referrals/{journey.referral_id}/identity"

    before = await journey.uz.call("GET", path, NAJOT)
    await journey.there("acknowledge")
    await journey.there("accept")
    await journey.border.carry()
    after = await journey.uz.get(path, NAJOT)

    assert before.status_code == 409
    assert before.json()["code"] == "identity_not_released"
    assert after["identity"] == {"full_name": "Kanareika Primerova", "phone": "+7 700 000 00 00"}


async def test_the_preview_names_nobody_and_tells_what_to_decide_by(journey: Journey) -> None:
    await journey.sent()

    item = (await journey.uz.get("referrals?role=receiving&move=mine&order=due", NAJOT))["items"][0]

    assert item["code"].startswith("KZ-")
    assert item["code"].endswith("-26")
    assert (item["sex"], item["age_band"], item["district"], item["with_children"]) == (
        "female",
        "24-30",
        "KZ-75",
        True,
    )
    assert (item["partner_agency"], item["next_action"], item["status"]) == (SAPAR, "acknowledge", "delivered")
    assert item["next_deadline"]["overdue"] is False
    assert item["unread"] is True


async def test_a_referral_is_delivered_once_the_other_side_signed_for_it(journey: Journey) -> None:
    await (await (await journey.open_case()).consent()).draft()

    await journey.here("send")
    waiting = await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR)
    await journey.border.carry()
    delivered = await journey.kz.get(f"referrals/{journey.referral_id}", SAPAR)

    assert (waiting["status"], delivered["status"]) == ("sent", "delivered")
    assert waiting["in_queue_since"] is not None
    assert delivered["in_queue_since"] is None


async def test_each_change_is_counted_in_codes_from_the_draft_on(journey: Journey) -> None:
    await journey.accepted()

    here = [event["data"] for event in await journey.kz.facts()]
    there = [event["data"] for event in await journey.uz.facts()]

    assert [(fact["status_before"], fact["status"]) for fact in here] == [
        (None, "draft"),
        ("draft", "sent"),
        ("sent", "delivered"),
        ("delivered", "acknowledged"),
        ("acknowledged", "accepted"),
    ]
    assert [fact["status"] for fact in there] == ["delivered", "acknowledged", "accepted"]
    assert {(fact["sex"], fact["age_band"], fact["exploitation"]) for fact in here} == {
        ("female", "24-30", "forced_labour")
    }
    assert {fact["side"] for fact in there} == {"receiving"}
    assert here[-1]["hours_to_decide"] == 0


async def test_a_redirected_referral_begins_anew_under_a_new_consent(journey: Journey) -> None:
    await journey.sent()
    early = await journey.kz.call("POST", "referrals", SAPAR, _following(journey))
    await journey.there("acknowledge")
    await journey.there("redirect", {"to_agency": "uz.mehr-demo", "note": "They have a lift"})
    await journey.border.carry()
    first = journey.referral_id

    await journey.consent("uz.mehr-demo")
    following = _following(journey)
    await journey.draft("uz.mehr-demo", redirected_from=first)
    await journey.here("send")
    await journey.border.carry()

    old = await journey.kz.get(f"referrals/{first}", SAPAR)
    new = await journey.uz.get(f"referrals/{journey.referral_id}", "uz.mehr-demo")
    assert (old["status"], old["redirected_to"]) == ("redirected", "uz.mehr-demo")
    assert (new["status"], new["redirected_from"]) == ("delivered", first)
    assert early.json()["code"] == "not_redirected"
    await journey.open_case()
    of_another_case = await journey.kz.call("POST", "referrals", SAPAR, following | {"case_id": journey.case_id})
    assert of_another_case.json()["code"] == "not_redirected"


def _following(journey: Journey) -> dict[str, Any]:
    return referral_body(journey.case_id, redirected_from=journey.referral_id)


async def test_two_agencies_of_one_node_each_keep_their_own_copy(journey: Journey) -> None:
    kz, kamqor = journey.kz, "kz.kamqor-demo"
    await (await (await journey.open_case()).consent(kamqor)).draft(kamqor)

    await journey.here("send")
    await journey.border.carry()
    await kz.post(f"referrals/{journey.referral_id}/acknowledge", kamqor)
    await kz.post(f"referrals/{journey.referral_id}/accept", kamqor)
    await journey.border.carry()

    path = f"referrals/{journey.referral_id}"
    ours, theirs = await kz.get(path, SAPAR), await kz.get(path, kamqor)
    identity = await kz.get(f"{path}/identity", kamqor)
    assert (ours["side"], ours["status"], theirs["side"], theirs["status"]) == (
        "referring",
        "accepted",
        "receiving",
        "accepted",
    )
    assert identity["identity"]["full_name"] == "Kanareika Primerova"
    assert (await kz.get(f"{path}/timeline", SAPAR))["head"] == (await kz.get(f"{path}/timeline", kamqor))["head"]
    assert await kz.parked() == []
