"""An issuer made for a test: its keys, its tokens, and the JWKS it would serve, without a socket."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

from services.chassis.settings import Issuer, RegisteredClient

URL = "https://identity.example/realms/kz"
NOW = 1_790_000_000.0


def an_issuer(**changes: Any) -> Issuer:
    """A realm of Kazakhstan as Keycloak describes it."""
    settings: dict[str, Any] = {
        "issuer": URL,
        "jwks_url": f"{URL}/certs",
        "algorithm": "ES256",
        "node": "kz",
        "types": frozenset({"Bearer"}),
        "authorized_parties": frozenset({"safar-portal"}),
        "clients": {"kz.sapar-demo.api": RegisteredClient(agency="kz.sapar-demo", roles=frozenset({"integration"}))},
    }
    return Issuer(**(settings | changes))


def claims(**changes: Any) -> dict[str, Any]:
    """What a token of a caseworker says; a change to None removes the claim."""
    said: dict[str, Any] = {
        "iss": URL,
        "sub": "o.primerova",
        "aud": "safar-api",
        "azp": "safar-portal",
        "typ": "Bearer",
        "iat": int(NOW),
        "exp": int(NOW) + 300,
        "jti": "token-1",
        "organization": ["kz-sapar-demo"],
        "roles": ["caseworker"],
        "name": "O. Primerova",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


@dataclass
class FakeIssuer:
    """Signs tokens and answers for its keys; counts how often it was asked."""

    keys: dict[str, ECKey] = field(default_factory=lambda: {"key-1": ECKey.generate_key("P-256")})
    fetched: int = 0
    down: bool = False

    def token(self, said: dict[str, Any], kid: str = "key-1", **header: Any) -> str:

        protected = {"alg": "ES256", "kid": kid, "typ": "JWT"} | header
        return jws.serialize_compact(protected, json.dumps(said), self.keys.get(kid) or ECKey.generate_key("P-256"))

    def http(self) -> httpx.AsyncClient:
        """A client that reaches this issuer only."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.fetched += 1
        if self.down:
            return httpx.Response(503)
        published = [key.as_dict(private=False) | {"kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        return httpx.Response(200, json={"keys": published})


@dataclass
class Clock:
    """Time that a test moves."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now
