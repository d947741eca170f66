"""The public keys of one issuer: fetched once for many, kept ten minutes, an hour longer when the issuer is down."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from services.chassis.problems import DomainError, Kind
from services.chassis.settings import Issuer

FRESH = 600.0
STALE_IF_ERROR = 3600.0
UNKNOWN_KEY_PAUSE = 30.0
ERROR_PAUSE = 1.0
_KEY_TYPES: dict[str, tuple[str, type[ECKey] | type[RSAKey]]] = {"ES256": ("EC", ECKey), "RS256": ("RSA", RSAKey)}

PublicKey = ECKey | RSAKey


class IssuerUnavailableError(DomainError):
    """The issuer's keys cannot be had: nobody is at fault who holds a token, so not a 401."""

    code = "identity_unavailable"
    kind = Kind.UNAVAILABLE
    title = "The identity provider cannot be reached"


class IssuerKeys:
    """The cache; times are seconds of `clock`."""

    def __init__(self, issuer: Issuer, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._http = http
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that id; None when the issuer has no such key.

        Raises:
            IssuerUnavailableError: no keys, or none young enough, and the issuer does not answer.
        """
        if self._clock() - self._fetched > FRESH:
            await self._refresh(ERROR_PAUSE)
            if self._clock() - self._fetched > FRESH + STALE_IF_ERROR:
                raise IssuerUnavailableError(remedy="Try again in a moment.")
        if kid not in self._keys:
            await self._refresh(UNKNOWN_KEY_PAUSE)
        return self._keys.get(kid)

    async def _refresh(self, pause: float) -> None:
        if self._flight is None or self._flight.done():
            if self._clock() - self._tried < pause:
                return
            self._tried = self._clock()
            self._flight = asyncio.create_task(self._fetch())
        await asyncio.shield(self._flight)

    async def _fetch(self) -> None:
        try:
            response = await self._http.get(self._issuer.jwks_url)
            response.raise_for_status()
            published = response.json()["keys"]
            keys = dict(key for entry in published if (key := self._usable(entry)))
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return
        self._keys = keys
        self._fetched = self._clock()

    def _usable(self, entry: dict[str, Any]) -> tuple[str, PublicKey] | None:
        """A signature key for the configured algorithm; anything else that the issuer publishes is passed over."""
        kind, imported = _KEY_TYPES[self._issuer.algorithm]
        usable = entry.get("kty") == kind and entry.get("use", "sig") == "sig" and isinstance(entry.get("kid"), str)
        if not usable or entry.get("alg", self._issuer.algorithm) != self._issuer.algorithm:
            return None
        try:
            return entry["kid"], imported.import_key(entry)
        except (JoseError, ValueError):
            return None
