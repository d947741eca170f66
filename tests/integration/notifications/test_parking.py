"""What cannot go waits visibly and goes by itself when it can; nothing is lost on the way."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.envelope import PARTNERS
from contracts.events.directory import ServiceOfferingWithdrawn
from contracts.events.identity import AgencyKeyPublished, CorridorClosed
from contracts.terms import Audience, Country
from services.chassis.database import NODE, Context
from services.chassis.ids import uuid7
from services.chassis.keys import HYBRID_SUITE
from services.chassis.outbox import Outbox, Outgoing
from services.notifications import app as exchange
from services.notifications.domain.allowance import AN_AGENCYS_DAY
from services.notifications.domain.envelope import EVENT_SCHEMA, Letter, seal
from tests.integration.notifications.conftest import World
from tests.integration.notifications.world import Side, a_referral, about, acknowledged, released, until, withdrawal

SAPAR, KAMQOR, NAJOT, MEHR = "kz.sapar-demo", "kz.kamqor-demo", "uz.najot-demo", "uz.mehr-demo"
OPERATOR = "kz.ministry-demo:platform_operator"


async def state_of(side: Side, who: str, referral: str) -> str | None:
    items = await side.deliveries(who, referral)
    return items[0]["state"] if items else None


async def test_without_a_corridor_an_identity_waits_and_goes_when_it_opens(kz: Side, uz: Side) -> None:
    referral = a_referral()
    for origin, destination in (("kz", "uz"), ("uz", "kz")):
        await kz.corridor(origin, destination, is_open=False)
    await until(lambda: kz.rows("SELECT 1 FROM corridor HAVING NOT bool_or(is_open)"))

    await kz.say(referral, SAPAR, NAJOT, released(referral, SAPAR))
    await kz.say(referral, SAPAR, NAJOT, released(referral, SAPAR))

    async def both_parked() -> bool:
        items = await kz.deliveries(f"{SAPAR}:caseworker", referral)
        return [(one["state"], one["reason"]) for one in items] == [("parked", "corridor_closed")] * 2

    await until(both_parked)
    letters = (await kz.ask(f"{SAPAR}:agency_admin", "dead_letters")).json()["items"]
    assert [(one["direction"], one["recipient"]) for one in letters if one["reason"] == "corridor_closed"] == [
        ("outbound", NAJOT)
    ] * 2
    assert uz.received(referral) == []
    assert kz.running.dead_letters is not None
    assert (await kz.running.dead_letters())["corridor_closed"] == 2

    await kz.corridor("kz", "uz")
    assert await uz.arrived(referral, 2) == [1, 2]
    assert "corridor_closed" not in await kz.running.dead_letters()
    await kz.corridor("uz", "kz")
    parked = [one for one in kz.told if one.type == "delivery.parked.v1" and about(one) == referral]
    assert [one.data["reason"] for one in parked] == ["corridor_closed", "corridor_closed"]


async def test_what_follows_on_a_referral_travels_although_its_corridor_has_closed(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.corridor("kz", "uz", is_open=False)
    await until(lambda: kz.rows("SELECT 1 FROM corridor WHERE origin = 'kz' AND NOT is_open"))

    await kz.say(referral, SAPAR, NAJOT)

    assert await uz.arrived(referral, 1) == [1]
    await kz.corridor("kz", "uz")


async def test_an_agency_that_used_its_share_of_the_day_waits_and_holds_up_nobody_else(kz: Side, uz: Side) -> None:
    held, withdrawn, others, first = a_referral(), a_referral(), a_referral(), a_referral()
    mine = f"{SAPAR}:caseworker"
    await kz.say(first, SAPAR, NAJOT)
    await uz.arrived(first, 1)
    before = (await kz.rows("SELECT sent FROM agency_day WHERE agency_id = $1 AND destination = 'uz'", SAPAR))[0]
    await kz.rows(_SPENT, SAPAR, AN_AGENCYS_DAY)

    for _ in range(2):
        await kz.say(held, SAPAR, NAJOT)
    await kz.say(withdrawn, SAPAR, NAJOT)
    await until(lambda: kz.rows(_IS_HELD, withdrawn))
    await kz.say(withdrawn, SAPAR, NAJOT, withdrawal(withdrawn, SAPAR))
    await kz.say(others, KAMQOR, NAJOT)

    assert await uz.arrived(withdrawn, 2) == [1, 2]
    assert await uz.arrived(others, 1) == [1]
    items = await kz.deliveries(mine, held)
    assert [(one["state"], one["reason"]) for one in items] == [("parked", "day_share_used")] * 2
    assert uz.received(held) == []
    await kz.rows("UPDATE message SET reason = NULL WHERE reason = 'day_share_used' RETURNING true")  # make unpark
    await until(lambda: kz.rows(_IS_HELD, held))
    assert before["sent"] > 0

    await kz.rows("UPDATE agency_day SET day = day - 1 RETURNING true")
    assert await uz.arrived(held, 2) == [1, 2]
    spent = (await kz.rows("SELECT sent FROM agency_day WHERE agency_id = $1 AND destination = 'uz'", SAPAR))[0]
    assert 0 < spent["sent"] < AN_AGENCYS_DAY


_IS_HELD = "SELECT 1 FROM message WHERE split_part(subject, ':', 1) = $1 AND reason = 'day_share_used'"
_SPENT = (
    "UPDATE agency_day SET day = current_date, sent = $2 WHERE agency_id = $1 AND destination = 'uz' RETURNING true"
)


async def test_what_an_agency_broadcasts_is_of_its_share_and_what_the_node_says_is_not(kz: Side, uz: Side) -> None:
    offering, first = a_referral(), a_referral()
    await kz.say(first, SAPAR, NAJOT)
    await uz.arrived(first, 1)
    await kz.rows(_SPENT, SAPAR, AN_AGENCYS_DAY)
    told = ServiceOfferingWithdrawn(service_offering_id=offering, agency_id=SAPAR)

    await kz.tell("directory", told, offering, audience=Audience.ADDRESSED, sender=SAPAR, recipient=PARTNERS)
    await kz.enrol("kz.newest-demo")

    async def waits() -> bool:
        rows = await kz.rows("SELECT reason FROM message WHERE subject = $1 AND destination = 'uz'", offering)
        return [row["reason"] for row in rows] == ["day_share_used"]

    await until(waits)
    await until(lambda: uz.knows_key("kz.newest-demo"))
    await kz.rows("UPDATE agency_day SET day = day - 1 RETURNING true")
    await until(lambda: kz.rows("SELECT 1 FROM envelope WHERE subject = $1 AND sent_at IS NOT NULL", offering))


async def test_an_unknown_agency_of_the_own_country_parks_the_message(kz: Side) -> None:
    referral = a_referral()

    await kz.say(referral, SAPAR, "kz.new-demo")

    async def parked() -> bool:
        items = await kz.deliveries(f"{SAPAR}:caseworker", referral)
        return [one["reason"] for one in items] == ["recipient_unknown"]

    await until(parked)
    await kz.enrol("kz.new-demo")
    assert await kz.arrived(referral, 1) == [1]


async def test_a_message_whose_sealing_key_is_not_there_waits_for_it(kz: Side, uz: Side) -> None:
    referral = a_referral()

    await kz.say(referral, SAPAR, "uz.later-demo")

    async def parked() -> bool:
        items = await kz.deliveries(f"{SAPAR}:caseworker", referral)
        return [one["reason"] for one in items] == ["recipient_key_unknown"]

    await until(parked)
    await uz.enrol("uz.later-demo")
    assert await uz.arrived(referral, 1) == [1]


async def test_a_key_that_is_none_is_refused_and_not_called_a_defect(kz: Side) -> None:
    key = AgencyKeyPublished(
        agency_id="kz.odd-demo",
        version=1,
        suite=HYBRID_SUITE,
        sign_public="A",
        seal_public="A",
        valid_from=datetime.now(UTC),
    )

    await kz.tell("identity", key, "kz.odd-demo")

    await until(lambda: kz.rows("SELECT 1 FROM inbox WHERE lane = 'node:kz.odd-demo' AND parked_code = 'key_refused'"))


async def test_what_is_held_at_the_border_is_shown_and_tried_again(
    kz: Side, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exchange, "NotificationsSettings", lambda: kz.parts.settings)
    await kz.say(a_referral(), SAPAR, "uz.never-demo")
    await until(lambda: kz.rows("SELECT 1 FROM message WHERE recipient = 'uz.never-demo' AND reason IS NOT NULL"))

    await asyncio.to_thread(exchange.run_parked, [])
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    await asyncio.to_thread(exchange.run_unpark, [])

    held = [one for one in shown if one.get("recipient") == "uz.never-demo"]
    assert [(one["box"], one["direction"], one["reason"]) for one in held] == [
        ("border", "outbound", "recipient_key_unknown")
    ]
    assert "at the border that are tried again: 0" not in capsys.readouterr().out


async def test_an_envelope_whose_signer_is_not_known_yet_waits_and_opens_by_itself(kz: Side, uz: Side) -> None:
    referral, young = a_referral(), "kz.young-demo"
    await kz.publish_key(young, abroad=False)
    await until(lambda: kz.knows_key(young))

    await kz.say(referral, young, NAJOT)
    receipts = await kz.receipts(referral, 1)

    assert [one.data["stage"] for one in receipts] == ["received"]
    letters = (await uz.ask(f"{NAJOT}:agency_admin", "dead_letters")).json()["items"]
    assert ("waiting", "sender_key_unknown", young) in {(one["state"], one["reason"], one["sender"]) for one in letters}
    assert uz.received(referral) == []

    await kz.publish_key(young)
    assert await uz.arrived(referral, 1) == [1]
    assert [one.data["stage"] for one in await kz.receipts(referral, 2)] == ["received", "opened"]


async def test_a_poisoned_envelope_is_kept_and_shown_and_holds_nothing_up(world: World, kz: Side, uz: Side) -> None:
    referral = a_referral()
    public = uz.parts.keys.agency_keys(MEHR).public()
    letter = Letter(uuid4(), SAPAR, MEHR, EVENT_SCHEMA, b'{"not":"an event"}')
    poison = seal(letter, kz.parts.keys.agency_keys(SAPAR), public, datetime.now(UTC))
    lane = "xb.out.UZ.kz_sapar-demo.poison"

    await border_publish(world, "kz", lane, poison.data)
    await border_publish(world, "kz", lane, b"noise")
    await kz.say(referral, SAPAR, NAJOT)

    assert await uz.arrived(referral, 1) == [1]

    async def shown() -> dict[str, str] | None:
        letters = (await uz.ask(f"{MEHR}:agency_admin", "dead_letters")).json()["items"]
        return next((one for one in letters if one["reason"] == "event_malformed"), None)

    found = await until(shown)
    assert (found["state"], found["sender"], found["recipient"]) == ("dead", SAPAR, MEHR)
    assert "not" not in str(found)
    operator = (await uz.ask("uz.ministry-demo:platform_operator", "dead_letters")).json()["items"]
    assert {"event_malformed", "malformed"} <= {one["reason"] for one in operator}
    assert uz.running.dead_letters is not None
    counted = await uz.running.dead_letters()
    assert counted["event_malformed"] == sum(one["reason"] == "event_malformed" for one in operator)

    retried = await uz.ask(f"{MEHR}:agency_admin", f"dead_letters/{found['id']}/retry", "POST")
    assert retried.status_code == 202
    await until(shown)


async def test_the_same_envelope_twice_is_one_arrival_whatever_it_is_called(world: World, kz: Side, uz: Side) -> None:
    referral = a_referral()
    event = await kz.say(referral, SAPAR, NAJOT)
    await uz.arrived(referral, 1)
    posted = (await kz.rows("SELECT payload, subject FROM outbox WHERE bus = 'border' ORDER BY id DESC LIMIT 1"))[0]
    before = await uz.rows("SELECT count(*) AS n FROM arrival")

    for _ in range(2):
        await border_publish(world, "kz", f"xb.{posted['subject']}", bytes(posted["payload"]))
    last = a_referral()
    await kz.say(last, SAPAR, NAJOT)
    await uz.arrived(last, 1)

    assert uz.received(referral) == [event.sequence]
    after = await uz.rows("SELECT count(*) AS n FROM arrival")
    assert after[0]["n"] - before[0]["n"] <= 1 + 2  # the last message, and receipts that were still under way


async def test_a_signature_is_good_for_one_opening(world: World, kz: Side, uz: Side) -> None:
    referral, envelope_id = a_referral(), uuid4()
    event = await kz.say(referral, SAPAR, NAJOT)
    await uz.arrived(referral, 1)
    body = event.model_copy(update={"id": uuid7(), "sequence": 2}).model_dump_json(exclude_none=True).encode()
    keys, public = kz.parts.keys.agency_keys(SAPAR), uz.parts.keys.agency_keys(NAJOT).public()
    letter = Letter(envelope_id, SAPAR, NAJOT, EVENT_SCHEMA, body)

    for _ in range(2):
        again = seal(letter, keys, public, datetime.now(UTC))
        await border_publish(world, "kz", "xb.out.UZ.kz_sapar-demo.replay", again.data)

    async def refused() -> list[object]:
        return await uz.rows("SELECT 1 FROM arrival WHERE envelope_id = $1 AND reason = 'replayed'", envelope_id)

    await until(refused)
    assert await uz.arrived(referral, 2) == [1, 2]


async def test_an_id_that_somebody_else_used_before_takes_nothing_away(world: World, kz: Side, uz: Side) -> None:
    """Ids of broadcasts are known to every partner: one of them could have made another's vanish."""
    referral, own = a_referral(), a_referral()
    first = await uz.say(referral, NAJOT, SAPAR)
    await kz.arrived(referral, 1)
    data = acknowledged(own, MEHR).model_dump(mode="json")
    event = first.model_copy(update={"sender": MEHR, "subject": own, "lane": f"addressed:{own}", "data": data})
    letter = Letter(uuid4(), MEHR, SAPAR, EVENT_SCHEMA, event.model_dump_json(exclude_none=True).encode())
    sealed = seal(letter, uz.parts.keys.agency_keys(MEHR), kz.parts.keys.agency_keys(SAPAR).public(), datetime.now(UTC))

    await border_publish(world, "uz", "xb.out.KZ.uz_mehr-demo.own", sealed.data)

    assert await kz.arrived(own, 1) == [1]


