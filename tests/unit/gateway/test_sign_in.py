"""OpenID Connect: code, PKCE, state and nonce."""

import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contracts.terms import Role
from gateway.portal.oidc import Provider, ProviderAwayError, RefusedError
from gateway.portal.owners import owner_of
from gateway.portal.sessions import SignIn, hold
from services.chassis.auth import InvalidTokenError, Principal
from tests.unit.gateway.fakes import ORIGIN, SEAL, FakeServices, portal, session
from tests.unit.gateway.memory import MemorySessions

METADATA = {
    "issuer": "http://idp",
    "authorization_endpoint": "http://idp/authorize",
    "token_endpoint": "http://idp/token",
    "end_session_endpoint": "http://idp/logout",
}
PRINCIPAL = Principal(
    "o.primerova", "kz.sapar-demo", frozenset({Role.CASEWORKER}), "O. Primerova", "kz", is_client=False
)


class FakeVerifier:
    """Believes the tokens `access` and `id`, for the nonce it was told."""

    def __init__(self, nonce: str = "nonce") -> None:
        self.nonce = nonce

    async def verify(self, token: str) -> Principal:
        if token != "access":
            raise InvalidTokenError
        return PRINCIPAL

    async def verify_id_token(self, token: str, *, client_id: str, nonce: str) -> dict[str, Any]:
        if (token, client_id, nonce) != ("id", "safar-portal", self.nonce):
            raise InvalidTokenError
        return {"sub": PRINCIPAL.subject, "nonce": nonce}


class Letting:
    """Lets one person in, with whatever code."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    async def finish(self, _code: str, _sign_in: SignIn) -> tuple[dict[str, Any], Principal]:
        return {"access_token": "access"}, self.principal


class FakeIdp:
    def __init__(self) -> None:
        self.forms: list[dict[str, list[str]]] = []
        self.status = 200
        self.tokens: dict[str, Any] = {
            "access_token": "access",
            "id_token": "id",
            "refresh_token": "next",
            "expires_in": 300,
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json=METADATA)
        self.forms.append(parse_qs(request.content.decode()))
        return httpx.Response(self.status, json=self.tokens)


def provider(idp: FakeIdp, nonce: str = "nonce") -> Provider:
    http = httpx.AsyncClient(transport=httpx.MockTransport(idp.answer))
    return Provider(http, FakeVerifier(nonce), "http://idp", "safar-portal", "s", "http://localhost:9300")  # type: ignore[arg-type]


SIGN_IN = SignIn("state", "nonce", "verifier")


async def test_a_sign_in_begins_with_a_challenge_a_state_and_a_nonce() -> None:
    sign_in, address = await provider(FakeIdp()).begin("ru", None)

    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    challenge = urlsafe_b64encode(sha256(sign_in.verifier.encode()).digest()).rstrip(b"=").decode()
    assert query["code_challenge"] == challenge
    assert query["code_challenge_method"] == "S256"
    assert query["state"] == sign_in.state
    assert query["nonce"] == sign_in.nonce
    assert sign_in.verifier not in address
    assert query["redirect_uri"] == "http://localhost:9300/session/callback"


async def test_a_code_becomes_a_principal() -> None:
    idp = FakeIdp()

    _tokens, principal = await provider(idp).finish("code", SIGN_IN)

    assert principal == PRINCIPAL
    assert idp.forms[0]["code_verifier"] == ["verifier"]


async def test_an_id_token_for_another_sign_in_is_refused() -> None:
    with pytest.raises(RefusedError):
        await provider(FakeIdp(), nonce="another").finish("code", SIGN_IN)


async def test_a_code_that_the_provider_refuses_lets_nobody_in() -> None:
    idp = FakeIdp()
    idp.status = 400

    with pytest.raises(RefusedError):
        await provider(idp).finish("code", SIGN_IN)


async def test_a_provider_in_trouble_is_said_to_be_away() -> None:
    idp = FakeIdp()
    idp.status = 502

    with pytest.raises(ProviderAwayError):
        await provider(idp).finish("code", SIGN_IN)


async def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    idp = FakeIdp()
    lasting, ending = session(), replace(session(), expires=time.time() + 10)

    same = await provider(idp).renew(lasting)
    renewed = await provider(idp).renew(ending)

    assert same is lasting
    assert renewed is not None
    assert renewed.refresh_token == "next"
    assert renewed.expires > time.time() + 200
    assert idp.forms[0]["refresh_token"] == ["r"]


async def test_a_token_for_somebody_else_ends_the_session() -> None:
    idp = FakeIdp()
    other = replace(session(), subject="another", expires=0.0)

    assert await provider(idp).renew(other) is None


@pytest.mark.parametrize(
    ("who", "gets"),
    [
        (("o.primerova", "kz.sapar-demo"), True),
        (("d.namunaeva", "kz.sapar-demo"), False),
        (("o.primerova", "kz.kamqor-demo"), False),
    ],
)
async def test_a_form_that_waits_is_given_to_who_opened_it_and_waits_on_past_others(
    tmp_path: Path, services: FakeServices, sessions: MemorySessions, who: tuple[str, str], gets: bool
) -> None:
    app = portal(tmp_path, services, sessions)
    app.state.site = replace(app.state.site, provider=Letting(replace(PRINCIPAL, subject=who[0], agency=who[1])))
    held = hold([], "/cases/new/x", {"full_name": ["Имя Вымышленное"]}, ("o.primerova", "kz.sapar-demo"))
    waiting = SignIn("state", "nonce", "verifier", held)
    cookie = await sessions.begin_sign_in(waiting)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as browser:
        browser.cookies.set("__Host-safar-kz-signin", cookie)
        answer = await browser.get("/session/callback?code=x&state=state")

    (found,) = sessions.sessions.values()
    assert answer.headers["location"] == ("/session/held" if gets else "/work")
    assert found.session.held == (held if gets else [])
    assert owner_of(SEAL, found.session.csrf) == who
    assert [one.held for one in sessions.sign_ins.values()] == ([] if gets else [held])
    assert set(sessions.sign_ins) == (set() if gets else {answer.cookies["__Host-safar-kz-signin"]})


async def test_a_sign_in_that_this_browser_did_not_begin_is_refused(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/session/callback", params={"code": "c", "state": "s"})

    assert answer.headers["location"] == "/?notice=refused"
    assert "set-cookie" not in answer.headers
