"""Cut, killed, late: every message arrives once and in order, and the backlog was seen (nats.md §7)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.bus import Bus
from services.notifications.app import BorderDesk, node_of_settings
from services.notifications.messaging.border_relay import BorderRelay
from services.notifications.settings import read_trust
from services.notifications.storage.keyring import Keyring
from services.notifications.storage.messages import MessageRows
from tests.integration.notifications.conftest import World
from tests.integration.notifications.world import Side, a_referral, until
from tests.support.proxy import Mode

SAPAR, NAJOT = "kz.sapar-demo", "uz.najot-demo"


class KilledError(BaseException):
    """The process is gone."""


class DyingBus:
    """The border connection of a process that is killed after a publish, before anything else."""

    def __init__(self, bus: Bus, publishes: int) -> None:
        self._bus = bus
        self.left = publishes
        self.client = bus.client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        await self._bus.publish(subject, payload, headers)
        self.left -= 1
        if not self.left:
            raise KilledError


async def relay_of(side: Side, publishes: int = 10_000, clock=lambda: datetime.now(UTC)) -> tuple[Bus, BorderRelay]:
    """A border relay as another process would run it."""
    settings = side.settings
    bus = await Bus.connect(settings.nats_url, settings.border_nats_seed_file, settings.nats_ca_file, "border")
    trusted = read_trust(settings.trust_file)
    node = node_of_settings(settings, trusted)
    desk = BorderDesk(side.parts.units, side.parts.transport, trusted, node)
    dying: Any = DyingBus(bus, publishes)
    return bus, BorderRelay(dying, desk.begin_own, Keyring(side.parts.keys), "uz", clock)


async def waiting(side: Side) -> int:
    rows = await side.rows("SELECT count(*) FROM message WHERE destination = 'uz' AND state <> 'crossed'")
    return int(rows[0]["count"])


async def posted(side: Side, referral: str, count: int) -> None:
    """Until the messages are sealed and in the stream OUT_UZ."""
    statement = """SELECT 1 FROM message m JOIN outbox o ON o.event_id = m.posted_id
        WHERE split_part(m.subject, ':', 1) = $1 AND o.sent_at IS NOT NULL"""

    async def there() -> bool:
        return len(await side.rows(statement, referral)) == count

    await until(there)


async def test_a_relay_killed_between_publish_and_ack_doubles_nothing(kz: Side, uz: Side) -> None:
    referral, begun = a_referral(), datetime.now(UTC)
    await kz.stop("border")
    for _ in range(4):
        await kz.say(referral, SAPAR, NAJOT)
    await posted(kz, referral, 4)
    assert await waiting(kz) >= 4

    bus, relay = await relay_of(kz, publishes=2)
    with pytest.raises(KilledError):
        await relay.run()
    await bus.close()
    kz.start("border")

    assert await uz.arrived(referral, 4) == [1, 2, 3, 4]
    await kz.receipts(referral, 8)
    rows = await uz.rows("SELECT count(*) FROM arrival WHERE received_at >= $1 GROUP BY envelope_id", begun)
    assert {row["count"] for row in rows} == {1}


async def test_what_was_not_noted_as_crossed_is_carried_again(
    kz: Side, uz: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = a_referral()
    await kz.stop("border")
    await kz.say(referral, SAPAR, NAJOT)
    await posted(kz, referral, 1)

    async def killed(*_: object) -> None:
        raise KilledError

    bus, relay = await relay_of(kz, publishes=9)
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(MessageRows, "mark_crossed", killed)
        await relay.run()
    await bus.close()
    assert await uz.arrived(referral, 1) == [1]
    kz.start("border")

    await until(lambda: kz.rows(_CROSSED, referral))
    assert uz.received(referral) == [1]


_CROSSED = "SELECT 1 FROM envelope WHERE about = $1 AND direction = 'outbound' AND sent_at IS NOT NULL"


async def test_an_envelope_that_outlived_its_signature_in_a_cut_is_sealed_again(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.stop("border")
    for _ in range(2):
        await kz.say(referral, SAPAR, NAJOT)
    await posted(kz, referral, 2)
    first = {
        row["posted_id"]
        for row in await kz.rows("SELECT posted_id FROM message WHERE split_part(subject, ':', 1) = $1", referral)
    }

    bus, relay = await relay_of(kz, clock=lambda: datetime.now(UTC) + timedelta(days=8))
    task = asyncio.create_task(relay.run())
    assert await uz.arrived(referral, 2) == [1, 2]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bus.close()
    kz.start("border")

    stages = [one.data["stage"] for one in await kz.receipts(referral, 4)]
    assert sorted(stages) == ["opened", "opened", "received", "received"]
    crossed = {row["envelope_id"] for row in await uz.rows("SELECT envelope_id FROM arrival")}
    assert not first & crossed


@pytest.mark.parametrize("fault", ["black_hole", "reset", "far_server_killed", "own_server_killed"])
async def test_a_cut_delays_and_neither_loses_nor_doubles_nor_disorders(
    world: World, kz: Side, uz: Side, fault: str
) -> None:
    referrals = [a_referral() for _ in range(4)]
    await kz.say(referrals[0], SAPAR, NAJOT)
    await uz.arrived(referrals[0], 1)
    leaf = world.servers.leaf

    if fault == "far_server_killed":
        world.servers.kill("uz")
    elif fault == "own_server_killed":
        await posted(kz, referrals[0], 0)
    elif fault == "black_hole":
        leaf.set(Mode.BLACK_HOLE)
    else:
        leaf.set(Mode.BLACK_HOLE)
        leaf.reset()
    for _ in range(6):
        for referral in referrals[1:]:
            await kz.say(referral, SAPAR, NAJOT)
    if fault == "own_server_killed":
        world.servers.kill("kz")
    else:

        async def backlog() -> bool:
            return await waiting(kz) == 18

        await until(backlog)
    await asyncio.sleep(2)
    leaf.set(Mode.UP)
    missing = {"far_server_killed": "uz", "own_server_killed": "kz"}.get(fault)
    if missing:
        await world.servers.start(missing)

    for referral in referrals[1:]:
        assert await uz.arrived(referral, 6, seconds=60) == [1, 2, 3, 4, 5, 6]
        assert len(await kz.receipts(referral, 12, seconds=60)) == 12
