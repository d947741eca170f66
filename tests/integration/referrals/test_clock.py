"""Deadlines fire once, in order, also after a restart."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.integration.referrals.nodes import NAJOT, SAPAR, Journey


async def age(journey: Journey, step: str, share: float) -> None:
    """Let that share of a step's time have passed, on both sides."""
    for node in (journey.kz, journey.uz):
        await node.admin(
            "UPDATE deadline SET next_fire_at = next_fire_at - moved, started_at = started_at - moved, "
            "due_at = due_at - moved FROM (SELECT (due_at - started_at) * $2::float8 AS moved, agency_id AS a, "
            "referral_id AS r, step AS s FROM deadline) m WHERE a = agency_id AND r = referral_id AND s = step "
            "AND step = $1",
            step,
            share,
        )
        await node.admin(
            "UPDATE referral r SET due_from = d.started_at, due_at = d.due_at FROM deadline d "
            "WHERE d.agency_id = r.agency_id AND d.referral_id = r.id AND d.step = r.next_step"
        )


async def stages(journey: Journey) -> list[tuple[str, str]]:
    notices: list[dict[str, Any]] = (await journey.kz.get("notices", SAPAR))["items"]
    return [(one["step"], one["stage"]) for one in reversed(notices)]


async def test_silence_climbs_from_reminder_to_supervisor_to_coordinator(journey: Journey) -> None:
    await journey.sent()
    clock = journey.kz.office.clock()
    assert await clock.tick() == 0

    await age(journey, "acknowledge", 0.51)
    assert await clock.tick() == 1
    await age(journey, "acknowledge", 0.5)
    assert await clock.tick() == 1
    await age(journey, "acknowledge", 0.5)
    assert await clock.tick() == 1
    await age(journey, "acknowledge", 5)

    assert await clock.tick() == 0
    assert await stages(journey) == [
        ("acknowledge", "reminder"),
        ("acknowledge", "supervisor"),
        ("acknowledge", "national_coordinator"),
    ]
    item = (await journey.kz.get("referrals?order=due", SAPAR))["items"][0]
    assert item["next_deadline"]["overdue"] is True
    assert item["next_deadline"]["escalated_to"] == "national_coordinator"


async def test_after_a_long_stop_each_stage_is_told_exactly_once_by_whoever_leads(journey: Journey) -> None:
    await journey.sent()
    await age(journey, "acknowledge", 1.6)

    clocks = [journey.kz.office.clock() for _ in range(4)]
    for _ in range(4):
        await asyncio.gather(*(clock.tick() for clock in clocks))

    assert sorted(await stages(journey)) == sorted(
        [("acknowledge", "reminder"), ("acknowledge", "supervisor"), ("acknowledge", "national_coordinator")]
    )


async def test_a_running_clock_catches_up_after_a_restart(journey: Journey) -> None:
    await journey.sent()
    first = asyncio.create_task(journey.kz.office.clock().run())
    await asyncio.sleep(0.3)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await age(journey, "acknowledge", 1.1)

    second = asyncio.create_task(journey.kz.office.clock().run())
    await asyncio.sleep(0.7)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)

    assert await stages(journey) == [("acknowledge", "reminder"), ("acknowledge", "supervisor")]


async def test_what_nobody_acknowledged_expires_and_the_other_side_is_told(journey: Journey) -> None:
    await journey.sent()
    await age(journey, "decide", 2.1)
    clock = journey.kz.office.clock()

    while await clock.tick():
        pass
    await journey.border.carry()

    assert await journey.both() == ("expired", "expired")
    assert ("decide", "expired") in await stages(journey)
    timeline = await journey.kz.get(f"referrals/{journey.referral_id}/timeline", SAPAR)
    assert timeline["entries"][-1]["act"] == "expired"
    assert timeline["entries"][-1]["actor_role"] is None


