"""What waits in a service's own database, in counts and codes alone, and the way to try again what was parked."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from fastapi import APIRouter

from services.chassis.database import Database
from services.chassis.settings import NodeSettings

Connection = asyncpg.Connection | asyncpg.Pool
Result = TypeVar("Result")


async def backlog(connection: Connection) -> dict[str, Any]:
    """`unsent` and `waiting` events, `parked` lanes by box and code, `dead_letters` by reason. No ids, no payloads."""
    rows = await _both(connection, _COUNTS_SENDING, _COUNTS_HEARING)
    return {
        "unsent": sum(row["count"] for row in rows if row["kind"] == "unsent"),
        "waiting": sum(row["count"] for row in rows if row["kind"] == "waiting"),
        "parked": [
            {"box": row["kind"], "code": row["code"], "lanes": row["count"]}
            for row in rows
            if row["kind"] in {"outbox", "inbox"}
        ],
        "dead_letters": {row["code"]: row["count"] for row in rows if row["kind"] == "dead"},
    }


async def parked_lanes(connection: Connection) -> list[dict[str, Any]]:
    """Each parked lane with the event that stopped it and how many wait behind; for an operator's eyes, not a log."""
    return [dict(row) for row in await _both(connection, _LANES_SENDING, _LANES_HEARING)]


async def unpark(connection: Connection, lane: str = "") -> int:
    """Let one lane, or every one, be tried again by the running service; how many lanes that freed."""
    freed = await _both(connection, _UNPARK_SENDING, _UNPARK_HEARING, lane)
    await connection.execute("NOTIFY outbox")
    return len({(row["source"], row["lane"]) for row in freed})


async def _both(connection: Connection, sending: str, hearing: str, *values: str) -> list[asyncpg.Record]:
    """The rows of the outbox, and of the inbox where the service has one."""
    rows = list(await connection.fetch(sending, *values))
    if await connection.fetchval("SELECT to_regclass('inbox') IS NOT NULL"):
        rows += await connection.fetch(hearing, *values)
    return rows


def router(
    database: Database,
    others: Callable[[], Awaitable[Mapping[str, int]]] | None = None,
    waiting: Callable[[], Awaitable[int]] | None = None,
) -> APIRouter:
    """`GET /backlog` beside /health and /ready: inside the node only, the edge does not lead to it."""
    made = APIRouter(include_in_schema=False)

    @made.get("/backlog")
    async def show() -> dict[str, Any]:
        found = await backlog(database.pool)
        for reason, count in (await others() if others else {}).items():
            found["dead_letters"][reason] = found["dead_letters"].get(reason, 0) + count
        found["waiting"] += await waiting() if waiting else 0
        return found

    return made


def run_parked(settings: NodeSettings, _: Sequence[str], also: int = 0) -> None:
    """`parked`: the parked lanes, one JSON object a line; `also` counts what a service has shown besides."""
    lanes = asyncio.run(_with(settings, parked_lanes))
    for lane in lanes:
        sys.stdout.write(json.dumps(lane, default=str) + "\n")
    if not lanes and not also:
        sys.stderr.write("nothing is parked\n")


def run_unpark(settings: NodeSettings, words: Sequence[str]) -> None:
    """`unpark [LANE]`: try it, or all of them, again."""

    async def free(connection: Connection) -> int:
        return await unpark(connection, *words[:1])

    freed = asyncio.run(_with(settings, free))
    if words and not freed:
        sys.exit(f"no parked lane is named {words[0]}; `parked` lists them")
    sys.stdout.write(f"lanes that are tried again: {freed}\n")


async def _with(settings: NodeSettings, use: Callable[[Connection], Awaitable[Result]]) -> Result:
    connection = await asyncpg.connect(settings.database_url.get_secret_value(), timeout=10)
    try:
        return await use(connection)
    finally:
        await connection.close()


_COUNTS_SENDING = """
SELECT 'unsent' AS kind, NULL AS code, count(*) FROM outbox WHERE sent_at IS NULL AND parked_reason IS NULL
UNION ALL SELECT 'outbox', parked_reason, count(DISTINCT lane) FROM outbox
  WHERE sent_at IS NULL AND parked_reason IS NOT NULL GROUP BY parked_reason"""
_COUNTS_HEARING = """
SELECT 'waiting' AS kind, NULL AS code, count(*) FROM inbox WHERE applied_at IS NULL AND parked_code IS NULL
UNION ALL SELECT 'inbox', parked_code, count(*) FROM inbox
  WHERE applied_at IS NULL AND parked_code IS NOT NULL GROUP BY parked_code
UNION ALL SELECT 'dead', reason, count(*) FROM dead_letter GROUP BY reason"""
_LANES_SENDING = """
SELECT DISTINCT ON (lane) 'outbox' AS box, NULL AS source, lane, sequence, type, parked_reason AS code,
  created_at AS since, (SELECT count(*) FROM outbox b WHERE b.lane = o.lane AND b.sequence > o.sequence) AS behind
FROM outbox o WHERE sent_at IS NULL AND parked_reason IS NOT NULL ORDER BY lane, sequence"""
_LANES_HEARING = """
SELECT 'inbox' AS box, i.source, i.lane, i.sequence, i.type, i.parked_code AS code, i.received_at AS since,
  (SELECT count(*) FROM inbox b WHERE b.source = i.source AND b.lane = i.lane AND b.sequence > i.sequence) AS behind
FROM inbox i WHERE i.applied_at IS NULL AND i.parked_code IS NOT NULL ORDER BY i.received_at"""
_UNPARK_SENDING = """UPDATE outbox SET parked_reason = NULL
WHERE sent_at IS NULL AND parked_reason IS NOT NULL AND ($1 = '' OR lane = $1) RETURNING '' AS source, lane"""
_UNPARK_HEARING = """UPDATE inbox SET parked_code = NULL
WHERE applied_at IS NULL AND parked_code IS NOT NULL AND ($1 = '' OR lane = $1) RETURNING source, lane"""
