"""JSON out, by msgspec, as ready responses; and creating once per idempotency key."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from fastapi import Response

from services.chassis.auth import Principal
from services.referrals.api.guards import Office, Opened

_encode = msgspec.json.Encoder().encode


def text_of(content: Mapping[str, Any]) -> str:
    return _encode(content).decode()


def reply(content: Mapping[str, Any] | str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Times are written in UTC with Z, ids as text."""
    body = content if isinstance(content, str) else _encode(content)
    return Response(body, status, headers=dict(headers or {}), media_type="application/json")


PRIVATE = {"Cache-Control": "no-store"}

GONE: dict[int | str, dict[str, Any]] = {409: {"description": "Not released, closed again, or erased."}}
"""How reading an identity can fail, for the API description."""

WITH_ETAG: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string", "examples": ['"4"']}}
        }
    }
}


async def create_once(
    office: Office,
    principal: Principal,
    route: str,
    key: str | None,
    body_hash: bytes,
    create: Callable[[Opened], Awaitable[Mapping[str, Any]]],
) -> Response:
    """Create and answer 201, or give the answer that this key got before."""
    async with office.begin(principal) as opened:
        if key is not None and not await opened.claim(route, key, body_hash):
            before = await opened.replay(route, key, body_hash)
            return reply(before or "{}", 201)
        answer = text_of(await create(opened))
        if key is not None:
            await opened.remember(route, key, answer)
    return reply(answer, 201)
