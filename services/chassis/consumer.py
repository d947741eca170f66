"""From durable JetStream consumers into the inbox: store, commit, apply, ack. Never nak."""

import asyncio
import contextlib
from collections.abc import Sequence

import nats.errors
from cryptography.exceptions import InvalidTag
from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts.envelope import CloudEvent
from contracts.registry import contract_of
from contracts.terms import Audience
from services.chassis.bus import REQUEST_SECONDS, Bus
from services.chassis.database import LOST, UNSTORABLE, Connection, Database
from services.chassis.ids import uuid7
from services.chassis.inbox import Inbox
from services.chassis.logs import Log
from services.chassis.pull import Pull
from services.chassis.tasks import together

log = Log("consumer")

_BATCH = 100
_SWEEP_SECONDS = 15.0


class ForgedError(Exception):
    """Told by another than the event says, or than may tell it: the broker lets only its owner write a subject."""


async def bury(connection: Connection, message: Msg, reason: str) -> None:
    """Keep a message that can never be read where it is seen, so that it may be acknowledged."""
    await connection.execute(_DEAD, uuid7(), message.subject, reason, message.data)
    log.error("dead_letter", subject=message.subject, reason=reason)


class Consumer:
    """Feeds an inbox from the consumers named `durable` of some streams of `node`."""

    def __init__(
        self, bus: Bus, database: Database, inbox: Inbox, *, node: str, streams: Sequence[str], durable: str
    ) -> None:
        self._bus = bus
        self._database = database
        self._inbox = inbox
        self._node = node
        self._streams = streams
        self._durable = durable

    async def run(self) -> None:
        """Consume for ever; any lost connection is waited for, nothing is skipped."""
        await together(*(self._consume(stream) for stream in self._streams), self._sweep())

    async def _consume(self, stream: str) -> None:
        while True:
            with contextlib.suppress(nats.errors.Error):
                async with self._bus.bound(stream, self._durable) as pull:
                    await self._consume_from(pull)
            log.warning("consumer_rebinds", stream=stream, durable=self._durable)
            await asyncio.sleep(1)

    async def _consume_from(self, pull: Pull) -> None:
        while True:
            messages = await pull.fetch(_BATCH, REQUEST_SECONDS)
            if not messages:
                continue
            while True:
                try:
                    await self.receive(messages)
                    break
                except LOST as error:
                    log.warning("inbox_lost_database", error=type(error).__name__)
                    for message in messages:
                        await message.in_progress()
                    await asyncio.sleep(1)

    async def receive(self, messages: list[Msg]) -> None:
        """Store a batch, ack it, then apply; a crash in between is swept up after the start."""
        try:
            arrivals = await self._store(messages)
        except UNSTORABLE:
            arrivals = [one for message in messages for one in await self._store_alone(message)]
        for message in messages:
            await message.ack()
        await self._inbox.apply({(event.source, event.lane) for event, _ in arrivals})

    async def _store(self, messages: list[Msg]) -> list[tuple[CloudEvent, bytes]]:
        arrivals: list[tuple[CloudEvent, bytes]] = []
        async with self._database.plain() as connection:
            for message in messages:
                try:
                    arrivals.append((self._read(message), message.data))
                except tuple(_REASONS) as error:
                    await bury(connection, message, _REASONS[type(error)])
            await self._inbox.store(connection, arrivals)
        return arrivals

    async def _store_alone(self, message: Msg) -> list[tuple[CloudEvent, bytes]]:
        """One message that Postgres cannot hold must not keep its neighbours waiting."""
        try:
            return await self._store([message])
        except UNSTORABLE:
            async with self._database.plain() as connection:
                await bury(connection, message, "cannot_be_stored")
            return []

    def _read(self, message: Msg) -> CloudEvent:
        """The event; raises ForgedError where it is not its teller's: what came from outside comes as inbound only."""
        headers = message.headers or {}
        event = self._inbox.envelope(headers["Safar-Type"], headers["Safar-Id"], message.data)
        _, audience, component, _ = message.subject.split(".", 3)
        _, node, teller = event.source.split("/")
        contract = contract_of(event.type)
        if teller != component or (contract is not None and contract.producer != teller):
            raise ForgedError
        if audience != Audience.INBOUND and node != self._node:
            raise ForgedError
        return event

    async def _sweep(self) -> None:
        while True:
            try:
                await self._inbox.sweep()
            except LOST as error:
                log.warning("sweep_lost_database", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)


_REASONS: dict[type[Exception], str] = {
    ValidationError: "malformed",
    KeyError: "malformed",
    InvalidTag: "unreadable",
    ForgedError: "forged",
}
_DEAD = "INSERT INTO dead_letter (id, subject, reason, payload) VALUES ($1, $2, $3, $4)"
