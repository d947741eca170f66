"""Token verification: the one door (RFC 9068 and BCP 225, as `security.md` §3 narrows them)."""

import json
import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from joserfc import jws
from joserfc.errors import JoseError

from services.chassis.claims import (
    InvalidTokenError,
    principal_of,
    require_audience,
    require_lifetime,
    require_type,
    subject_of,
)
from services.chassis.jwks import IssuerKeys
from services.chassis.principal import Principal
from services.chassis.settings import Issuer

MAX_TOKEN = 8192
MAX_CACHED = 4096
_HEADER = frozenset({"alg", "kid", "typ"})
_HEADER_TYPES = frozenset({"jwt", "at+jwt"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TokenVerifier:
    """Turns a bearer token into a principal, or raises InvalidTokenError.

    A verified token is remembered by its digest until it expires, so the second request costs a hash.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        http: httpx.AsyncClient | None = None,
        *,
        mode: Literal["development", "production"] = "production",
        clock: Callable[[], float] = time.time,
    ) -> None:
        known = tuple(issuers)
        if mode == "production":
            refuse_development_issuers(known)
        self._http = http or httpx.AsyncClient(timeout=3.0, trust_env=False)
        self._clock = clock
        self._issuers = {issuer.issuer: (issuer, IssuerKeys(issuer, self._http, clock)) for issuer in known}
        self._verified: dict[bytes, tuple[float, Principal]] = {}

    async def close(self) -> None:
        await self._http.aclose()

    async def verify(self, token: str) -> Principal:
        """The principal of an access token."""
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        remembered = self._verified.get(digest)
        if remembered is not None and self._clock() < remembered[0]:
            return remembered[1]
        issuer, claims, header_type = await self._signed_claims(token)
        require_type(issuer, claims, header_type)
        require_audience(issuer, claims)
        expires = require_lifetime(claims, self._clock())
        principal = principal_of(issuer, claims)
        self._remember(digest, expires, principal)
        return principal

    async def verify_id_token(self, token: str, *, client_id: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token made for this client and this sign-in (OpenID Connect Core §3.1.3.7).

        `sub` is the subject as a principal of the same issuer names it, so that the two can be compared.
        """
        issuer, claims, _ = await self._signed_claims(token)
        audience = claims.get("aud")
        for_client = audience in (client_id, [client_id]) and claims.get("azp", client_id) == client_id
        is_id_token = claims.get("typ") == "ID" or claims.get("token_use") == "id"
        if not (for_client and is_id_token and claims.get("nonce") == nonce):
            raise InvalidTokenError
        require_lifetime(claims, self._clock())
        return {**claims, "sub": subject_of(issuer, claims)}

    async def _signed_claims(self, token: str) -> tuple[Issuer, dict[str, Any], str]:
        """The claims, once the signature of the issuer they name is proven; the header chooses nothing but a key id."""
        if len(token) > MAX_TOKEN:
            raise InvalidTokenError
        parsed, claims = _parse(token)
        header = parsed.headers()
        named = claims.get("iss")
        known = self._issuers.get(named) if isinstance(named, str) else None
        kid, header_type = header.get("kid"), str(header.get("typ", "JWT")).lower()
        if known is None or not isinstance(kid, str) or not _HEADER.issuperset(header):
            raise InvalidTokenError
        issuer, keys = known
        if header.get("alg") != issuer.algorithm or header_type not in _HEADER_TYPES:
            raise InvalidTokenError
        key = await keys.find(kid)
        if key is None or not _is_signed(parsed, key, issuer.algorithm):
            raise InvalidTokenError
        return issuer, claims, header_type

    def _remember(self, digest: bytes, expires: float, principal: Principal) -> None:
        if len(self._verified) >= MAX_CACHED:
            now = self._clock()
            self._verified = {key: entry for key, entry in self._verified.items() if entry[0] > now}
        while len(self._verified) >= MAX_CACHED:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = (expires, principal)


def refuse_development_issuers(issuers: Iterable[Issuer]) -> None:
    """Production believes only issuers reached over TLS and away from this machine.

    Raises:
        ValueError: an issuer that belongs to a development node.
    """
    for issuer in issuers:
        for url in (issuer.issuer, issuer.jwks_url):
            parts = urlsplit(url)
            if parts.scheme != "https" or parts.hostname in _LOOPBACK:
                raise ValueError(f"{url} is a development address; production needs https and another host")


def _parse(token: str) -> tuple[jws.CompactSignature, dict[str, Any]]:
    try:
        parsed = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(parsed.payload)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidTokenError from None
    if not isinstance(claims, dict) or not isinstance(parsed.protected, dict):
        raise InvalidTokenError
    return parsed, claims


def _is_signed(parsed: jws.CompactSignature, key: Any, algorithm: str) -> bool:
    try:
        return jws.validate_compact(parsed, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError):
        return False
