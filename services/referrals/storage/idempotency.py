"""Answers kept under the key that the asker chose, per agency, principal and route."""

from datetime import datetime

from services.chassis.database import Connection
from services.referrals.domain.errors import IdempotencyKeyReusedError


async def claim(
    connection: Connection, agency: str, principal: str, route: str, key: str, *, body_hash: bytes, at: datetime
) -> bool:
    """Take the key for this request; False when an earlier request has it (waits for one that still runs)."""
    return bool(await connection.fetchval(_CLAIM, agency, principal, route, key, body_hash, at))


async def remember(connection: Connection, agency: str, principal: str, route: str, key: str, *, answer: str) -> None:
    """Keep the answer of a claimed key."""
    await connection.execute(_REMEMBER, agency, principal, route, key, answer)


async def replay(
    connection: Connection, agency: str, principal: str, route: str, key: str, *, body_hash: bytes
) -> str | None:
    """The answer given before; raises IdempotencyKeyReusedError when the body was another."""
    row = await connection.fetchrow(_REPLAY, agency, principal, route, key)
    if row is None:
        return None
    if row["body_hash"] != body_hash:
        raise IdempotencyKeyReusedError
    answer: str = row["answer"]
    return answer


_CLAIM = """INSERT INTO idempotency (agency_id, principal, route, key, body_hash, answer, created_at)
VALUES ($1, $2, $3, $4, $5, '', $6) ON CONFLICT DO NOTHING RETURNING true"""
_REMEMBER = """UPDATE idempotency SET answer = $5
WHERE agency_id = $1 AND principal = $2 AND route = $3 AND key = $4"""
_REPLAY = """SELECT body_hash, answer FROM idempotency
WHERE agency_id = $1 AND principal = $2 AND route = $3 AND key = $4"""
