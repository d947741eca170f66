"""Two countries and the hub between them: real nats-servers, real Postgres, the exchange as it is composed."""

import asyncio
import contextlib
import subprocess
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import nats.errors
import pytest
from nats.aio.msg import Msg

from contracts.envelope import CloudEvent, Frozen
from contracts.events.identity import AgencyEnrolled, AgencyKeyPublished, CorridorClosed, CorridorOpened, Names
from contracts.events.referrals import ConsentWithdrawn, CustodyEntry, IdentityReleased, ReferralAcknowledged
from contracts.terms import AgencyKind, Audience, Country, CustodyAct, IdentityField, Role
from deploy.local import broker, streams, trust
from deploy.local.plan import Plan
from deploy.local.state import State
from services.chassis.auth import InvalidTokenError, install_verifier
from services.chassis.bus import Bus
from services.chassis.database import NODE, Context, Database
from services.chassis.keys import FileKeyProvider, b64
from services.chassis.outbox import Outbox, Outgoing, stream_from
from services.chassis.principal import Principal
from services.chassis.service import Parts, Running
from services.chassis.tasks import end
from services.chassis.transport import Transport
from services.chassis.work import Units
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from tests.support.described import DescribedTransport
from tests.support.postgres import PostgresServer, free_block
from tests.support.proxy import Proxy

PORTS = free_block()
LEAF_PROXY = PORTS + 90
CLOSE = ("kz", "uz")


class TestPlan(Plan):
    """Two countries within this suite's ports."""

    __test__ = False

    def port(self, node: str, part: str) -> int:
        offset = {"nats": 0, "leaf": 1, "monitor": 2, "notifications": 3}[part]
        return PORTS + 10 * ("hub", "kz", "uz", "region").index(node) + offset


class Staff:
    """Tokens of this shape are believed: `kz.sapar-demo:caseworker`."""

    async def verify(self, token: str) -> Principal:
        agency, _, role = token.partition(":")
        if not role:
            raise InvalidTokenError
        return Principal("someone", agency, frozenset({Role(role)}), None, agency.split(".")[0], is_client=False)


@dataclass
class Servers:
    """The NATS servers of a plan, killed and restarted at will."""

    state: State
    plan: Plan
    leaf: Proxy
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def start(self, *nodes: str) -> None:
        for node in nodes:
            component = broker.component(self.state, self.plan, node)
            with (component.folder / "log").open("ab") as log:
                self.processes[node] = subprocess.Popen(  # noqa: ASYNC220  (a moment, in a test)
                    component.command, cwd=component.folder, env=component.environment, stdout=log, stderr=log
                )
        for node in nodes:
            await until(lambda node=node: asyncio.to_thread(self._answers, node))

    def kill(self, *nodes: str) -> None:
        for node in nodes:
            process = self.processes.pop(node, None)
            if process is not None:
                process.kill()
                process.wait()

    def _answers(self, node: str) -> bool:
        url = f"http://127.0.0.1:{self.plan.port(node, 'monitor')}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return True
        except OSError:
            return False


def about(event: CloudEvent) -> str:
    """The referral; the subject names its author as well."""
    return event.subject.partition(":")[0]


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> Any:
    """Wait for a true answer, and return it."""
    async with asyncio.timeout(seconds):
        while not (answer := await condition()):
            await asyncio.sleep(0.05)
        return answer