async def test_a_partner_that_is_new_gets_every_broadcast_from_the_first_on(kz: Side) -> None:
    async with kz.parts.database.transaction(Context(NODE, "test")) as connection:
        await connection.execute("DELETE FROM broadcast_sent WHERE recipient = 'uz.node'")
        lanes = await connection.fetch("SELECT lane, max(sequence) AS last FROM broadcast GROUP BY lane")

    async def complete() -> bool:
        rows = await kz.rows("SELECT lane, count(*) AS n FROM broadcast_sent GROUP BY lane")
        return {row["lane"]: row["n"] for row in rows} == {row["lane"]: row["last"] for row in lanes}

    await until(complete)


async def border_publish(world: World, node: str, subject: str, data: bytes) -> None:
    """What a dishonest relay, or the hub, could hand over."""
    from deploy.local import streams

    connection = await streams.connect(world.servers.state, world.servers.plan, node, "BORDER")
    try:
        await connection.jetstream().publish(subject, data)
    finally:
        await connection.close()


async def test_a_partner_neither_opens_nor_closes_what_leaves_this_country(kz: Side, uz: Side) -> None:
    referral = a_referral()
    pair = {"origin": Country.KZ, "destination": Country.UZ}
    forged = kz.outboxes.setdefault("forged", Outbox("/kg/identity", kz.parts.transport))
    row = forged.row(Outgoing(CorridorClosed(**pair), "kz-uz"), "addressed:kz-uz", 1)
    headers = {"Nats-Msg-Id": str(row.event.id), "Safar-Id": str(row.event.id), "Safar-Type": row.event.type}

    await kz.parts.bus.publish("event.inbound.identity.kz-uz", row.payload, headers)
    await until(lambda: kz.rows("SELECT 1 FROM inbox WHERE parked_code = 'not_yours_to_say'"))
    await kz.say(referral, SAPAR, NAJOT, released(referral, SAPAR))

    assert await uz.arrived(referral, 1) == [1]


async def test_what_the_exchange_did_not_post_itself_is_buried_and_holds_up_nothing(
    world: World, kz: Side, uz: Side
) -> None:
    referral = a_referral()

    await border_publish(world, "kz", "out.UZ.kz_x.lane", b"\0\0\0\7")
    await kz.say(referral, SAPAR, NAJOT)

    assert await uz.arrived(referral, 1) == [1]
    buried = await kz.rows("SELECT reason FROM dead_letter WHERE subject = 'out.UZ.kz_x.lane'")
    assert [row["reason"] for row in buried] == ["malformed"]
    assert not kz.tasks["border"].done()
