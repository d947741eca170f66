"""Messages twice, out of order, poisoned, and crossing each other on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import CloudEvent
from tests.integration.referrals.nodes import NAJOT, SAPAR, Journey


def changed(event: CloudEvent, **data: Any) -> CloudEvent:
    return event.model_copy(update={"data": event.data | data})


async def test_a_message_twice_means_once(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    [event] = await journey.uz.addressed()

    await journey.kz.receive(event, event)
    await journey.kz.receive(event)

    timeline = await journey.kz.get(f"referrals/{journey.referral_id}/timeline", SAPAR)
    assert [entry["act"] for entry in timeline["entries"]] == ["sent", "acknowledged"]
    assert await journey.kz.parked() == []


async def test_out_of_order_waits_for_what_comes_before(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.there("accept")
    first, second = await journey.uz.addressed()

    await journey.kz.receive(second)
    waiting = (await journey.both())[0]
    await journey.kz.receive(first)

    assert waiting == "delivered"
    assert (await journey.both())[0] == "accepted"


@pytest.mark.parametrize("field", ["hash", "previous", "at", "number"])
async def test_a_broken_chain_parks_the_lane_and_changes_nothing(journey: Journey, field: str) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.there("accept")
    first, second = await journey.uz.addressed()
    earlier = datetime.fromisoformat(first.data["entry"]["at"]) - timedelta(seconds=1)
    wrong = {"hash": "f" * 64, "previous": "e" * 64, "at": earlier.isoformat(), "number": 7}[field]

    await journey.kz.receive(changed(first, entry=first.data["entry"] | {field: wrong}), second)

    assert await journey.kz.parked() == ["custody_broken"]
    assert (await journey.both())[0] == "delivered"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("acknowledge_by", "0001-01-01T00:00:00Z", None),
        ("acknowledge_by", "2020-01-01T00:00:00Z", "implausible_time"),
        ("decide_by", "2099-01-01T00:00:00Z", "implausible_time"),
        ("at", "9999-12-31T23:59:59.999999Z", None),
        ("at", "0001-01-01T00:00:00+14:00", None),
        ("at", "2020-01-01T00:00:00Z", "implausible_time"),
        ("at", "2099-01-01T00:00:00Z", "implausible_time"),
        ("valid_until", "2020-01-01T00:00:00Z", "implausible_time"),
        ("valid_until", "2099-01-01T00:00:00Z", "implausible_time"),
    ],
)
async def test_absurd_times_of_another_country_come_to_nobodys_list(
    journey: Journey, field: str, value: str, code: str | None
) -> None:
    await (await (await journey.open_case()).consent()).draft()
    await journey.here("send")
    (event,) = await journey.kz.addressed()
    part = {"at": "entry", "valid_until": "consent"}.get(field, "deadlines")

    await journey.uz.receive(changed(event, **{part: event.data[part] | {field: value}}))

    assert await journey.uz.parked() == [code or "contract_violated"]
    assert (await journey.uz.get("referrals", NAJOT))["items"] == []


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({"sender": "uz.mehr-demo"}, "not_yours_to_say"),
        ({"sender": None}, "not_yours_to_say"),
        ({"source": "/kg/referrals"}, "not_yours_to_say"),
        ({"recipient": "kz.kamqor-demo"}, "not_found"),
        ({"recipient": "uz.mehr-demo"}, "not_yours_to_say"),
        ({"type": "referral.closed.v1"}, "contract_violated"),
        ({"type": "referral.accepted.v1"}, "custody_broken"),
        ({"data": {"nonsense": True}}, "contract_violated"),
    ],
)
async def test_a_poisoned_message_is_parked_in_sight(journey: Journey, update: dict[str, Any], code: str) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    [event] = await journey.uz.addressed()

    await journey.kz.receive(event.model_copy(update=update))

    assert await journey.kz.parked() == [code]
    assert (await journey.both())[0] == "delivered"


async def test_an_act_that_is_not_its_authors_to_do_is_refused(journey: Journey) -> None:
    await journey.sent()
    own = next(event for event in journey.kz.carried if event.type == "referral.sent.v1")
    forged = own.model_copy(update={"lane": "addressed:forged", "sequence": 1})

    await journey.uz.receive(forged)

    assert await journey.uz.parked() == ["referral_exists"]


async def test_consent_withdrawn_while_acceptance_is_in_flight_releases_nothing(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.there("accept")

    await journey.kz.post(f"consent_grants/{journey.consent_grant_id}/withdraw", SAPAR, {})
    await journey.border.carry()

    acts = [event.type for event in journey.kz.carried]
    refused = await journey.uz.call("GET", f"referrals/{journey.referral_id}/identity", NAJOT)
    here, there = await journey.heads()
    assert "referral.identity_released.v1" not in acts
    assert refused.status_code == 409
    assert await journey.both() == ("consent_withdrawn", "consent_withdrawn")
    assert here == there
    assert await journey.kz.parked() == await journey.uz.parked() == []


async def test_a_withdrawal_that_crosses_an_acceptance_wins_on_both_sides(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.there("accept")
    await journey.there("start_service")

    await journey.here("withdraw", {"reason": "served_elsewhere"})
    await journey.border.carry()

    assert await journey.both() == ("withdrawn", "withdrawn")
    assert "referral.identity_released.v1" not in [event.type for event in journey.kz.carried]
    here, there = await journey.heads()
    assert here == there


async def test_both_sides_withdrawing_consent_at_once_end_alike(journey: Journey) -> None:
    await journey.accepted()

    await journey.there("withdraw_consent")
    await journey.here("withdraw_consent")
    await journey.border.carry()

    assert await journey.both() == ("consent_withdrawn", "consent_withdrawn")
    here, there = await journey.heads()
    assert here == there
    assert await journey.kz.parked() == await journey.uz.parked() == []


async def test_an_identity_that_crosses_a_withdrawal_is_not_stored(journey: Journey) -> None:
    await journey.sent()
    await journey.there("acknowledge")
    await journey.there("accept")
    for event in await journey.uz.addressed():
        await journey.kz.receive(event)

    await journey.there("withdraw_consent")
    await journey.border.carry()

    assert await journey.uz.admin("SELECT * FROM identity_field") == []
    assert await journey.both() == ("consent_withdrawn", "consent_withdrawn")
