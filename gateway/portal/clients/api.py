"""The way to the services' APIs: with the person's own token, and errors that a page can explain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx

from services.chassis.telemetry import current_traceparent

Query = Mapping[str, str | int | Sequence[str] | None]


class ServiceAwayError(Exception):
    """A service does not answer; nothing is known to have happened."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class ApiError(Exception):
    """A service refused: status, stable code, and the fields it named."""

    def __init__(self, service: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(service, status)
        self.service = service
        self.status = status
        self.code = str(problem.get("code", "http_error"))
        self.trace_id = problem.get("trace_id")
        self.recorded = str(problem.get("recorded", ""))
        named = [str(one.get("field")) for one in problem.get("errors", []) if isinstance(one, Mapping)]
        self.fields = named or ([str(problem["field"])] if problem.get("field") else [])


@dataclass(frozen=True)
class Api:
    """The services of this node, for one person."""

    http: httpx.AsyncClient
    bases: Mapping[str, str]
    token: str | None

    async def get(self, service: str, path: str, query: Query | None = None) -> Any:
        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        return await self._ask(service, "GET", path, params=wanted)

    async def post(self, service: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": sha256(key.encode("utf-8", "replace")).hexdigest()} if key else {}
        return await self._ask(service, "POST", path, json=body if body is not None else {}, headers=headers)

    async def put(self, service: str, path: str, body: Any) -> Any:
        return await self._ask(service, "PUT", path, json=body)

    async def _ask(self, service: str, method: str, path: str, **options: Any) -> Any:
        base = self.bases.get(service)
        if base is None:
            raise ServiceAwayError(service)
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if traceparent := current_traceparent():
            headers["traceparent"] = traceparent
        try:
            answer = await self.http.request(method, base + path, headers=headers, **options)
        except httpx.HTTPError as error:
            raise ServiceAwayError(service) from error
        return _read(service, answer)


def _read(service: str, answer: httpx.Response) -> Any:
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ServiceAwayError(service)
    try:
        content = answer.json() if answer.content else None
    except ValueError as error:
        raise ServiceAwayError(service) from error
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise ApiError(service, answer.status_code, content if isinstance(content, dict) else {})
    return content


def segment(identifier: str) -> str:
    """An id from an address, as a path segment: only a UUID is one; anything else answers as absent."""
    try:
        return str(UUID(identifier))
    except ValueError:
        raise ApiError("portal", httpx.codes.NOT_FOUND, {"code": "not_found"}) from None