async def test_what_was_acknowledged_does_not_expire(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.border.carry()
    await age(journey, "decide", 2.1)

    while await journey.kz.office.clock().tick():
        pass

    assert await journey.both() == ("acknowledged", "acknowledged")


async def test_a_step_taken_in_time_is_never_chased(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.border.carry()
    await age(journey, "acknowledge", 3)

    assert await journey.kz.office.clock().tick() == 0
    assert await stages(journey) == []


async def test_deadlines_that_cannot_fire_silence_no_other(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.referrals.messaging.clock._BATCH", 1)
    await journey.sent()
    broken = journey.referral_id
    await journey.sent()
    await age(journey, "acknowledge", 0.51)
    await journey.kz.admin(
        "UPDATE deadline SET started_at = '-infinity', due_at = '-infinity', next_fire_at = '-infinity' "
        "WHERE referral_id = $1",
        UUID(broken),
    )
    clock = journey.kz.office.clock()

    for _ in range(4):
        await clock.tick()

    assert await stages(journey) == [("acknowledge", "reminder")]


async def over(journey: Journey) -> None:
    """Let the period of the consent be over at the receiving agency."""
    await journey.uz.admin("UPDATE referral SET consent_valid_until = now() - interval '1 second'")
    await journey.uz.admin("UPDATE access_end SET ends_at = now() - interval '1 second'")


async def test_when_a_consent_runs_out_nothing_of_it_can_be_read_again_by_anyone(journey: Journey) -> None:
    await journey.accepted(note="For her")
    await journey.there("start_service")
    await journey.there("record_service", {"result": "delivered"})
    await journey.there("close", {"outcome": "need_met"})
    clock = journey.uz.office.clock()
    assert await clock.end_access() == 0
    told = (await journey.uz.get(f"referrals/{journey.referral_id}", NAJOT))["note"]

    await over(journey)
    await journey.uz.admin("UPDATE referral SET consent_valid_until = now() + interval '1 hour'")
    assert await clock.end_access() == 0, "the consent itself says when"
    await over(journey)
    assert [await clock.end_access() for _ in range(2)] == [1, 0]

    after = await journey.uz.get(f"referrals/{journey.referral_id}", NAJOT)
    assert (told, after["note"]) == ("For her", None)
    assert after["identity"]["state"] == "expired"
    assert await journey.uz.admin("SELECT * FROM identity_field") == []
    audit = (await journey.uz.get("audit", NAJOT, role="data_protection_officer"))["items"]
    assert audit[0]["act"] == "end_access"
    assert (await journey.kz.get(f"cases/{journey.case_id}/beneficiary", SAPAR))["identity"], "the case stays"


async def possible(journey: Journey) -> dict[str, bool]:
    """Which verbs the receiving agency is told that it may do."""
    verbs = (await journey.uz.get(f"referrals/{journey.referral_id}", NAJOT))["verbs"]
    return {one["verb"]: one["possible"] for one in verbs}


async def test_nobody_accepts_under_a_consent_that_has_run_out(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    path = f"referrals/{journey.referral_id}"
    early = await journey.uz.call("GET", f"{path}/identity", NAJOT)
    before = await possible(journey)

    await over(journey)
    after = await possible(journey)
    refused = await journey.uz.call("POST", f"{path}/accept", NAJOT, {})
    asked = await journey.uz.call("GET", f"{path}/identity", NAJOT)
    declined = await journey.uz.call("POST", f"{path}/decline", NAJOT, {"reason": "incomplete"})

    assert (early.status_code, early.json()["code"]) == (409, "identity_not_released")
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_over")
    assert "incomplete" in refused.json()["remedy"]
    assert (before["accept"], after["accept"], after["decline"]) == (True, False, True)
    assert (asked.status_code, asked.json()["code"]) == (409, "access_closed")
    assert declined.json()["status"] == "declined"


async def test_a_referral_that_still_runs_can_be_finished_after_its_consent(journey: Journey) -> None:
    await journey.accepted(note="For her")
    await over(journey)

    ended = await journey.uz.office.clock().end_access()

    refused = await journey.uz.call("GET", f"referrals/{journey.referral_id}/identity", NAJOT)
    assert ended == 0
    assert refused.json()["code"] == "access_closed"
    assert await journey.uz.admin("SELECT * FROM identity_field") == []
    assert (await journey.uz.get(f"referrals/{journey.referral_id}", NAJOT))["note"] == "For her"
    await journey.there("start_service")
    (wait,) = await journey.uz.admin("SELECT ends_at > now() AS later FROM access_end")
    assert wait["later"]
