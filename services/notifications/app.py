"""Composition root: the only file that knows every room."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI

from services.chassis import backlog
from services.chassis.auth import TokenVerifier, install_verifier
from services.chassis.bus import Bus
from services.chassis.database import Context, ContextSigner, Database
from services.chassis.http import create_app
from services.chassis.keys import PublicKeys
from services.chassis.relay import Relay
from services.chassis.service import Parts, Running, Service
from services.chassis.tasks import together
from services.chassis.transport import Transport
from services.chassis.work import Units, Work
from services.notifications.api.routes import router
from services.notifications.domain.node import Node
from services.notifications.messaging.border_inbound import BorderInbound
from services.notifications.messaging.border_relay import BorderRelay
from services.notifications.messaging.dispatcher import Dispatcher
from services.notifications.messaging.incoming import SYSTEM, Incoming
from services.notifications.messaging.leader import lead
from services.notifications.messaging.opening import Opening
from services.notifications.messaging.units import Begin
from services.notifications.settings import NotificationsSettings, read_trust
from services.notifications.storage.arrivals import DeadLetterRows
from services.notifications.storage.keyring import Keyring
from services.notifications.storage.unit import BorderUnit

Result = TypeVar("Result")
_MOST = 10_000


class BorderDesk:
    """Begins transactions: a tenant's for a route, the node's own for the exchange."""

    def __init__(self, units: Units, transport: Transport, trusted: Mapping[str, PublicKeys], node: Node) -> None:
        self._units = units
        self._transport = transport
        self._trusted = trusted
        self.peers: Sequence[str] = sorted(node.peers)

    def unit_of(self, work: Work) -> BorderUnit:
        return BorderUnit(work, self._transport, self._trusted)

    @asynccontextmanager
    async def begin(self, context: Context) -> AsyncIterator[BorderUnit]:
        async with self._units.begin(context) as work:
            yield self.unit_of(work)

    @asynccontextmanager
    async def begin_own(self) -> AsyncIterator[tuple[Work, BorderUnit]]:
        async with self._units.begin(SYSTEM) as work:
            yield work, self.unit_of(work)


def node_of_settings(settings: NotificationsSettings, trusted: Mapping[str, PublicKeys]) -> Node:
    """The partners as set, and as peers also every node whose key is trusted (the region)."""
    known = {agency.partition(".")[0] for agency in trusted} | set(settings.partner_nodes)
    return Node(settings.node, settings.partner_nodes, frozenset(known - {settings.node}))


class Exchange:
    """The long-lived roles of the border exchange over a desk."""

    def __init__(self, parts: Parts, border: Bus, desk: BorderDesk, seals: Keyring, node: Node) -> None:
        begin: Begin = desk.begin_own
        self._parts = parts
        self._dispatcher = Dispatcher(begin, seals, node)
        self._incoming = Incoming(desk.unit_of, seals, node, self._dispatcher.wake)
        self._relays = [BorderRelay(border, begin, seals, peer) for peer in sorted(node.peers)]
        self._opening = Opening(begin, seals, node)
        self._inbound = [BorderInbound(border, begin, self._opening, node, peer) for peer in sorted(node.peers)]

    async def consume(self) -> None:
        """The node's events, and what was held."""
        await self._parts.database.pool.execute(_UNPARK, list(self._incoming))
        consumer = self._parts.consumer(self._incoming)
        await together(consumer.run(), self._dispatcher.run())

    async def border(self) -> None:
        """The border in both directions; the way out by one process at a time."""
        leading = lead(self._parts.database, [relay.run for relay in self._relays])
        await together(leading, self._opening.run(), *(inbound.run() for inbound in self._inbound))


