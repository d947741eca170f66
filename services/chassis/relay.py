"""The outbox relay: one leader, one message in flight a lane, many lanes side by side.

The first two words of a subject are its way: they name the stream it is for. What one stream does not take waits,
however much it is, and nothing that goes another way waits with it.
"""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Mapping, Sequence

import asyncpg
import nats.errors

from services.chassis.bus import Publisher, RefusedError
from services.chassis.database import LOST, Database
from services.chassis.logs import Log

log = Log("relay")

_LEADER_LOCK = 0x5AFA0001
_BATCH = 500
_PROBE = 20
_BLOCKED_SECONDS = 0.5
_POLL_SECONDS = 1.0
_KEEP_DAYS = 7


class Relay:
    """Publishes unsent outbox rows in lane order, then marks them. `buses` by the name in `outbox.bus`."""

    def __init__(self, database: Database, buses: Mapping[str, Publisher]) -> None:
        self._database = database
        self._buses = buses
        self._wake = asyncio.Event()
        self._next_purge = 0.0
        self._blocked: dict[str, float] = {}  # ways that took nothing when last tried, and when to try again

    async def run(self) -> None:
        """Lead or wait to lead, for ever; a lost database connection gives up the lead."""
        while True:
            try:
                async with self._database.pool.acquire() as connection:
                    await self._lead(connection)
            except LOST as error:
                log.warning("relay_lost_database", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _lead(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEADER_LOCK):
            await asyncio.sleep(_POLL_SECONDS)
        await connection.add_listener("outbox", self._on_notify)
        try:
            while True:
                self._wake.clear()
                progress = await self._publish_batch(connection)
                await self._purge(connection)
                if not progress:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_POLL_SECONDS):
                            await self._wake.wait()
        finally:
            with contextlib.suppress(*LOST):
                await connection.remove_listener("outbox", self._on_notify)
                await connection.execute("SELECT pg_advisory_unlock($1)", _LEADER_LOCK)

    async def _purge(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        if time.monotonic() >= self._next_purge:
            self._next_purge = time.monotonic() + 3600
            await connection.execute("DELETE FROM outbox WHERE sent_at < now() - make_interval(days => $1)", _KEEP_DAYS)

    def _on_notify(self, *_: object) -> None:
        self._wake.set()

    async def _publish_batch(self, connection: asyncpg.pool.PoolConnectionProxy) -> bool:
        """Publish what can go; of a blocked way now and then a few of its oldest."""
        now = time.monotonic()
        due = [way for way, again in self._blocked.items() if again <= now]
        rows = await connection.fetch(_UNSENT, list(self._blocked), _BATCH)
        for way in due:
            rows += await connection.fetch(_UNSENT_OF, way, _PROBE)
        lanes: dict[str, list[asyncpg.Record]] = {}
        for row in rows:
            lanes.setdefault(row["lane"], []).append(row)
        results = await asyncio.gather(*(self._publish_lane(lane) for lane in lanes.values()))
        self._blocked = {way: again for way, again in self._blocked.items() if way not in due or again > now}
        sent = [row["id"] for result in results for row in result]
        if sent:
            await connection.execute(_MARK, sent)
        return bool(sent)

    async def _publish_lane(self, rows: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
        sent = []
        for row in rows:
            try:
                await self._buses[row["bus"]].publish(row["subject"], row["payload"], _headers(row))
            except RefusedError as error:
                await self._database.pool.execute(_PARK, row["lane"], error.reason)
                log.error("outbox_lane_parked", lane=row["lane"], reason=error.reason)
                break
            except (OSError, TimeoutError, nats.errors.Error) as error:
                self._block(".".join(row["subject"].split(".")[:2]), error)
                break
            sent.append(row)
        return sent

    def _block(self, way: str, error: Exception) -> None:
        if way not in self._blocked:
            log.warning("publish_failed", way=way, error=type(error).__name__)
        self._blocked[way] = time.monotonic() + _BLOCKED_SECONDS


def _headers(row: asyncpg.Record) -> dict[str, str]:
    """The broker drops repeats by id and lane.

    One stream has the same event addressed first and inbound later, and other countries' events, with ids of theirs.
    """
    lane = hashlib.sha256(row["lane"].encode()).hexdigest()[:16]
    headers = {
        "Nats-Msg-Id": f"{row['event_id']}:{lane}",
        "Safar-Id": str(row["event_id"]),
        "Safar-Type": row["type"],
    }
    return headers | ({"traceparent": row["traceparent"]} if row["traceparent"] else {})


_SENDABLE = """SELECT id, lane, sequence, event_id, type, bus, subject, traceparent, payload FROM outbox o
WHERE sent_at IS NULL AND parked_reason IS NULL
  AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.lane = o.lane AND p.parked_reason IS NOT NULL AND p.sent_at IS NULL)
  AND split_part(subject, '.', 1) || '.' || split_part(subject, '.', 2)"""
_UNSENT = f"{_SENDABLE} <> ALL($1::text[]) ORDER BY id LIMIT $2"
_UNSENT_OF = f"{_SENDABLE} = $1 ORDER BY id LIMIT $2"
_PARK = "UPDATE outbox SET parked_reason = $2 WHERE lane = $1 AND sent_at IS NULL"
_MARK = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[]) AND sent_at IS NULL"
