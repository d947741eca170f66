"""Nothing is lost, nothing is doubled: the outbox numbers without gaps, the inbox applies once and in order."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag
from nats.js.errors import ServiceUnavailableError

from contracts.envelope import CloudEvent
from contracts.events.identity import AgencySuspended
from contracts.events.referrals import ReferralAcknowledged
from contracts.terms import Audience
from services.chassis import relay
from services.chassis.backlog import backlog, parked_lanes, unpark
from services.chassis.bus import RefusedError
from services.chassis.database import Database
from services.chassis.inbox import Inbox
from services.chassis.outbox import Outbox, Outgoing
from services.chassis.problems import DomainError
from services.chassis.relay import Relay
from services.chassis.transport import Transport
from services.chassis.work import Units, Work
from tests.support.postgres import ROOT, PostgresServer

SAMPLE = ROOT / "tests/support/sample_migrations"
TRANSPORT = Transport(b"k" * 32)


@pytest.fixture
async def database(postgres: PostgresServer):
    made = (await postgres.database("sample", SAMPLE)).connect(8)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def units(database: Database) -> Units:
    return Units(database, Outbox("/kz/sample", TRANSPORT))


def suspended(agency: str = "kz.sapar-demo") -> Outgoing:
    return Outgoing(AgencySuspended(agency_id=agency), key=agency)


class Broker:
    """Keeps what is published; `fail` names how many publishes to refuse first."""

    def __init__(self, *, fail: int = 0, refuse: bool = False) -> None:
        self.messages: list[tuple[str, bytes, dict[str, str]]] = []
        self.fail = fail
        self.refuse = refuse

    async def publish(self, subject, payload, headers) -> None:
        if self.refuse:
            raise RefusedError("too_large")
        if self.fail:
            self.fail -= 1
            raise TimeoutError
        self.messages.append((subject, payload, dict(headers)))


async def _relayed(database: Database, broker: Broker, count: int) -> None:
    task = asyncio.create_task(Relay(database, {"node": broker}).run())
    try:
        async with asyncio.timeout(10):
            while len(broker.messages) < count:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_sequences_are_gapless_when_many_writers_share_a_lane(units: Units) -> None:
    async def one() -> None:
        async with units.begin(None) as work:
            await work.tell(suspended())

    async def rolled_back() -> None:
        with pytest.raises(RuntimeError):
            async with units.begin(None) as work:
                await work.tell(suspended())
                raise RuntimeError

    await asyncio.gather(*(one() for _ in range(20)), *(rolled_back() for _ in range(10)))

    rows = await units.database.pool.fetch("SELECT sequence FROM outbox ORDER BY sequence")
    assert [row["sequence"] for row in rows] == list(range(1, 21))


async def test_the_relay_publishes_in_lane_order_and_marks(units: Units) -> None:
    for _ in range(5):
        async with units.begin(None) as work:
            await work.tell(suspended(), suspended("kz.kamqor-demo"))
    broker = Broker(fail=3)

    await _relayed(units.database, broker, 10)

    sequences: dict[str, list[int]] = {}
    for _, payload, _ in broker.messages:
        event = CloudEvent.model_validate_json(payload)
        sequences.setdefault(event.lane, []).append(event.sequence)
    assert sequences == {"node:kz.sapar-demo": [1, 2, 3, 4, 5], "node:kz.kamqor-demo": [1, 2, 3, 4, 5]}


async def test_what_one_stream_does_not_take_holds_up_no_other_however_much_it_is(units: Units) -> None:
    full = _FullStream("event.addressed.")
    async with units.begin(None) as work:
        for number in range(1200):
            await work.tell(
                Outgoing(AgencySuspended(agency_id="kz.a"), f"kz.a{number}", Audience.ADDRESSED, "kz.node", "partners")
            )
        await work.tell(suspended())

    task = asyncio.create_task(Relay(units.database, {"node": full}).run())
    await _until(lambda: len(full.messages) == 1)
    refused = full.refused
    await asyncio.sleep(2)
    tried_again = full.refused - refused
    full.way = "none"
    await _until(lambda: len(full.messages) == 1201)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert full.messages[0].startswith("event.node.")
    assert 1 <= tried_again <= 100
    assert len(set(full.messages)) == 1201


class _FullStream:
    """Refuses what goes one way, as a stream at its limit does."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.refused = 0
        self.messages: list[str] = []

    async def publish(self, subject, payload, headers) -> None:
        if subject.startswith(self.way):
            self.refused += 1
            raise ServiceUnavailableError(code=503, err_code=10077, description="maximum bytes exceeded")
        self.messages.append(subject)


async def _until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_burst_is_read_by_indexes_although_no_statistics_know_of_it(units: Units) -> None:
    """Each row was compared with all others until the planner heard of them, a minute later: 70 a second."""
    pool = units.database.pool
    await pool.execute(_BURST, 3000)

    plan = await pool.fetch(f"EXPLAIN {relay._UNSENT}".replace("$1", "'{}'").replace("$2", "500"))

    assert "outbox_parked" in "".join(row[0] for row in plan)


