"""What arrives from a partner: stored before anything else, then acknowledged, then opened."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import nats.errors
from nats.aio.msg import Msg

from services.chassis.bus import REQUEST_SECONDS, Bus
from services.chassis.database import LOST, UNSTORABLE
from services.chassis.logs import Log
from services.notifications.domain.envelope import Header, read_header
from services.notifications.domain.errors import EnvelopeRefusedError
from services.notifications.domain.messages import Incoming
from services.notifications.domain.node import Node
from services.notifications.domain.routes import node_agency, node_of
from services.notifications.messaging.opening import Opening
from services.notifications.messaging.units import Begin

log = Log("border_inbound")

DURABLE = "notifications"
_BATCH = 100
_PAUSE_SECONDS = 2.0


class BorderInbound:
    """Feeds arrivals from IN_<origin>, the stream in which only that country's messages can be."""

    def __init__(self, bus: Bus, begin: Begin, opening: Opening, node: Node, origin: str) -> None:
        self._bus = bus
        self._begin = begin
        self._opening = opening
        self._node = node
        self._origin = origin
        self._stream = f"IN_{origin.upper()}"

    async def run(self) -> None:
        """Take in for ever."""
        while True:
            try:
                async with self._bus.bound(self._stream, DURABLE) as pull:
                    while True:
                        await self._room()
                        await self.receive(await pull.fetch(_BATCH, REQUEST_SECONDS))
            except nats.errors.Error as error:
                log.warning("border_inbound_rebinds", stream=self._stream, error=type(error).__name__)
                await asyncio.sleep(1)

    async def _room(self) -> None:
        """Wait until this country has not filled its share of the node; meanwhile its messages wait in its stream."""
        said = None
        while (hindrance := await self._hindrance()) is not None:
            if hindrance != said:
                log.warning("border_inbound_holds", stream=self._stream, reason=hindrance)
                said = hindrance
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _hindrance(self) -> str | None:
        try:
            async with self._begin() as (_, unit):
                return (await unit.arrivals.taken(self._origin)).hindrance()
        except LOST as error:
            log.warning("border_inbound_lost_database", error=type(error).__name__)
            return "database"

    async def receive(self, messages: Sequence[Msg]) -> None:
        """Store, commit, acknowledge, open. Never nak: what cannot be opened is kept here, not there."""
        if not messages:
            return
        await self._store(messages)
        for message in messages:
            await message.ack()
        await self._opening.open_lanes({(self._origin, message.subject) for message in messages})

    async def _store(self, messages: Sequence[Msg]) -> None:
        incoming = [self._incoming(message) for message in messages]
        try:
            await self._keep(incoming, messages)
        except UNSTORABLE:
            for one, message in zip(incoming, messages, strict=True):
                try:
                    await self._keep([one], [message])
                except UNSTORABLE:  # a label that cannot be stored: without labels it opens or dies
                    await self._keep([self._unlabelled(one)], [message])

    async def _keep(self, incoming: Sequence[Incoming], messages: Sequence[Msg]) -> None:
        """Store in one transaction, however long the database is away. Raises UNSTORABLE."""
        while True:
            try:
                async with self._begin() as (_, unit):
                    await unit.arrivals.store(incoming)
            except UNSTORABLE:
                raise
            except LOST as error:
                log.warning("border_inbound_lost_database", error=type(error).__name__)
                for message in messages:
                    await message.in_progress()
                await asyncio.sleep(1)
            else:
                return

    def _unlabelled(self, one: Incoming) -> Incoming:
        owner = node_agency(self._node.name)
        return replace(one, agency_id=owner, envelope_id=None, sender=None, recipient=None)

    def _incoming(self, message: Msg) -> Incoming:
        header = _header(message.data)
        ours = header is not None and node_of(header.recipient) == self._node.name
        return Incoming(
            origin=self._origin,
            lane=message.subject,
            position=message.metadata.sequence.stream,
            agency_id=header.recipient if header and ours else node_agency(self._node.name),
            envelope_id=header.envelope_id if header else None,
            sender=header.sender if header else None,
            recipient=header.recipient if header else None,
            data=message.data,
        )


def _header(data: bytes) -> Header | None:
    try:
        return read_header(data)
    except EnvelopeRefusedError:
        return None
