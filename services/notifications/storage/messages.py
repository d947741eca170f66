"""Messages on their way out. Bodies are encrypted under the node's transport key, whatever their contract says."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.chassis.transport import Transport
from services.notifications.domain.allowance import AN_AGENCYS_DAY
from services.notifications.domain.envelope import Sealed
from services.notifications.domain.events import Told
from services.notifications.domain.messages import PERMANENT, HeldMessage, Kind, Message


class MessageRows:
    """The table `message`, and `sealing` which remembers the digest of each envelope made."""

    def __init__(self, connection: Connection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport

    async def lock(self, lane: str) -> None:
        """One transaction at a time in a lane."""
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", lane)

    async def add(self, message: Message) -> None:
        told = message.told
        body = self._transport.close(message.body, str(told.event_id))
        await self._connection.execute(
            _ADD, told.sender, message.kind.value, message.lane, message.destination, told.event_id, told.event_type,
            told.subject, told.recipient, body,
        )  # fmt: skip

    async def held(self, lane: str) -> Sequence[HeldMessage]:
        return [self._held(row) for row in await self._connection.fetch(_HELD, lane)]

    async def hold(self, number: int, reason: str) -> None:
        await self._connection.execute(
            "UPDATE message SET state = 'held', reason = $2, held_at = now() WHERE number = $1", number, reason
        )

    async def mark_sealed(self, number: int, message: Message, sealed: Sealed) -> None:
        await self._connection.execute(
            "UPDATE message SET state = 'sealed', reason = NULL, posted_id = $2 WHERE number = $1",
            number,
            sealed.envelope_id,
        )
        await self._remember(message, sealed)

    async def find_posted(self, posted_id: UUID) -> HeldMessage | None:
        row = await self._connection.fetchrow(f"SELECT {_COLUMNS} FROM message WHERE posted_id = $1", posted_id)
        return self._held(row) if row else None

    async def renew(self, number: int, message: Message, sealed: Sealed) -> None:  # noqa: ARG002  (the port's)
        """Another envelope of a message; the stream knows it by the first one's id still."""
        await self._remember(message, sealed)

    async def sent_today(self, agency_id: str, destination: str) -> int:
        return int(await self._connection.fetchval(_SENT_TODAY, agency_id, destination) or 0)

    async def count_sent(self, agency_id: str, destination: str, size: int) -> None:
        await self._connection.execute(_COUNT_SENT, agency_id, destination, size)

    async def forget(self, event_id: UUID, recipient: str) -> None:
        await self._connection.execute(
            "DELETE FROM message WHERE event_id = $1 AND recipient = $2", event_id, recipient
        )

    async def sealing(self, envelope_id: UUID) -> tuple[Told, str, datetime] | None:
        row = await self._connection.fetchrow(_SEALING, envelope_id)
        if row is None:
            return None
        told = Told(row["event_id"], row["event_type"], row["subject"], row["sender"], row["recipient"])
        return told, row["digest"], row["sealed_at"]

    async def held_lanes(self) -> list[str]:
        """Lanes that may go by themselves: nothing in them waits for a person, or for the day to end."""
        permanent = [one.value for one in PERMANENT]
        return [row["lane"] for row in await self._connection.fetch(_HELD_LANES, permanent, AN_AGENCYS_DAY)]

    async def held_among(self, posted: Sequence[UUID]) -> set[UUID]:
        """Those of these envelopes whose message was parked since."""
        rows = await self._connection.fetch(_HELD_AMONG, list(posted))
        return {row["posted_id"] for row in rows}

    async def mark_crossed(self, posted: Sequence[UUID]) -> None:
        """The far side's stream has them. Receipts are done with that."""
        await self._connection.execute(_CROSSED_ENVELOPES, list(posted))
        await self._connection.execute(_CROSSED, list(posted))
        await self._connection.execute(_RECEIPTS_DONE, list(posted), Kind.RECEIPT.value)

    async def park_posted(self, posted_id: UUID, reason: str) -> list[Told]:
        """Hold a whole lane whose message the border will never take; what was parked."""
        rows = await self._connection.fetch(_PARK_LANE, posted_id, reason)
        return [
            Told(r["event_id"], r["event_type"], r["subject"], r["agency_id"], r["recipient"])
            for r in rows
            if r["kind"] == Kind.EVENT.value
        ]

    async def waiting(self) -> list[asyncpg.Record]:
        """Per destination: how many events wait, how many of them for a reason, and the oldest since."""
        return list(await self._connection.fetch(_WAITING, Kind.EVENT.value))

    async def _remember(self, message: Message, sealed: Sealed) -> None:
        if message.kind is Kind.EVENT:
            told = message.told
            await self._connection.execute(_REMEMBER, sealed.envelope_id, told.event_id, told.recipient, sealed.digest)

    def _held(self, row: asyncpg.Record) -> HeldMessage:
        told = Told(row["event_id"], row["event_type"], row["subject"], row["agency_id"], row["recipient"])
        body = self._transport.open(row["body"], str(row["event_id"]))
        return HeldMessage(row["number"], Message(Kind(row["kind"]), row["lane"], told, body), row["reason"])


