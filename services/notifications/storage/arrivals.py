"""Envelopes as they arrived. What cannot be opened stays, visible and whole, until a person or a key helps."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.chassis.ids import uuid7
from services.chassis.outbox import way_from
from services.notifications.domain.allowance import Taken
from services.notifications.domain.messages import Arrival, Incoming


class ArrivalRows:
    """The tables `arrival`, `replay_guard` and `link`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def store(self, incoming: Sequence[Incoming]) -> None:
        """Store arrivals; the same bytes from the same country are one arrival. The link is alive."""
        rows = [
            (uuid7(), one.agency_id, one.origin, one.envelope_id, hashlib.sha256(one.data).hexdigest(), one.lane,
             one.position, one.sender, one.recipient, len(one.data), one.data)
            for one in incoming
        ]  # fmt: skip
        await self._connection.executemany(_STORE, rows)
        for origin in sorted({one.origin for one in incoming}):
            taken = sum(len(one.data) for one in incoming if one.origin == origin)
            await self._connection.execute(_HEARD, origin, taken)

    async def taken(self, origin: str) -> Taken:
        """What this node holds of a country's and has not passed on, and what came from there today."""
        held = await self._connection.fetchval(_HELD, origin, f"{way_from(origin)}.")
        today = await self._connection.fetchval(_TODAY, origin)
        return Taken(held, today or 0)

    async def unopened(self) -> int:
        """How many arrived and were not tried yet."""
        return int(await self._connection.fetchval("SELECT count(*) FROM arrival WHERE state = 'stored'"))

    async def next_stored(self, origin: str, lane: str) -> tuple[Arrival, datetime, bool] | None:
        """The oldest arrival of a lane that was not tried yet, when it arrived, and whether it is the only one."""
        rows = await self._connection.fetch(_NEXT, origin, lane)
        if not rows:
            return None
        row = rows[0]
        arrival = Arrival(row["id"], origin, lane, row["payload"], row["digest"], row["receipted"])
        return arrival, row["received_at"], len(rows) == 1

    async def settle(self, arrival_id: UUID, *, receipted: bool) -> None:
        """Opened: the content lives elsewhere now."""
        await self._connection.execute(_SETTLE, arrival_id, receipted)

    async def wait(self, arrival_id: UUID, reason: str, waiting_for: str) -> None:
        await self._connection.execute(_WAIT, arrival_id, reason, waiting_for)

    async def refuse(self, arrival_id: UUID, reason: str) -> None:
        await self._connection.execute(_REFUSE, arrival_id, reason)

    async def first_opening(self, issuer: str, envelope_id: UUID) -> bool:
        return await self._connection.fetchval(_FIRST, issuer, envelope_id) is not None

    async def ready_lanes(self) -> list[tuple[str, str]]:
        """Lanes with something to try, after waking what waited for a key that has come."""
        await self._connection.execute(_WAKE)
        rows = await self._connection.fetch("SELECT DISTINCT origin, lane FROM arrival WHERE state = 'stored'")
        return [(row["origin"], row["lane"]) for row in rows]

    async def wake_all(self) -> None:
        """Try everything that waits again: after a start, trust and contracts may be newer."""
        await self._connection.execute("UPDATE arrival SET state = 'stored' WHERE state = 'waiting'")

    async def heard(self) -> dict[str, datetime]:
        """When each node was last heard."""
        return {row["node"]: row["heard_at"] for row in await self._connection.fetch("SELECT node, heard_at FROM link")}


