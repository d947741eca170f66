"""Bodies: counted while they are read, and refused where a second reader could understand them differently."""

import json
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.problems import DomainError, Kind
from services.chassis.responses import problem_response

BODY_LIMIT = 1024 * 1024
_DEPTH_LIMIT = 32


class MalformedBodyError(DomainError):
    code = "malformed_body"
    kind = Kind.MALFORMED
    title = "The body is not the JSON that was expected"


class MediaTypeError(DomainError):
    code = "unsupported_media_type"
    kind = Kind.UNSUPPORTED
    title = "Unsupported media type"


class BodyTooLargeError(DomainError):
    code = "body_too_large"
    kind = Kind.TOO_LARGE
    title = "The body is too large"


def strict_json(body: bytes) -> Any:
    """Parse a body; raises MalformedBodyError with what is wrong, never with what was sent."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        _check(value, 0)
    except UnicodeError:
        raise MalformedBodyError("It is not UTF-8.", remedy="Encode the body as UTF-8.") from None
    except RecursionError:
        raise MalformedBodyError(
            f"It nests deeper than {_DEPTH_LIMIT} levels.", remedy="Send a flatter document."
        ) from None
    except ValueError:
        raise MalformedBodyError("It is not JSON.", remedy="Check brackets, quotes and commas.") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedBodyError("A key occurs twice.", remedy="Name each key once.")
    return value


def _no_constant(_: str) -> None:
    raise MalformedBodyError("NaN and Infinity are not JSON.", remedy="Leave the field out or give a number.")


def _check(value: Any, depth: int) -> None:
    if depth > _DEPTH_LIMIT:
        raise RecursionError
    if isinstance(value, str):
        if "\x00" in value or not _encodable(value):
            raise MalformedBodyError("A text holds a character that is none.", remedy="Remove NUL and lone surrogates.")
    elif isinstance(value, dict):
        for key, member in value.items():
            _check(key, depth)
            _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class BodyGuard:
    """Counts a body while it is read and refuses JSON that a second reader could understand differently."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(receive)
            if body:
                _require_json(scope)
                strict_json(body)
        except DomainError as error:
            await problem_response(error.problem())(scope, receive, send)
            return
        except ClientDisconnect:
            return  # whatever has come of the body is not what the caller said
        given = iter(({"type": "http.request", "body": body, "more_body": False},))

        async def replay() -> Message:
            return next(given, None) or await receive()

        await self._app(scope, replay, send)


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise BodyTooLargeError("At most 1 MiB is read.", remedy="Send less at once.")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _require_json(scope: Scope) -> None:
    headers = {name.lower(): value for name, value in scope["headers"]}
    if b"json" not in headers.get(b"content-type", b"application/json").lower():
        raise MediaTypeError("The body is not sent as JSON.", field="Content-Type", remedy="Send application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise MediaTypeError("The body is packed.", field="Content-Encoding", remedy="Send it as it is.")
