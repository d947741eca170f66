"""Relay, broker and consumer on real parts: a killed broker delays, it never loses, doubles or disorders."""

import asyncio
import json
from pathlib import Path

import nkeys
import pytest
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StreamConfig

from contracts.envelope import CloudEvent
from contracts.events.identity import AgencySuspended
from contracts.events.referrals import ReferralAcknowledged
from contracts.terms import Audience
from services.chassis.bus import Bus, RefusedError, _code
from services.chassis.consumer import Consumer
from services.chassis.database import Database
from services.chassis.inbox import Inbox
from services.chassis.outbox import Outbox, Outgoing
from services.chassis.relay import Relay
from services.chassis.transport import Transport
from services.chassis.work import Units, Work
from tests.support.nats import NatsServer
from tests.support.postgres import ROOT, PostgresServer

SAMPLE = ROOT / "tests/support/sample_migrations"
TRANSPORT = Transport(b"k" * 32)


@pytest.fixture
async def databases(postgres: PostgresServer):
    made = [(await postgres.database("sample", SAMPLE)).connect(8) for _ in range(2)]
    for one in made:
        await one.open()
    yield made
    for one in made:
        await one.close()


async def _on_suspended(work: Work, event: CloudEvent, payload: AgencySuspended) -> None:
    await work.connection.execute("INSERT INTO applied (sequence, lane) VALUES ($1, $2)", event.sequence, event.lane)


async def _connected(broker: NatsServer) -> Bus:
    bus = await Bus.connect(broker.url, broker.seed_file, None, "sample")
    await bus.jetstream.add_stream(StreamConfig("EVENTS", subjects=["event.>"], discard=DiscardPolicy.NEW))
    consumer = ConsumerConfig(durable_name="sample", ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_deliver=-1)
    await bus.jetstream.add_consumer("EVENTS", consumer)
    return bus


async def _write(units: Units, count: int) -> None:
    for number in range(count):
        agency = f"kz.agency{number % 7}-demo"
        async with units.begin(None) as work:
            await work.tell(Outgoing(AgencySuspended(agency_id=agency), key=agency))
        await asyncio.sleep(0.002)


async def test_a_broker_killed_while_writers_run_loses_doubles_and_disorders_nothing(
    broker: NatsServer, databases: list[Database]
) -> None:
    origin, destination = databases
    bus = await _connected(broker)
    origin_units = Units(origin, Outbox("/kz/identity", TRANSPORT))
    inbox = Inbox(
        Units(destination, Outbox("/uz/identity", TRANSPORT)), TRANSPORT, {"agency.suspended.v1": _on_suspended}
    )
    running = [
        asyncio.create_task(Relay(origin, {"node": bus}).run()),
        asyncio.create_task(Consumer(bus, destination, inbox, node="kz", streams=["EVENTS"], durable="sample").run()),
    ]
    writing = asyncio.create_task(_write(origin_units, 400))

    for _ in range(3):
        await asyncio.sleep(0.3)
        broker.kill()
        await asyncio.sleep(0.3)
        await asyncio.to_thread(broker.start)
    await writing
    async with asyncio.timeout(60):
        while await destination.pool.fetchval("SELECT count(*) FROM applied") < 400:
            await asyncio.sleep(0.1)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await bus.close()

    rows = await destination.pool.fetch(
        "SELECT lane, array_agg(sequence ORDER BY n) AS seen FROM applied GROUP BY lane"
    )
    assert len(rows) == 7
    assert all(row["seen"] == list(range(1, len(row["seen"]) + 1)) for row in rows)
    assert sum(len(row["seen"]) for row in rows) == 400


async def test_a_connection_that_was_lost_can_be_closed(broker: NatsServer) -> None:
    bus = await _connected(broker)
    broker.kill()
    await bus.client.publish("event.node.identity.a", b"{}")
    async with asyncio.timeout(10):
        while bus.is_connected:
            await asyncio.sleep(0.01)
    await bus.client.publish("event.node.identity.a", b"{}")

    await bus.close()

    assert bus.client.is_closed


