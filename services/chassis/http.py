"""HTTP in: the app factory, strict bodies, problem documents, health, and one span a request. Pure ASGI only."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import SpanKind
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import telemetry
from services.chassis.database import BAD_VALUE
from services.chassis.logs import Log
from services.chassis.openapi import DescribedApp
from services.chassis.problems import DomainError, Kind, field_errors, problem

log = Log("http")

BODY_LIMIT = 1024 * 1024
_DEPTH_LIMIT = 32
_UNTRACED = {"/health", "/ready", "/backlog"}
PROBLEM_JSON = "application/problem+json"

NO_BUILT_IN_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""FastAPI's own telemetry writes exception texts and validation inputs, and costs more than the request itself."""

Check = Callable[[], Awaitable[bool]]


class MalformedBodyError(DomainError):
    code = "malformed_body"
    kind = Kind.MALFORMED
    title = "The body is not the JSON that was expected"


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


def create_app(title: str, routers: Sequence[APIRouter], checks: Mapping[str, Check], *, docs: bool) -> FastAPI:
    """The service's ASGI app: its routers, /health, /ready, /openapi.json and the error answers."""
    app = DescribedApp(
        title=f"Safar {title}",
        version="1",
        docs_url="/docs" if docs else None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry=NO_BUILT_IN_TELEMETRY,
    )
    for router in routers:
        app.include_router(router)
    app.include_router(_health(checks))
    app.add_exception_handler(DomainError, _on_domain_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _on_validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _on_http_error)  # type: ignore[arg-type]
    for unstorable in (*BAD_VALUE, OverflowError):
        app.add_exception_handler(unstorable, _on_unstorable_value)
    app.add_exception_handler(Exception, _on_defect)
    app.add_middleware(BodyGuard)
    app.add_middleware(TraceMiddleware)
    return app


def _health(checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> JSONResponse:
        states = {name: await check() for name, check in checks.items()}
        status = 200 if all(states.values()) else 503
        return JSONResponse({"ready": status == 200, "checks": states}, status)  # noqa: PLR2004  (HTTP)

    return router


def problem_response(document: dict[str, object], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as a response, with the trace to quote when asking for help."""
    if trace_id := telemetry.trace_id():
        document["trace_id"] = trace_id
    status = document["status"]
    assert isinstance(status, int)  # noqa: S101  (for the type checker)
    return JSONResponse(document, status, headers=headers, media_type=PROBLEM_JSON)


async def _on_domain_error(_: Request, error: DomainError) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if error.kind is Kind.UNAUTHENTICATED else None
    return problem_response(error.problem(), headers)


async def _on_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
    fields = field_errors(list(error.errors()))
    document = problem(Kind.INVALID, "invalid_fields", "Some fields need correcting", errors=fields)
    return problem_response(document)


async def _on_http_error(_: Request, error: HTTPException) -> JSONResponse:
    code, title, remedy = _HTTP_ERRORS.get(error.status_code, _HTTP_ERROR)
    document: dict[str, object] = {"type": f"https://safar.example/problems/{code}", "title": title}
    return problem_response(document | {"status": error.status_code, "code": code, "remedy": remedy}, error.headers)


async def _on_unstorable_value(_: Request, __: Exception) -> JSONResponse:
    remedy = "Send ids as they were returned, texts without NUL, and dates between the years 1900 and 2100."
    return problem_response(problem(Kind.INVALID, "unacceptable_value", "A value cannot be taken", remedy=remedy))


async def _on_defect(_: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", exception=True, error=type(error).__name__)
    document: dict[str, object] = {"type": "https://safar.example/problems/defect", "title": "Something broke here"}
    return problem_response(document | {"status": 500, "code": "defect", "remedy": "Try again; quote the trace_id."})


_SEE = "See /openapi.json for the addresses and what each takes."
_HTTP_ERROR = ("http_error", "The request cannot be answered", _SEE)
_HTTP_ERRORS = {
    404: ("not_found", "Not found", _SEE),
    405: ("method_not_allowed", "This address does not know that method", _SEE),
    415: ("unsupported_media_type", "Unsupported media type", "Send application/json."),
}


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
            if body and _is_json(scope):
                strict_json(body)
        except DomainError as error:
            await problem_response(error.problem())(scope, receive, send)
            return
        given = iter(({"type": "http.request", "body": body, "more_body": False},))

        async def replay() -> Message:
            return next(given, None) or await receive()

        await self._app(scope, replay, send)


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise BodyTooLargeError("At most 1 MiB is read.", remedy="Send less at once.")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _is_json(scope: Scope) -> bool:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"application/json")
    return b"json" in kind.lower()


class TraceMiddleware:
    """One server span a request, named by its route's path template, never by the path itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _UNTRACED:
            await self._app(scope, receive, send)
            return
        traceparent = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"traceparent"), None)
        parent = telemetry.parent_of(traceparent)
        with telemetry.tracer.start_as_current_span(
            scope["method"], context=parent, kind=SpanKind.SERVER, record_exception=False
        ) as span:
            if not span.is_recording():
                await self._app(scope, receive, send)
                return

            async def observe(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, observe)
            route = scope.get("route")
            if route is not None:
                span.update_name(f"{scope['method']} {route.path}")