class DeadLetterRows:
    """What waits for a key or a person, in both directions, as far as this transaction's agency may see it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def count(self) -> dict[str, int]:
        """How many arrived and can never be opened, or are held back on their way out, by reason."""
        rows = await self._connection.fetch(_DEAD_BY_REASON)
        return {row["reason"]: row["count"] for row in rows}

    async def forget(self, origin: str, reason: str) -> int:
        """Give up what came from a country and died, or what waits or died for that reason; how much it was.

        Its share of the day begins anew.
        """
        await self._connection.execute(_BEGIN_ANEW, origin)
        rows = await self._connection.fetch(_FORGET, origin, reason)
        return len(rows)

    async def page(self, limit: int) -> list[asyncpg.Record]:
        return list(await self._connection.fetch(_PAGE, limit))

    async def retry(self, dead_letter_id: UUID) -> bool:
        """Try one again; False when there is none such for this agency."""
        inbound = await self._connection.fetchval(_RETRY_ARRIVAL, dead_letter_id)
        return bool(inbound or await self._connection.fetchval(_RETRY_LANE, dead_letter_id))


_STORE = """INSERT INTO arrival (id, agency_id, origin, envelope_id, digest, lane, position, sender, recipient, size,
  payload, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'stored') ON CONFLICT (origin, digest) DO NOTHING"""
_HEARD = """INSERT INTO link AS l (node, heard_at, day, taken) VALUES ($1, now(), current_date, $2)
ON CONFLICT (node) DO UPDATE SET heard_at = now(), day = current_date,
  taken = excluded.taken + CASE WHEN l.day = current_date THEN l.taken ELSE 0 END"""
_HELD = """SELECT (SELECT coalesce(sum(size), 0) FROM arrival WHERE origin = $1 AND state <> 'opened')
  + (SELECT coalesce(sum(octet_length(payload)), 0) FROM outbox WHERE sent_at IS NULL AND starts_with(subject, $2))"""
_TODAY = "SELECT taken FROM link WHERE node = $1 AND day = current_date"
_NEXT = """SELECT id, payload, digest, receipted, received_at FROM arrival
WHERE origin = $1 AND lane = $2 AND state = 'stored' ORDER BY position LIMIT 2"""
_SETTLE = """UPDATE arrival SET state = 'opened', payload = NULL, reason = NULL, waiting_for = NULL, receipted = $2,
  settled_at = now() WHERE id = $1"""
_WAIT = """UPDATE arrival SET state = 'waiting', reason = $2, waiting_for = $3, receipted = true WHERE id = $1"""
_DEAD_BY_REASON = """SELECT reason, count(*) FROM (SELECT reason FROM arrival WHERE state = 'dead'
UNION ALL SELECT reason FROM message WHERE state = 'held' AND reason IS NOT NULL) AS stuck GROUP BY reason"""
_FORGET = """DELETE FROM arrival WHERE origin = $1 AND state IN ('waiting', 'dead')
  AND CASE $2 WHEN '' THEN state = 'dead' ELSE reason = $2 END RETURNING true"""
_BEGIN_ANEW = "UPDATE link SET taken = 0 WHERE node = $1"
_REFUSE = "UPDATE arrival SET state = 'dead', reason = $2, waiting_for = NULL WHERE id = $1"
_FIRST = "INSERT INTO replay_guard (issuer, envelope_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true"
_WAKE = """UPDATE arrival a SET state = 'stored' FROM agency_key k
WHERE a.state = 'waiting' AND a.waiting_for = k.agency_id || '#' || k.version"""
_PAGE = """SELECT id, 'inbound' AS direction, state, reason, sender, recipient, size, received_at AS since FROM arrival
WHERE state IN ('waiting', 'dead')
UNION ALL SELECT e.id, 'outbound', 'parked', m.reason, e.sender, e.recipient, length(m.body), m.held_at
FROM message m JOIN envelope e ON e.event_id = m.event_id AND e.recipient = m.recipient AND e.direction = 'outbound'
WHERE m.state = 'held' AND m.reason IS NOT NULL
ORDER BY since DESC LIMIT $1"""
_RETRY_ARRIVAL = """UPDATE arrival SET state = 'stored' WHERE id = $1 AND state IN ('waiting', 'dead') RETURNING true"""
_RETRY_LANE = """WITH lane AS (SELECT m.lane FROM envelope e
  JOIN message m ON m.event_id = e.event_id AND m.recipient = e.recipient
  WHERE e.id = $1 AND e.direction = 'outbound' AND m.state = 'held'),
freed AS (UPDATE message SET reason = NULL WHERE state = 'held' AND lane = (SELECT lane FROM lane) RETURNING 1)
SELECT true FROM freed LIMIT 1"""
