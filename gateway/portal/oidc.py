"""Sign-in by OpenID Connect: authorization code with PKCE (S256), state and nonce; the browser never sees a token."""

import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from gateway.portal.sessions import Session, SignIn
from services.chassis.auth import InvalidTokenError, Principal, TokenVerifier

_RENEW_BEFORE = 45


class ProviderAwayError(Exception):
    """The identity provider does not answer."""


class RefusedError(Exception):
    """The provider, or what it sent, does not let this person in."""


class Provider:
    """The node's identity provider, as its discovery document describes it."""

    def __init__(
        self, http: httpx.AsyncClient, verifier: TokenVerifier, issuer: str, client_id: str, secret: str, origin: str
    ) -> None:
        self._http = http
        self._verifier = verifier
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._secret = secret
        self._origin = origin
        self._metadata: dict[str, Any] | None = None

    @property
    def callback(self) -> str:
        return f"{self._origin}/session/callback"

    async def begin(self, language: str, before: SignIn | None) -> tuple[SignIn, str]:
        """A sign-in, with what waited for one, and the address to send the browser to."""
        metadata = await self._discover()
        sign_in = replace(before or SignIn("", "", ""), state=_random(), nonce=_random(), verifier=_random())
        challenge = urlsafe_b64encode(sha256(sign_in.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self.callback,
            "scope": "openid profile",
            "state": sign_in.state,
            "nonce": sign_in.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return sign_in, f"{metadata['authorization_endpoint']}?{urlencode(query)}"

    async def finish(self, code: str, sign_in: SignIn) -> tuple[dict[str, Any], Principal]:
        """The tokens for a code, verified.

        Raises:
            RefusedError: the code, the ID token or the access token does not hold.
        """
        tokens = await self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.callback,
                "code_verifier": sign_in.verifier,
            }
        )
        try:
            claims = await self._verifier.verify_id_token(
                str(tokens.get("id_token")), client_id=self._client_id, nonce=sign_in.nonce
            )
            principal = await self._verifier.verify(str(tokens.get("access_token")))
        except InvalidTokenError as error:
            raise RefusedError from error
        name = claims.get("name") or claims.get("preferred_username")
        if principal.is_client or claims.get("sub") != principal.subject:
            raise RefusedError
        return tokens, replace(principal, name=principal.name or (name if isinstance(name, str) else None))

    async def renew(self, session: Session) -> Session | None:
        """The session with fresh tokens; itself when they last; None when the provider has ended it."""
        if session.expires - time.time() > _RENEW_BEFORE:
            return session
        if not session.refresh_token:
            return None
        try:
            tokens = await self._token({"grant_type": "refresh_token", "refresh_token": session.refresh_token})
            principal = await self._verifier.verify(str(tokens.get("access_token")))
        except (RefusedError, InvalidTokenError):
            return None
        if (principal.subject, principal.agency) != (session.subject, session.agency):
            return None
        return replace(session, roles=tuple(sorted(principal.roles)), **kept_tokens(tokens, session))

    async def end_address(self, session: Session) -> str | None:
        """Where the browser ends its session at the provider, when the provider has such a place."""
        try:
            endpoint = (await self._discover()).get("end_session_endpoint")
        except ProviderAwayError:
            return None
        if not endpoint:
            return None
        query = {"client_id": self._client_id, "post_logout_redirect_uri": f"{self._origin}/"}
        if session.id_token:
            query["id_token_hint"] = session.id_token
        return f"{endpoint}?{urlencode(query)}"

    async def _discover(self) -> dict[str, Any]:
        if self._metadata is None:
            try:
                answer = await self._http.get(f"{self._issuer}/.well-known/openid-configuration")
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise ProviderAwayError from error
            if found.get("issuer", "").rstrip("/") != self._issuer:
                raise RefusedError
            self._metadata = found
        return self._metadata

    async def _token(self, form: dict[str, str]) -> dict[str, Any]:
        endpoint = (await self._discover())["token_endpoint"]
        credentials = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
        headers = {"Authorization": "Basic " + b64encode(credentials.encode()).decode()}
        try:
            answer = await self._http.post(endpoint, data=form, headers=headers)
        except httpx.HTTPError as error:
            raise ProviderAwayError from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderAwayError
        if answer.status_code != httpx.codes.OK:
            raise RefusedError
        tokens: dict[str, Any] = answer.json()
        return tokens


def kept_tokens(tokens: dict[str, Any], before: Session | None = None) -> dict[str, Any]:
    """What a session keeps of a token answer; a provider that does not rotate leaves the old refresh token."""
    return {
        "access_token": str(tokens["access_token"]),
        "expires": time.time() + float(tokens.get("expires_in", 60)),
        "refresh_token": tokens.get("refresh_token") or (before.refresh_token if before else None),
        "id_token": tokens.get("id_token") or (before.id_token if before else None),
    }


def _random() -> str:
    return secrets.token_urlsafe(32)