async def build(parts: Parts) -> Running:
    settings = parts.settings
    assert isinstance(settings, NotificationsSettings)  # noqa: S101  (for the type checker)
    trusted = read_trust(settings.trust_file)
    node = node_of_settings(settings, trusted)
    border = await Bus.connect(settings.nats_url, settings.border_nats_seed_file, settings.nats_ca_file, "border")
    seals = Keyring(parts.keys)
    desk = BorderDesk(parts.units, parts.transport, trusted, node)
    exchange = Exchange(parts, border, desk, seals, node)
    verifier = TokenVerifier(settings.issuers, mode=settings.mode)

    async def close() -> None:
        await verifier.close()
        await border.close()
        seals.close()

    relay = Relay(parts.database, {"node": parts.bus, "border": border})
    roles = {"relay": relay.run, "consume": exchange.consume, "border": exchange.border}

    async def dead_letters() -> Mapping[str, int]:
        async with desk.begin_own() as (_, unit):
            return await unit.dead_letters.count()

    async def waiting() -> int:
        async with desk.begin_own() as (_, unit):
            return await unit.arrivals.unopened()

    return Running(application(desk, verifier, parts, border), roles, close, dead_letters, waiting)


def application(
    desk: BorderDesk | None, verifier: TokenVerifier, parts: Parts | None = None, border: Bus | None = None
) -> FastAPI:
    """The HTTP app; without parts (tests, the written API description) it is always ready."""
    checks = {"database": parts.database_ready, "bus": parts.bus_ready} if parts else {}
    if border is not None:

        async def border_ready() -> bool:
            return border.is_connected

        checks["border"] = border_ready
    app = create_app("notifications", [router], checks, docs=bool(parts and parts.settings.mode == "development"))
    app.state.desk = desk
    install_verifier(app, verifier)
    return app


def run_openapi(_: Sequence[str]) -> None:
    """`openapi`: the API description, from the code alone."""
    app = application(None, TokenVerifier(()))
    sys.stdout.write(json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n")


def run_forget(words: Sequence[str]) -> None:
    """`forget COUNTRY [REASON]`: give up what came from there and can never be opened; its share is free again."""
    if not words:
        sys.exit("name the country: forget COUNTRY [REASON]")
    origin, reason, *_ = *words, ""
    settings = NotificationsSettings()
    if origin not in settings.neighbour_nodes:
        sys.exit(f"{origin} is no neighbour of this node: {', '.join(settings.neighbour_nodes)}")
    forgotten = asyncio.run(_operate(settings, lambda letters: letters.forget(origin, reason)))
    sys.stdout.write(f"messages given up: {forgotten}\n")


def run_parked(words: Sequence[str]) -> None:
    """`parked`: parked lanes, and what waits or died at the border, one JSON object a line."""
    rows = asyncio.run(_operate(NotificationsSettings(), lambda letters: letters.page(_MOST)))
    for row in rows:
        sys.stdout.write(json.dumps({"box": "border", **row}, default=str) + "\n")
    backlog.run_parked(NotificationsSettings(), words, also=len(rows))


def run_unpark(words: Sequence[str]) -> None:
    """`unpark [LANE]`: try parked lanes again; without a lane, also what waits or died at the border."""

    async def retry(letters: DeadLetterRows) -> int:
        return sum([await letters.retry(row["id"]) for row in await letters.page(_MOST)])

    if not words:
        retried = asyncio.run(_operate(NotificationsSettings(), retry))
        sys.stdout.write(f"messages at the border that are tried again: {retried}\n")
    backlog.run_unpark(NotificationsSettings(), words)


async def _operate(settings: NotificationsSettings, use: Callable[[DeadLetterRows], Awaitable[Result]]) -> Result:
    signer = ContextSigner(bytes.fromhex(settings.context_key_file.read_text().strip()))
    database = Database(settings.database_url.get_secret_value(), signer, 2)
    await database.open()
    try:
        async with database.transaction(SYSTEM) as connection:
            return await use(DeadLetterRows(connection))
    finally:
        await database.close()


# A type that this version has learned was quarantined by the one before it.
_UNPARK = "UPDATE inbox SET parked_code = NULL WHERE parked_code = 'unknown_contract' AND type = ANY($1::text[])"

SERVICE = Service(
    "notifications",
    NotificationsSettings,
    build,
    migrations=Path(__file__).parent / "migrations",
    commands={"openapi": run_openapi, "forget": run_forget, "parked": run_parked, "unpark": run_unpark},
    roles=("api", "relay", "consume", "border"),
)