_BURST = """INSERT INTO outbox (lane, sequence, event_id, type, subject, payload)
SELECT 'burst:' || n, 1, gen_random_uuid(), 'sample.happened.v1', 'event.node.sample.x', 'x'
FROM generate_series(1, $1::int) n"""


async def test_a_refused_message_parks_its_lane_and_no_other(units: Units) -> None:
    async with units.begin(None) as work:
        await work.tell(suspended())
    broker = Broker(refuse=True)
    task = asyncio.create_task(Relay(units.database, {"node": broker}).run())
    async with asyncio.timeout(10):
        while not await units.database.pool.fetchval("SELECT count(*) FROM outbox WHERE parked_reason IS NOT NULL"):
            await asyncio.sleep(0.02)
    broker.refuse = False
    async with units.begin(None) as work:
        await work.tell(suspended(), suspended("kz.kamqor-demo"))

    async with asyncio.timeout(10):
        while not broker.messages:
            await asyncio.sleep(0.02)
    assert [CloudEvent.model_validate_json(p).lane for _, p, _ in broker.messages] == ["node:kz.kamqor-demo"]
    known = await backlog(units.database.pool)
    assert known["parked"] == [{"box": "outbox", "code": "too_large", "lanes": 1}]
    assert [(lane["lane"], lane["behind"]) for lane in await parked_lanes(units.database.pool)] == [
        ("node:kz.sapar-demo", 1)
    ]

    assert await unpark(units.database.pool, "node:kz.kamqor-demo") == 0
    assert await unpark(units.database.pool, "node:kz.sapar-demo") == 1
    async with asyncio.timeout(10):
        while len(broker.messages) < 3:
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sent = [CloudEvent.model_validate_json(p) for _, p, _ in broker.messages[1:]]
    assert [(event.lane, event.sequence) for event in sent] == [("node:kz.sapar-demo", 1), ("node:kz.sapar-demo", 2)]


async def test_two_relays_never_publish_side_by_side(units: Units) -> None:
    for _ in range(50):
        async with units.begin(None) as work:
            await work.tell(suspended())
    broker = Broker()

    await asyncio.gather(_relayed(units.database, broker, 50), _relayed(units.database, broker, 50))

    assert [CloudEvent.model_validate_json(p).sequence for _, p, _ in broker.messages] == list(range(1, 51))


def _arrivals(outbox: Outbox, count: int, lane: str = "node:kz.sapar-demo") -> list[tuple[CloudEvent, bytes]]:
    rows = [outbox.row(suspended(), lane, number) for number in range(1, count + 1)]
    return [(row.event, row.payload) for row in rows]


def _counting(units: Units) -> Inbox:
    async def on_suspended(work: Work, event: CloudEvent, payload: AgencySuspended) -> None:
        await work.connection.execute(
            "INSERT INTO applied (sequence, lane) VALUES ($1, $2)", event.sequence, event.lane
        )
        if payload.agency_id == "kz.poison-demo":
            raise DomainError

    return Inbox(units, TRANSPORT, {"agency.suspended.v1": on_suspended})


async def _receive(inbox: Inbox, units: Units, arrivals: list[tuple[CloudEvent, bytes]]) -> None:
    async with units.begin(None) as work:
        await inbox.store(work.connection, arrivals)
    await inbox.apply({(event.source, event.lane) for event, _ in arrivals})


async def _applied(units: Units) -> list[int]:
    return [row["sequence"] for row in await units.database.pool.fetch("SELECT sequence FROM applied ORDER BY n")]


async def test_twice_means_once(units: Units) -> None:
    inbox, arrivals = _counting(units), _arrivals(units.outbox, 3)

    await _receive(inbox, units, arrivals)
    await _receive(inbox, units, arrivals)

    assert await _applied(units) == [1, 2, 3]


async def test_out_of_order_means_later(units: Units) -> None:
    inbox, (first, second, third) = _counting(units), _arrivals(units.outbox, 3)

    await _receive(inbox, units, [third, second])
    waiting = await _applied(units)
    await _receive(inbox, units, [first])

    assert waiting == []
    assert await _applied(units) == [1, 2, 3]


async def test_the_same_lane_from_two_workers_is_applied_once(units: Units) -> None:
    inbox, arrivals = _counting(units), _arrivals(units.outbox, 20)

    await asyncio.gather(*(_receive(inbox, units, arrivals) for _ in range(4)))

    assert await _applied(units) == list(range(1, 21))


async def test_a_poisoned_message_parks_its_lane_and_leaves_no_effect(units: Units) -> None:
    inbox, lane = _counting(units), "node:kz.poison-demo"
    rows = [units.outbox.row(suspended("kz.poison-demo"), lane, number) for number in (1, 2)]

    await _receive(inbox, units, [(row.event, row.payload) for row in rows])
    await _receive(inbox, units, _arrivals(units.outbox, 1))

    parked = await units.database.pool.fetch("SELECT sequence, parked_code FROM inbox WHERE parked_code IS NOT NULL")
    assert [tuple(row.values()) for row in parked] == [(1, "error")]
    assert await _applied(units) == [1]


