"""A hostile or broken partner holds up its own messages at worst, never the node's own work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from deploy.local import streams
from services.notifications.app import _operate
from services.notifications.domain import allowance
from services.notifications.domain.envelope import EVENT_SCHEMA, Letter, seal
from services.notifications.messaging import border_inbound
from tests.integration.notifications.conftest import World
from tests.integration.notifications.test_parking import border_publish
from tests.integration.notifications.world import Side, a_referral, until
from tests.unit.notifications.letters import an_event

SAPAR, NAJOT, MEHR = "kz.sapar-demo", "uz.najot-demo", "uz.mehr-demo"


def hostile(**changes: object) -> bytes:
    """An event that Sapar's own key signs; `raw` replaces its data as it is written."""
    raw = str(changes.pop("raw", "{}"))
    event = an_event(subject=f"x{uuid4()}", **changes).model_dump_json(exclude_none=True, exclude={"data"})
    return f'{event[:-1]},"data":{raw}}}'.encode()


async def push(world: World, *bodies: bytes) -> None:
    """Seal them and hand them over, as a taken country's relay would."""
    kz, uz = world.kz, world.uz
    keys, public = kz.parts.keys.agency_keys(SAPAR), uz.parts.keys.agency_keys(NAJOT).public()
    for number, body in enumerate(bodies):
        sealed = seal(Letter(uuid4(), SAPAR, NAJOT, EVENT_SCHEMA, body), keys, public, datetime.now(UTC))
        await border_publish(world, "kz", f"xb.out.UZ.kz_sapar-demo.hostile{number}", sealed.data)


async def dead(side: Side, reason: str) -> int:
    rows = await side.rows("SELECT count(*) AS n FROM arrival WHERE state = 'dead' AND reason = $1", reason)
    return int(rows[0]["n"])


@asynccontextmanager
async def deployer(world: World, node: str, account: str) -> AsyncIterator[Any]:
    connection = await streams.connect(world.servers.state, world.servers.plan, node, account)
    try:
        yield connection.jetstream()
    finally:
        await connection.close()


async def crosses(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.say(referral, SAPAR, NAJOT)
    assert await uz.arrived(referral, 1) == [1]


async def works_inland(side: Side, seconds: float = 10.0) -> None:
    referral = a_referral()
    await side.say(referral, MEHR, NAJOT)
    assert await side.arrived(referral, 1, seconds) == [1]


GROWING = "[" + ",".join(["1e15"] * 20_000) + "]"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"raw": f'{{"n":{GROWING}}}'}, "too_large"),
        ({"raw": '{"n":NaN}'}, "event_malformed"),
        ({"raw": '{"n":-Infinity}'}, "event_malformed"),
        ({"raw": '{"n":1e999}'}, "event_malformed"),
        ({"raw": '{"note":"nothing that its contract has"}'}, "contract_violated"),
        ({"lane": "node:0193"}, "audience_mismatch"),
        ({"type": "indicator_fact.recorded.v1"}, "audience_mismatch"),
    ],
)
async def test_what_its_contract_does_not_allow_is_told_to_nobody(
    world: World, kz: Side, uz: Side, said: dict[str, object], reason: str
) -> None:
    before = await dead(uz, reason)
    told = await uz.rows("SELECT count(*) AS n FROM outbox WHERE subject LIKE '%inbound%' OR subject LIKE 'from.%'")

    await push(world, hostile(**said))

    async def refused() -> bool:
        return await dead(uz, reason) == before + 1

    await until(refused)
    after = await uz.rows("SELECT count(*) AS n FROM outbox WHERE subject LIKE '%inbound%' OR subject LIKE 'from.%'")
    assert after == told
    await crosses(kz, uz)


async def test_what_came_is_never_told_larger(kz: Side, uz: Side) -> None:
    await crosses(kz, uz)

    rows = await uz.rows(
        """SELECT octet_length(o.payload) AS told, a.size AS came FROM outbox o
        JOIN envelope e ON e.event_id = o.event_id AND e.direction = 'inbound'
        JOIN arrival a ON a.sender = e.sender AND a.settled_at = e.opened_at WHERE o.subject LIKE 'from.KZ.%'"""
    )
    assert rows
    assert all(row["told"] <= row["came"] for row in rows)


