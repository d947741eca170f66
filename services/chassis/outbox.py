"""The transactional outbox: events are rows of the transaction that caused them (nats.md §5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from contracts.envelope import AgencyId, CloudEvent, Frozen
from contracts.registry import contract_of, name_of
from contracts.terms import Audience
from services.chassis.database import Connection
from services.chassis.ids import uuid7
from services.chassis.telemetry import current_traceparent
from services.chassis.transport import Transport


@dataclass(frozen=True)
class Outgoing:
    """An event to be told: `key` is the aggregate's id and orders it within its audience.

    `event_id` is given where the teller must know it again, by the receipt for it.
    """

    payload: Frozen
    key: str
    audience: Audience = Audience.NODE
    sender: AgencyId | None = None
    recipient: str | None = None
    event_id: UUID | None = None


@dataclass(frozen=True)
class OutboxRow:
    """An event as it is stored; `bus` names the NATS account that the relay publishes it in."""

    lane: str
    sequence: int
    event: CloudEvent
    subject: str
    payload: bytes
    bus: str = "node"


class Outbox:
    """Turns events into rows with a gapless sequence per lane. `source` is `/<node>/<service>`."""

    def __init__(self, source: str, transport: Transport) -> None:
        self._source = source
        self._component = source.rsplit("/", 1)[-1]
        self._transport = transport

    async def append(self, connection: Connection, outgoing: Sequence[Outgoing]) -> None:
        """Store the events in order; the lanes stay locked until the transaction ends."""
        for one in outgoing:
            lane = f"{one.audience}:{one.key}"
            await self.insert(connection, self.row(one, lane, await self.place(connection, lane)))

    async def place(self, connection: Connection, lane: str) -> int:
        """The next sequence of a lane, which stays locked until the transaction ends."""
        return int(await connection.fetchval(_NEXT, lane))

    def row(self, one: Outgoing, lane: str, sequence: int) -> OutboxRow:
        """The row of an event whose sequence is known (1 for the first of a new aggregate)."""
        event = CloudEvent(
            id=one.event_id or uuid7(),
            source=self._source,
            type=name_of(one.payload),
            subject=one.key,
            time=datetime.now(UTC),
            lane=lane,
            sequence=sequence,
            sender=one.sender,
            recipient=one.recipient,
            traceparent=current_traceparent(),
            data=one.payload.model_dump(mode="json"),
        )
        return self.stored(event, one.audience)

    def stored(self, event: CloudEvent, audience: Audience, component: str | None = None) -> OutboxRow:
        """The row of a whole event; encrypted when its contract is confidential."""
        subject = f"event.{audience}.{component or self._component}.{event.subject.replace('.', '_')}"
        payload = event.model_dump_json(exclude_none=True).encode()
        contract = contract_of(event.type)
        if contract is None or contract.confidential:
            payload = self._transport.close(payload, f"{event.type}|{event.id}")
        return OutboxRow(event.lane, event.sequence, event, subject, payload)

    def inward(self, event: CloudEvent) -> OutboxRow:
        """The row that tells this node's services what another's told: same lane, same sequence, in its own stream."""
        _, origin, component = event.source.split("/")
        row = self.stored(event, Audience.INBOUND, component)
        subject = row.subject
        if not self._source.startswith(f"/{origin}/"):
            subject = subject.replace(f"event.{Audience.INBOUND}", way_from(origin), 1)
        return replace(row, lane=f"{Audience.INBOUND}:{event.source}:{event.lane}", subject=subject)

    async def insert(self, connection: Connection, row: OutboxRow) -> None:
        """Store one row; a row that is there already (lane and sequence) raises UniqueViolationError."""
        event = row.event
        await connection.execute(
            INSERT, row.lane, row.sequence, event.id, event.type, row.bus, row.subject, event.traceparent, row.payload
        )


def stream_from(origin: str) -> str:
    """The stream for what came from a neighbour: it fills that one, never the node's own."""
    return f"FROM_{origin.upper()}"


def way_from(origin: str) -> str:
    """How the subjects begin under which it is published; the stream keeps it under the `inbound` ones."""
    return f"from.{origin.upper()}"


_NEXT = """INSERT INTO outbox_position AS p (lane, last_sequence) VALUES ($1, 1)
ON CONFLICT (lane) DO UPDATE SET last_sequence = p.last_sequence + 1 RETURNING last_sequence"""

INSERT = """INSERT INTO outbox (lane, sequence, event_id, type, bus, subject, traceparent, payload)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