@dataclass
class Side:
    """One country: its exchange, and what identity and referrals would say and hear there."""

    parts: Parts
    settings: NotificationsSettings
    running: Running
    http: httpx.AsyncClient
    others: dict[str, Bus]
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    inbound: list[CloudEvent] = field(default_factory=list)
    told: list[CloudEvent] = field(default_factory=list)
    stored: list[Msg] = field(default_factory=list)

    @property
    def node(self) -> str:
        return self.settings.node

    def start(self, *roles: str) -> None:
        for role in roles or ("relay", "consume", "border"):
            self.tasks[role] = asyncio.create_task(_forever(self.running.roles[role]()))

    async def stop(self, *roles: str) -> None:
        stopping = [self.tasks.pop(role) for role in roles or tuple(self.tasks)]
        await end(stopping)

    async def tell(self, component: str, payload: Frozen, key: str, **addressed: Any) -> CloudEvent:
        """Publish an event as that component's relay would."""
        outbox = self.outboxes.setdefault(component, Outbox(f"/{self.node}/{component}", self.parts.transport))
        one = Outgoing(payload, key, **addressed)
        lane = f"{one.audience}:{key}"
        self.sequences[f"{component}|{lane}"] = sequence = self.sequences.get(f"{component}|{lane}", 0) + 1
        row = outbox.row(one, lane, sequence)
        headers = {"Nats-Msg-Id": f"{row.event.id}:{one.audience}", "Safar-Id": str(row.event.id)}
        teller = row.event.source.rsplit("/", 1)[-1]
        await self.others[teller].publish(row.subject, row.payload, headers | {"Safar-Type": row.event.type})
        return row.event

    async def enrol(self, agency: str) -> None:
        """Identity enrols an agency of this node and publishes its keys, here and to the partners."""
        names = Names(en=agency, ru=agency)
        enrolled = AgencyEnrolled(agency_id=agency, country=Country(self.node), kind=AgencyKind.NGO, names=names)
        await self.tell("identity", enrolled, agency)
        await self.publish_key(agency)

    async def publish_key(self, agency: str, *, abroad: bool = True) -> None:
        made = self.parts.keys.create_agency_keys(agency)
        key = AgencyKeyPublished(
            agency_id=agency, version=made.version, suite=made.suite, sign_public=b64(made.sign_public),
            seal_public=b64(made.seal_public), valid_from=datetime.now(UTC),
        )  # fmt: skip
        await self.tell("identity", key, agency)
        if abroad:
            to_all = {"audience": Audience.ADDRESSED, "sender": f"{self.node}.node", "recipient": "partners"}
            await self.tell("identity", key, agency, **to_all)

    async def corridor(self, origin: str, destination: str, *, is_open: bool = True) -> None:
        pair = {"origin": Country(origin), "destination": Country(destination)}
        opened = CorridorOpened(**pair, agreement="Demo", opened_on=date(2026, 1, 1))
        await self.tell("identity", opened if is_open else CorridorClosed(**pair), f"{origin}-{destination}")

    async def say(self, referral: str, sender: str, recipient: str, act: Frozen | None = None) -> CloudEvent:
        """Referrals tells an act of one agency to another."""
        payload = act or acknowledged(referral, sender)
        to_one = {"audience": Audience.ADDRESSED, "sender": sender, "recipient": recipient}
        return await self.tell("referrals", payload, f"{referral}:{sender}", **to_one)

    def start_listening(self, stream: str) -> None:
        self.tasks[f"listen {stream}"] = asyncio.create_task(_forever(self.listen(stream)))

    async def listen(self, stream: str) -> None:
        """Read what referrals would hear, for ever."""
        while True:
            with contextlib.suppress(nats.errors.Error):
                async with self.others["referrals"].bound(stream, "referrals") as heard:
                    while True:
                        for message in await heard.fetch(200, 1.0):
                            await self._hear(message)

    async def _hear(self, message: Msg) -> None:
        """Note it once, though its acknowledgement may have been lost with the server."""
        if _place(message) in {_place(one) for one in self.stored}:
            await message.ack()
            return
        headers = message.headers or {}
        label = f"{headers['Safar-Type']}|{headers['Safar-Id']}"
        data = self.parts.transport.open(message.data, label, confidential=False)
        event = CloudEvent.model_validate_json(data)
        (self.inbound if message.subject.startswith("event.inbound.referrals.") else self.told).append(event)
        self.stored.append(message)
        await message.ack()

    def received(self, referral: str) -> list[int]:
        return [event.sequence for event in self.inbound if about(event) == referral]

    async def arrived(self, referral: str, count: int, seconds: float = 20.0) -> list[int]:
        """The sequences that came, once `count` are there."""

        async def enough() -> bool:
            return len(self.received(referral)) >= count

        await until(enough, seconds)
        return self.received(referral)

    async def receipts(self, referral: str, count: int, seconds: float = 20.0) -> list[CloudEvent]:
        def found() -> list[CloudEvent]:
            return [e for e in self.told if e.type == "receipt.recorded.v1" and about(e) == referral]

        async def enough() -> bool:
            return len(found()) >= count

        await until(enough, seconds)
        return found()

    async def ask(self, who: str | None, path: str, method: str = "GET") -> httpx.Response:
        headers = {"authorization": f"Bearer {who}"} if who else {}
        return await self.http.request(method, f"/v1/{path}", headers=headers)

    async def deliveries(self, who: str, referral: str) -> list[dict[str, Any]]:
        answer = await self.ask(who, f"deliveries?referral_id={referral}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def rows(self, statement: str, *arguments: Any) -> list[Any]:
        async with self.parts.database.transaction(Context(NODE, "test")) as connection:
            return list(await connection.fetch(statement, *arguments))

    async def knows_key(self, agency: str) -> bool:
        return bool(await self.rows("SELECT 1 FROM agency_key WHERE agency_id = $1", agency))

    async def close(self) -> None:
        await self.stop()
        await self.http.aclose()
        assert self.running.close is not None
        await self.running.close()
        for bus in (self.parts.bus, *self.others.values()):
            await bus.close()
        await self.parts.database.close()


async def open_side(postgres: PostgresServer, state: State, plan: Plan, node: str) -> Side:
    """A country's exchange with a database of its own; nothing runs yet."""
    stored = await postgres.database("notifications")
    settings = NotificationsSettings(
        node=node,
        mode="development",
        database_url=stored.app_url,
        context_key_file=state.folder / "context.key",
        nats_url=f"tls://127.0.0.1:{plan.port(node, 'nats')}",
        nats_seed_file=broker.seed_file(state, node, "notifications"),
        nats_ca_file=broker.authority_file(state, node),
        border_nats_seed_file=broker.seed_file(state, node, broker.BORDER_RELAY),
        keys_dir=state.keys(node),
        trust_file=state.node(node) / "trust.json",
        partners=",".join(plan.partners(node)),
        neighbours=",".join(plan.neighbours(node)),
    )
    keys = FileKeyProvider(state.keys(node))
    transport = Transport(keys.transport_key())
    database: Database = stored.connect(16)
    await database.open()
    bus = await Bus.connect(settings.nats_url, settings.nats_seed_file, settings.nats_ca_file, "notifications")
    units = Units(database, Outbox(f"/{node}/notifications", transport))
    parts = Parts("notifications", settings, keys, transport, database, bus, units)
    running = await build(parts)
    install_verifier(running.app, Staff())  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=DescribedTransport(running.app), base_url="http://notifications")
    others = {
        name: await Bus.connect(settings.nats_url, broker.seed_file(state, node, name), settings.nats_ca_file, name)
        for name in ("identity", "directory", "referrals", "coordination")
    }
    side = Side(parts, settings, running, client, others)
    for stream in ("EVENTS", *(stream_from(origin) for origin in settings.neighbour_nodes)):
        side.start_listening(stream)
    return side


