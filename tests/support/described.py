"""A way to ask an application that holds every answer against the application's own API description."""

import re
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker

_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


class DescribedTransport(httpx.AsyncBaseTransport):
    """Fails with what differs: an unknown status, another media type, a member too many or of another shape."""

    def __init__(self, app: FastAPI, *, raise_app_exceptions: bool = True) -> None:
        self._asking = httpx.ASGITransport(app, raise_app_exceptions=raise_app_exceptions)
        self._document = app.openapi()
        self._operations = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations)
            for path, operations in self._document["paths"].items()
        ]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asking.handle_async_request(request)
        await answer.aread()
        self._compare(request, answer)
        return answer

    def _compare(self, request: httpx.Request, answer: httpx.Response) -> None:
        said = self._responses(request)
        where = f"{request.method} {request.url.path} → {answer.status_code}"
        if answer.is_success and said is None:
            return  # /health and the like
        described = (said or {}).get(str(answer.status_code)) or (None if answer.is_success else _PROBLEM)
        assert described, f"{where} is not described"
        assert answer.is_success or said is None or str(answer.status_code) in said, f"{where} is not described"
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in described["content"], f"{where} is {kind}, described as {list(described['content'])}"
        schema = described["content"][kind]["schema"]
        assert schema, f"{where} has no described shape"
        whole = {**schema, "components": self._document["components"]}
        problems = [
            f"{'.'.join(map(str, one.absolute_path)) or 'answer'}: {one.message}"
            for one in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(answer.json())
        ]
        assert not problems, f"{where}: {problems}"

    def _responses(self, request: httpx.Request) -> dict[str, Any] | None:
        for path, operations in self._operations:
            operation = operations.get(request.method.lower())
            if operation and path.fullmatch(request.url.path):
                responses: dict[str, Any] = operation["responses"]
                return responses
        return None
