"""What an agency may see of its own messages, and the broadcast log."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from contracts.envelope import CloudEvent
from services.chassis.database import Connection
from services.chassis.ids import uuid7
from services.chassis.transport import Transport
from services.notifications.domain.events import Told


class EnvelopeRows:
    """The table `envelope`: metadata only, each row behind the wall of its own agency."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, direction: str, told: Told, state: str, received_at: datetime | None = None) -> bool:
        """Note a message once; False when it was noted before."""
        outbound = direction == "outbound"
        agency = told.sender if outbound else told.recipient
        found = await self._connection.fetchval(
            _RECORD, uuid7(), agency, direction, told.event_id, told.event_type, told.subject, told.sender,
            told.recipient, state, received_at,
        )  # fmt: skip
        return found is not None

    async def advance(self, told: Told, stage: str, at: datetime) -> bool:
        """Note the first time of a stage; False when it was reached before."""
        found = await self._connection.fetchval(_ADVANCE[stage], told.event_id, told.recipient, at)
        return found is not None

    async def park(self, told: Told, reason: str) -> None:
        await self._connection.execute(_STATE, told.event_id, told.recipient, "parked", reason)

    async def queue(self, told: Told) -> None:
        await self._connection.execute(_STATE, told.event_id, told.recipient, "queued", None)

    async def about(self, referral: str) -> list[asyncpg.Record]:
        """The messages about a referral that the agency of this transaction sent or received, oldest first."""
        return list(await self._connection.fetch(_ABOUT, referral))


class BroadcastRows:
    """The log of what every partner gets, and who got what."""

    def __init__(self, connection: Connection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport

    async def add(self, event: CloudEvent) -> None:
        body = self._transport.close(event.model_dump_json(exclude_none=True).encode(), str(event.id))
        await self._connection.execute(_LOG, event.source, event.lane, event.sequence, event.id, body)

    async def unsent(self, source: str, lane: str, recipient: str) -> Sequence[CloudEvent]:
        rows = await self._connection.fetch(_UNSENT, source, lane, recipient)
        return [CloudEvent.model_validate_json(self._transport.open(r["body"], str(r["event_id"]))) for r in rows]

    async def mark(self, event: CloudEvent, recipient: str) -> None:
        await self._connection.execute(_MARK, event.source, event.lane, event.sequence, recipient)

    async def lanes_lacking(self, recipient: str) -> list[tuple[str, str]]:
        """Lanes of which this party has not had everything: all of them for a partner that is new."""
        return [(row["source"], row["lane"]) for row in await self._connection.fetch(_LACKING, recipient)]


_RECORD = """INSERT INTO envelope (id, agency_id, direction, event_id, event_type, subject, sender, recipient, state,
  queued_at, received_at, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE $3 WHEN 'outbound' THEN now() END, $10,
  CASE $3 WHEN 'inbound' THEN now() END)
ON CONFLICT (event_id, sender, recipient, direction) DO NOTHING RETURNING true"""
_OWN = "WHERE direction = 'outbound' AND event_id = $1 AND recipient = $2"
_ADVANCE = {
    "sent": f"""UPDATE envelope SET sent_at = $3, state = CASE state WHEN 'queued' THEN 'sent' ELSE state END,
        reason = NULL {_OWN} AND sent_at IS NULL RETURNING true""",
    "received": f"""UPDATE envelope SET received_at = $3, sent_at = coalesce(sent_at, now()), reason = NULL,
        state = CASE state WHEN 'opened' THEN state ELSE 'received' END
        {_OWN} AND received_at IS NULL RETURNING true""",
    "opened": f"""UPDATE envelope SET opened_at = $3, received_at = coalesce(received_at, $3),
        sent_at = coalesce(sent_at, now()), reason = NULL, state = 'opened'
        {_OWN} AND opened_at IS NULL RETURNING true""",
}
_STATE = f"UPDATE envelope SET state = $3, reason = $4 {_OWN} AND state IN ('queued', 'parked', 'sent')"
_ABOUT = """SELECT event_type, direction, sender, recipient, state, reason, queued_at, sent_at, received_at, opened_at
FROM envelope WHERE about = $1 ORDER BY id LIMIT 500"""
_LOG = """INSERT INTO broadcast (source, lane, sequence, event_id, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING"""
_UNSENT = """SELECT b.event_id, b.body FROM broadcast b WHERE b.source = $1 AND b.lane = $2 AND NOT EXISTS (
  SELECT 1 FROM broadcast_sent s WHERE s.source = b.source AND s.lane = b.lane AND s.sequence = b.sequence
    AND s.recipient = $3) ORDER BY b.sequence"""
_MARK = """INSERT INTO broadcast_sent (source, lane, sequence, recipient) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING"""
_LACKING = """SELECT DISTINCT b.source, b.lane FROM broadcast b WHERE NOT EXISTS (
  SELECT 1 FROM broadcast_sent s WHERE s.source = b.source AND s.lane = b.lane AND s.sequence = b.sequence
    AND s.recipient = $1)"""
