"""HTTP in: the app factory, problem documents, health, and one span a request. Pure ASGI only."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import SpanKind
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import telemetry
from services.chassis.bodies import BodyGuard
from services.chassis.database import AWAY, BAD_VALUE
from services.chassis.logs import Log
from services.chassis.openapi import DescribedApp
from services.chassis.problems import DomainError, Kind, field_errors, problem
from services.chassis.responses import problem_response

log = Log("http")

_UNTRACED = {"/health", "/ready", "/backlog"}
NO_BUILT_IN_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""FastAPI's own telemetry writes exception texts and validation inputs, and costs more than the request itself."""

Check = Callable[[], Awaitable[bool]]


def create_app(title: str, routers: Sequence[APIRouter], checks: Mapping[str, Check], *, docs: bool) -> FastAPI:
    """The service's ASGI app: its routers, /health, /ready, /openapi.json and the error answers."""
    app = DescribedApp(
        title=f"Safar {title}",
        version="1",
        docs_url="/docs" if docs else None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry=NO_BUILT_IN_TELEMETRY,
    )
    for router in routers:
        app.include_router(router, dependencies=[Depends(_only_known_parameters)])
    app.include_router(_health(checks))
    app.add_exception_handler(DomainError, _on_domain_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _on_validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _on_http_error)  # type: ignore[arg-type]
    for unstorable in (*BAD_VALUE, OverflowError):
        app.add_exception_handler(unstorable, _on_unstorable_value)
    for away in AWAY:
        app.add_exception_handler(away, _on_database_away)
    app.add_exception_handler(Exception, _on_defect)
    app.add_middleware(BodyGuard)
    app.add_middleware(TraceMiddleware)
    return app


class UnknownParameterError(DomainError):
    code = "unknown_parameter"
    title = "This address does not know that parameter"


async def _only_known_parameters(request: Request) -> None:
    """A mistyped filter must not answer with everything."""
    if not request.scope["query_string"]:
        return
    operation = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    if any(name not in known for name in request.query_params):  # its name is not repeated: it may hold anything
        named = ", ".join(sorted(known)) or "none"
        raise UnknownParameterError("A parameter is not known here.", remedy=f"Known here: {named}.")


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


async def _on_database_away(_: Request, error: Exception) -> JSONResponse:
    log.warning("database_away", error=type(error).__name__)
    remedy = "Send the same request again in a few seconds, with the same Idempotency-Key."
    document = problem(Kind.UNAVAILABLE, "unavailable", "Not available at the moment", remedy=remedy)
    return problem_response(document, {"Retry-After": "5"})


async def _on_defect(request: Request, error: Exception) -> JSONResponse:
    """Answers outside of the request's span, which has ended by then: the trace comes with the scope."""
    traced = request.scope.get("trace_id")
    log.error("request_failed", exception=True, error=type(error).__name__, trace_id=traced)
    document: dict[str, object] = {"type": "https://safar.example/problems/defect", "title": "Something broke here"}
    document |= {"status": 500, "code": "defect", "remedy": "Try again; quote the trace_id."}
    return problem_response(document | ({"trace_id": traced} if traced else {}))


_SEE = "See /openapi.json for the addresses and what each takes."
_HTTP_ERROR = ("http_error", "The request cannot be answered", _SEE)
_HTTP_ERRORS = {
    404: ("not_found", "Not found", _SEE),
    405: ("method_not_allowed", "This address does not know that method", _SEE),
    415: ("unsupported_media_type", "Unsupported media type", "Send application/json."),
}


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
            scope["trace_id"] = telemetry.trace_id()
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
