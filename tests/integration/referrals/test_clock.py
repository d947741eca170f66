"""Deadlines fire once, in order, also after a restart."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.integration.referrals.nodes import SAPAR, Journey


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