_COLUMNS = "number, agency_id, kind, lane, event_id, event_type, subject, recipient, body, reason"
_ADD = """INSERT INTO message (agency_id, kind, lane, destination, event_id, event_type, subject, recipient, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (event_id, recipient) DO NOTHING"""
_HELD = f"SELECT {_COLUMNS} FROM message WHERE lane = $1 AND state = 'held' ORDER BY number"
_HELD_LANES = """SELECT lane FROM message m WHERE state = 'held'
AND NOT (reason IS NOT DISTINCT FROM 'day_share_used' AND EXISTS (
  SELECT FROM agency_day d WHERE d.agency_id = m.agency_id AND d.destination = m.destination AND d.day = current_date
  AND d.sent >= $2))
GROUP BY lane
HAVING bool_and(reason IS NULL OR reason <> ALL($1::text[])) ORDER BY min(number)"""
_SENT_TODAY = "SELECT sent FROM agency_day WHERE agency_id = $1 AND destination = $2 AND day = current_date"
_COUNT_SENT = """INSERT INTO agency_day AS a (agency_id, destination, day, sent) VALUES ($1, $2, current_date, $3)
ON CONFLICT (agency_id, destination) DO UPDATE SET day = current_date,
  sent = excluded.sent + CASE WHEN a.day = current_date THEN a.sent ELSE 0 END"""
_HELD_AMONG = "SELECT posted_id FROM message WHERE posted_id = ANY($1::uuid[]) AND state = 'held'"
_CROSSED = "UPDATE message SET state = 'crossed' WHERE posted_id = ANY($1::uuid[]) AND state = 'sealed'"
_CROSSED_ENVELOPES = """UPDATE envelope e
SET sent_at = now(), state = CASE e.state WHEN 'queued' THEN 'sent' ELSE e.state END
FROM message m WHERE m.posted_id = ANY($1::uuid[]) AND e.event_id = m.event_id AND e.recipient = m.recipient
  AND e.direction = 'outbound' AND e.sent_at IS NULL"""
_RECEIPTS_DONE = "DELETE FROM message WHERE posted_id = ANY($1::uuid[]) AND kind = $2"
_PARK_LANE = """UPDATE message m SET state = 'held', reason = $2, held_at = now() FROM message refused
WHERE refused.posted_id = $1 AND m.lane = refused.lane AND m.state = 'sealed'
RETURNING m.event_id, m.event_type, m.subject, m.agency_id, m.recipient, m.kind"""
_REMEMBER = "INSERT INTO sealing (envelope_id, event_id, recipient, digest, sealed_at) VALUES ($1, $2, $3, $4, now())"
_SEALING = """SELECT e.event_id, e.event_type, e.subject, e.sender, e.recipient, s.digest, s.sealed_at FROM sealing s
JOIN envelope e ON e.event_id = s.event_id AND e.recipient = s.recipient AND e.direction = 'outbound'
WHERE s.envelope_id = $1"""
_WAITING = """SELECT destination, count(*) AS waiting, count(*) FILTER (WHERE state = 'held') AS parked,
  min(queued_at) AS oldest FROM message WHERE state <> 'crossed' AND kind = $1 GROUP BY destination"""