async def test_a_subject_that_cannot_be_is_refused_and_not_tried_for_ever(broker: NatsServer) -> None:
    bus = await _connected(broker)

    with pytest.raises(RefusedError):
        await bus.publish("event.node.identity.a b", b"{}", {})
    await bus.close()


@pytest.mark.parametrize(
    "poison",
    [
        {"sequence": 2**31},
        {"subject": "a b"},
        {"lane": "node:\x00"},
        {"data": "nothing"},
        {"source": "/uz/directory"},
        {"source": "/kz/identity"},
    ],
)
async def test_a_message_that_cannot_be_taken_is_buried_and_its_neighbours_go_on(
    broker: NatsServer, databases: list[Database], poison: dict[str, object]
) -> None:
    database, bus = databases[1], await _connected(broker)
    units = Units(database, Outbox("/uz/identity", TRANSPORT))
    inbox = Inbox(units, TRANSPORT, {"agency.suspended.v1": _on_suspended})
    good = units.outbox.row(Outgoing(AgencySuspended(agency_id="kz.sapar-demo"), key="kz.sapar-demo"), "node:a", 1)
    bad = json.dumps(json.loads(good.payload) | poison).encode()
    labels = {"Safar-Id": str(good.event.id), "Safar-Type": good.event.type}
    running = asyncio.create_task(Consumer(bus, database, inbox, node="uz", streams=["EVENTS"], durable="sample").run())

    await bus.publish("event.node.identity.x", bad, labels)
    await bus.publish("event.node.identity.x", good.payload, labels)
    async with asyncio.timeout(20):
        while not await database.pool.fetchval("SELECT count(*) FROM applied"):
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bus.close()

    assert await database.pool.fetchval("SELECT count(*) FROM dead_letter") == 1


async def test_a_service_cannot_tell_what_is_anothers_to_tell(broker: NatsServer, databases: list[Database]) -> None:
    """A referral's act by identity's key, under identity's own subject and name."""
    database, bus = databases[1], await _connected(broker)
    inbox = Inbox(Units(database, Outbox("/uz/identity", TRANSPORT)), TRANSPORT, {})
    forger = Outbox("/uz/identity", TRANSPORT)
    act = ReferralAcknowledged.model_construct()
    row = forger.row(Outgoing(act, key="a", audience=Audience.ADDRESSED), "addressed:a", 1)
    running = asyncio.create_task(Consumer(bus, database, inbox, node="uz", streams=["EVENTS"], durable="sample").run())

    labels = {"Safar-Id": str(row.event.id), "Safar-Type": row.event.type}
    await bus.publish("event.addressed.identity.a", row.payload, labels)
    async with asyncio.timeout(20):
        while not await database.pool.fetchval("SELECT count(*) FROM dead_letter"):
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bus.close()

    assert await database.pool.fetchval("SELECT reason FROM dead_letter") == "forged"
    assert await database.pool.fetchval("SELECT count(*) FROM inbox") == 0


async def test_a_refused_key_is_said_and_waited_for(
    broker: NatsServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(bytes(nkeys.encode_seed(b"w" * 32, nkeys.PREFIX_BYTE_USER)))

    connecting = asyncio.create_task(Bus.connect(broker.url, wrong, None, "sample"))
    async with asyncio.timeout(10):
        while "bus_error" not in caplog.messages:
            await asyncio.sleep(0.05)
    refused = not connecting.done()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)

    assert refused
    said = [record.fields for record in caplog.records if record.message == "bus_error"]  # type: ignore[attr-defined]
    assert said[0] == {"error": "authorization_violation"}


def test_a_refused_subject_is_said_without_naming_it() -> None:
    said = Exception("nats: 'Permissions Violation for Publish to \"event.node.x.kz\"'")

    assert _code(said) == "permissions_violation"
    assert _code(OSError("address of somebody")) == "OSError"
