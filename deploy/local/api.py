"""An agency's system talking to its node's public API: what an NGO would write, in 60 lines."""

import secrets
import time
from typing import Any
from urllib.parse import quote

import httpx

from deploy.local.errors import LauncherError

Json = dict[str, Any]


class ApiError(LauncherError):
    """The API refused; `problem` is its problem document."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail') or problem.get('title', '')}")
        self.status = status
        self.problem = problem


class AgencyApi:
    """One agency's API client. `node` and `credentials` are as in addresses.json."""

    def __init__(self, agency_id: str, node: Json, http: httpx.AsyncClient) -> None:
        self.agency_id = agency_id
        self._base = node["api"].removesuffix("/v1")
        self._token_endpoint = node["token_endpoint"]
        self._client = node["clients"][agency_id]
        self._http = http
        self._token = ""
        self._renew_at = 0.0

    async def get(self, path: str, **parameters: str) -> Json:
        return await self.call("GET", path, parameters=parameters)

    async def post(
        self, path: str, body: Json | None = None, *, key: str | None = None, trace: str | None = None
    ) -> Json:
        """POST; `key` makes the call safe to repeat, `trace` (32 hex) asks for it to be recorded."""
        headers = {"Idempotency-Key": key} if key else {}
        if trace:
            headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
        return await self.call("POST", path, body or {}, headers=headers)

    async def put(self, path: str, body: Json) -> Json:
        return await self.call("PUT", path, body)

    async def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        headers: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
    ) -> Json:
        """One call; raises ApiError with the problem document."""
        bearer = {"Authorization": f"Bearer {await self.token()}"} | (headers or {})
        answer = await self._http.request(method, self._base + path, json=body, headers=bearer, params=parameters)
        document: Json = answer.json() if answer.content else {}
        if answer.is_error:
            raise ApiError(answer.status_code, document)
        return document

    async def token(self) -> str:
        """An access token by client credentials, renewed a minute before it ends."""
        if time.monotonic() >= self._renew_at:
            answer = await self._http.post(
                self._token_endpoint,
                data={"grant_type": "client_credentials"},
                auth=(quote(self._client["client_id"], safe=""), quote(self._client["client_secret"], safe="")),
            )
            answer.raise_for_status()
            granted = answer.json()
            self._token = granted["access_token"]
            self._renew_at = time.monotonic() + int(granted.get("expires_in", 120)) - 60
        return self._token