async def test_a_parked_lane_is_counted_shown_and_applied_once_its_cause_is_mended(units: Units) -> None:
    lane = "node:kz.poison-demo"
    rows = [units.outbox.row(suspended("kz.poison-demo"), lane, number) for number in (1, 2)]
    await _receive(_counting(units), units, [(row.event, row.payload) for row in rows])
    pool = units.database.pool
    assert await backlog(pool) == {
        "unsent": 0,
        "waiting": 1,
        "parked": [{"box": "inbox", "code": "error", "lanes": 1}],
        "dead_letters": {},
    }
    (shown,) = await parked_lanes(pool)
    assert (shown["source"], shown["lane"], shown["sequence"], shown["code"], shown["behind"]) == (
        "/kz/sample",
        lane,
        1,
        "error",
        1,
    )
    assert "payload" not in shown

    applied: list[int] = []

    async def mended(_: Work, event: CloudEvent, __: AgencySuspended) -> None:
        applied.append(event.sequence)

    assert await unpark(pool) == 1
    await Inbox(units, TRANSPORT, {"agency.suspended.v1": mended}).sweep()

    assert applied == [1, 2]
    assert (await backlog(pool))["parked"] == []


async def test_a_broken_contract_parks_its_lane(units: Units) -> None:
    inbox = _counting(units)
    row = units.outbox.row(suspended(), "node:kz.sapar-demo", 1)
    broken = row.event.model_copy(update={"data": {"agency_id": "nobody"}})

    await _receive(inbox, units, [(broken, broken.model_dump_json(exclude_none=True).encode())])

    assert await units.database.pool.fetchval("SELECT parked_code FROM inbox") == "contract_violated"


async def test_a_lane_that_was_stored_but_not_applied_is_swept_after_a_restart(units: Units) -> None:
    async with units.begin(None) as work:
        await _counting(units).store(work.connection, _arrivals(units.outbox, 3))

    await _counting(units).sweep()

    assert await _applied(units) == [1, 2, 3]


async def test_a_confidential_event_is_unreadable_in_the_outbox(units: Units) -> None:
    canary = uuid4()
    payload = ReferralAcknowledged.model_construct(referral_id=canary)

    async with units.begin(None) as work:
        await work.tell(Outgoing(payload, key="k", audience=Audience.ADDRESSED))

    stored: asyncpg.Record = await units.database.pool.fetchrow("SELECT payload FROM outbox")
    assert str(canary).encode() not in stored["payload"]


def _acknowledged() -> CloudEvent:
    row = _arrivals(Outbox("/kz/sample", TRANSPORT), 1)[0][0]
    return row.model_copy(update={"type": "referral.acknowledged.v1"})


async def test_a_confidential_event_in_plain_is_not_believed(units: Units) -> None:
    inbox, event = _counting(units), _acknowledged()

    with pytest.raises(InvalidTag):
        inbox.envelope(event.type, event.id, event.model_dump_json(exclude_none=True).encode())


async def test_an_event_that_is_not_what_its_label_says_is_not_believed(units: Units) -> None:
    inbox, event = _counting(units), _acknowledged()

    with pytest.raises(InvalidTag):
        inbox.envelope("agency.suspended.v1", event.id, event.model_dump_json(exclude_none=True).encode())


async def test_what_nobody_foresaw_parks_its_lane_and_what_may_pass_is_tried_again(units: Units) -> None:
    failures: list[Exception] = [OverflowError(), ConnectionResetError()]

    async def on_suspended(_: Work, __: CloudEvent, ___: AgencySuspended) -> None:
        raise failures.pop()

    inbox = Inbox(units, TRANSPORT, {"agency.suspended.v1": on_suspended})

    await _receive(inbox, units, _arrivals(units.outbox, 1))
    passed = await units.database.pool.fetchval("SELECT parked_code FROM inbox")
    await inbox.sweep()

    assert passed is None
    assert await units.database.pool.fetchval("SELECT parked_code FROM inbox") == "defect"


async def test_a_value_that_cannot_be_stored_parks_its_lane_and_stops_no_other(units: Units) -> None:
    async def on_suspended(work: Work, event: CloudEvent, payload: AgencySuspended) -> None:
        name = "\x00" if payload.agency_id == "kz.poison-demo" else event.lane
        await work.connection.execute("INSERT INTO applied (sequence, lane) VALUES ($1, $2)", event.sequence, name)

    inbox = Inbox(units, TRANSPORT, {"agency.suspended.v1": on_suspended})
    poison = units.outbox.row(suspended("kz.poison-demo"), "node:kz.poison-demo", 1)

    await _receive(inbox, units, [(poison.event, poison.payload), *_arrivals(units.outbox, 1)])

    assert await _applied(units) == [1]
    assert await units.database.pool.fetchval("SELECT parked_code FROM inbox WHERE lane LIKE '%poison%'") == (
        "cannot_be_stored"
    )