async def prepared(folder: Path) -> Servers:
    """Servers with fresh keys, certificates and streams; the hub and both countries run, KZ's leaf link by a proxy."""
    state = State(folder)
    plan = TestPlan(CLOSE)
    leaf = Proxy(LEAF_PROXY, plan.port("hub", "leaf"))
    await leaf.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAFAR_LEAF_PROXY_KZ", f"127.0.0.1:{LEAF_PROXY}")
        broker.prepare(state, plan)
    trust.exchange(state, plan)
    (folder / "context.key").write_text("5a" * 32)
    servers = Servers(state, plan, leaf)
    await servers.start("hub", *CLOSE)
    for node in CLOSE:
        await streams.create(state, plan, node)
    return servers


def _place(message: Msg) -> tuple[str, int]:
    return message.metadata.stream, message.metadata.sequence.stream


async def _forever(work: Awaitable[None]) -> None:
    await work


def acknowledged(referral: str, author: str) -> ReferralAcknowledged:
    """A small confidential act."""
    entry = CustodyEntry(
        referral_id=referral, author=author, number=1, act=CustodyAct.ACKNOWLEDGED, actor_role=Role.CASEWORKER,
        at=datetime.now(UTC), previous="0" * 64, hash="1" * 64,
    )  # fmt: skip
    return ReferralAcknowledged(referral_id=referral, entry=entry)


def released(referral: str, author: str) -> IdentityReleased:
    """An act that needs an open corridor."""
    entry = acknowledged(referral, author).entry
    fields = {IdentityField.FULL_NAME: "Sample Person"}
    return IdentityReleased(referral_id=referral, entry=entry, fields=fields, valid_until=datetime.now(UTC))


def withdrawal(referral: str, author: str) -> ConsentWithdrawn:
    """The person said no."""
    return ConsentWithdrawn(referral_id=referral, entry=acknowledged(referral, author).entry)


def a_referral() -> str:
    return str(uuid4())
