"""The inbox: stores any arrival, applies only the contiguous next sequence, in the transaction of the effect.

Twice means once, out of order means later, a gap waits and is visible; what cannot be applied parks its lane.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag
from opentelemetry.trace import use_span
from pydantic import ValidationError

import contracts.events  # noqa: F401  (fills the registry)
from contracts.envelope import CloudEvent, Frozen
from contracts.registry import contract_of
from services.chassis import telemetry
from services.chassis.database import UNSTORABLE, Connection, may_pass
from services.chassis.logs import Log
from services.chassis.problems import DomainError
from services.chassis.transport import Transport
from services.chassis.work import Units, Work

log = Log("inbox")

Handler = Callable[[Work, CloudEvent, Any], Awaitable[None]]
_LANES_AT_ONCE = 4


class Inbox:
    """Applies events by their type; a type without a handler only advances the lane."""

    def __init__(self, units: Units, transport: Transport, handlers: Mapping[str, Handler]) -> None:
        self._units = units
        self._transport = transport
        self._handlers = handlers
        self._limit = asyncio.Semaphore(_LANES_AT_ONCE)

    async def store(self, connection: Connection, arrivals: Sequence[tuple[CloudEvent, bytes]]) -> None:
        """Store arrivals with their bytes as they came (confidential ones stay encrypted); repeats are ignored."""
        rows = [(e.source, e.lane, e.sequence, e.id, e.type, payload) for e, payload in arrivals]
        await connection.executemany(_STORE, rows)

    async def apply(self, lanes: set[tuple[str, str]]) -> None:
        """Apply what is contiguous in each lane, lanes side by side, each in its own transaction."""
        await asyncio.gather(*(self._apply_lane(source, lane) for source, lane in lanes))

    async def sweep(self) -> None:
        """Apply everything that waits and can go: after a start, and from time to time."""
        rows = await self._units.database.pool.fetch(_WAITING)
        await self.apply({(row["source"], row["lane"]) for row in rows})

    async def _apply_lane(self, source: str, lane: str) -> None:
        async with self._limit:
            try:
                while await self._apply_next(source, lane):
                    pass
            except Exception:  # noqa: BLE001  (one lane's defect must not stop the others; the sweep tries again)
                log.error("inbox_lane_failed", exception=True, source=source, lane=lane)

    async def _apply_next(self, source: str, lane: str) -> bool:
        async with self._units.begin(None) as work:
            last = await work.connection.fetchval(_LOCK, source, lane)
            row = await work.connection.fetchrow(_NEXT, source, lane, last + 1)
            if row is None or row["parked_code"] is not None:
                return False
            try:
                async with work.connection.transaction():
                    await self._apply_event(work, row)
            except Exception as error:
                if may_pass(error):
                    raise
                code = _code(error)
                await work.connection.execute(_PARK, source, lane, last + 1, code)
                log.error("inbox_lane_parked", source=source, lane=lane, sequence=last + 1, code=code)
                return False
            await work.connection.execute(_APPLIED, source, lane, last + 1)
            await work.connection.execute(_ADVANCE, source, lane, last + 1)
            return True

    async def _apply_event(self, work: Work, row: asyncpg.Record) -> None:
        handler = self._handlers.get(row["type"])
        if handler is None:
            return
        event, payload = self.read(row["type"], row["event_id"], row["payload"])
        span = telemetry.continued_span(f"apply {event.type}", event.traceparent, **{"safar.type": event.type})
        with use_span(span, end_on_exit=True, record_exception=False):
            await handler(work, event, payload)

    def read(self, event_type: str, event_id: UUID | str, stored: bytes) -> tuple[CloudEvent, Frozen]:
        """Open stored bytes; raises ValidationError when they break their contract."""
        event = self.envelope(event_type, event_id, stored)
        contract = contract_of(event.type)
        if contract is None:
            raise UnknownContractError
        return event, contract.payload.model_validate(event.data)

    def envelope(self, event_type: str, event_id: UUID | str, stored: bytes) -> CloudEvent:
        """The CloudEvent in stored bytes; raises InvalidTag or ValidationError.

        A confidential event in plain, or one that is not what its label says, did not come from a service of ours.
        """
        contract = contract_of(event_type)
        confidential = contract is None or contract.confidential
        opened = self._transport.open(stored, f"{event_type}|{event_id}", confidential=confidential)
        event = CloudEvent.model_validate_json(opened)
        if (event.type, str(event.id)) != (event_type, str(event_id)):
            raise InvalidTag
        return event


def _code(error: Exception) -> str:
    """Why a lane is parked. What nobody foresaw is parked too: tried for ever, it would be seen by nobody."""
    if isinstance(error, DomainError):
        return error.code
    if isinstance(error, ValidationError):
        return "contract_violated"
    if isinstance(error, InvalidTag):
        return "unreadable"
    if isinstance(error, UNSTORABLE):
        return "cannot_be_stored"
    log.error("inbox_defect", exception=True, error=type(error).__name__)
    return "defect"


class UnknownContractError(DomainError):
    """A code this version does not know: quarantined and shown, never defaulted."""

    code = "unknown_contract"


_STORE = """INSERT INTO inbox (source, lane, sequence, event_id, type, payload)
SELECT $1::text, $2::text, $3::int, $4::uuid, $5::text, $6::bytea
WHERE NOT EXISTS (SELECT 1 FROM inbox_position WHERE source = $1 AND lane = $2 AND last_sequence >= $3)
ON CONFLICT DO NOTHING"""
_WAITING = """SELECT DISTINCT i.source, i.lane FROM inbox i
LEFT JOIN inbox_position p ON p.source = i.source AND p.lane = i.lane
WHERE i.applied_at IS NULL AND i.parked_code IS NULL AND i.sequence = coalesce(p.last_sequence, 0) + 1"""
_LOCK = """INSERT INTO inbox_position AS p (source, lane, last_sequence) VALUES ($1, $2, 0)
ON CONFLICT (source, lane) DO UPDATE SET last_sequence = p.last_sequence RETURNING last_sequence"""
_NEXT = """SELECT event_id, type, payload, parked_code FROM inbox
WHERE source = $1 AND lane = $2 AND sequence = $3 AND applied_at IS NULL"""
_PARK = "UPDATE inbox SET parked_code = $4 WHERE source = $1 AND lane = $2 AND sequence = $3"
_APPLIED = """UPDATE inbox SET applied_at = clock_timestamp(), payload = NULL
WHERE source = $1 AND lane = $2 AND sequence = $3"""
_ADVANCE = "UPDATE inbox_position SET last_sequence = $3 WHERE source = $1 AND lane = $2"