async def test_a_full_stream_of_one_country_holds_up_that_countrys_messages_alone(
    world: World, kz: Side, uz: Side
) -> None:
    referrals = [a_referral() for _ in range(30)]
    await crosses(kz, uz)
    async with deployer(world, "uz", "NODE") as jetstream:
        await uz.stop("listen FROM_KZ")
        found = await jetstream.stream_info("FROM_KZ")
        usual = found.config.max_bytes
        await jetstream.update_stream(found.config.evolve(max_bytes=found.state.bytes + 5000))

        for referral in referrals:
            await kz.say(referral, SAPAR, NAJOT)
            await kz.say(referral, SAPAR, NAJOT)

        async def held() -> bool:
            rows = await uz.rows("SELECT count(*) AS n FROM outbox WHERE sent_at IS NULL AND subject LIKE 'from.KZ.%'")
            return bool(rows[0]["n"] > 50)

        await until(held)
        await works_inland(uz)
        await uz.say(referrals[0], NAJOT, SAPAR)
        assert await kz.arrived(referrals[0], 1) == [1]

        uz.start_listening("FROM_KZ")
        for referral in referrals:
            assert await uz.arrived(referral, 2, 40) == [1, 2]
        await jetstream.update_stream(found.config.evolve(max_bytes=usual))


async def says_until_it_waits(world: World, referral: str) -> int:
    """The request that stands when intake stops may still take the first; how many were said."""
    for said in range(1, 11):
        await world.kz.say(referral, SAPAR, NAJOT)
        await asyncio.sleep(0.5)
        async with deployer(world, "uz", "BORDER") as jetstream:
            if (await jetstream.stream_info("IN_KZ")).state.messages:
                return said
    raise TimeoutError


async def test_beyond_its_day_a_countrys_messages_wait_in_its_own_stream(
    world: World, kz: Side, uz: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = a_referral()
    await crosses(kz, uz)
    monkeypatch.setattr(border_inbound, "_PAUSE_SECONDS", 0.2)

    with monkeypatch.context() as patched:
        patched.setattr(allowance, "A_DAY", 1)
        said = await says_until_it_waits(world, referral)
        await works_inland(uz)

    assert await uz.arrived(referral, said) == list(range(1, said + 1))


async def test_what_a_country_filled_its_share_with_can_be_given_up(
    world: World, kz: Side, uz: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = a_referral()
    await push(world, hostile(raw='{"n":NaN}'))

    async def refused() -> int:
        return await dead(uz, "event_malformed")

    await until(refused)
    monkeypatch.setattr(border_inbound, "_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(allowance, "HELD", 1)
    said = await says_until_it_waits(world, referral)
    await works_inland(uz)

    assert await _operate(uz.settings, lambda letters: letters.forget("kz", "event_malformed")) >= 1
    await _operate(uz.settings, lambda letters: letters.forget("kz", ""))

    assert await uz.arrived(referral, said) == list(range(1, said + 1))


async def test_a_stream_keeps_nothing_that_everybody_has_read(world: World, kz: Side, uz: Side) -> None:
    for _ in range(5):
        await crosses(kz, uz)

    async def empty() -> bool:
        async with deployer(world, "uz", "BORDER") as jetstream:
            arrived = (await jetstream.stream_info("IN_KZ")).state.messages
        async with deployer(world, "kz", "BORDER") as jetstream:
            left = (await jetstream.stream_info("OUT_UZ")).state.messages
        return (arrived, left) == (0, 0)

    await until(empty)
    async with deployer(world, "uz", "NODE") as jetstream:
        unread = {
            (await jetstream.consumer_info("FROM_KZ", name)).num_pending
            for name in ("directory", "referrals", "notifications", "coordination")
        }
        assert (await jetstream.stream_info("FROM_KZ")).state.messages <= sum(unread)
