"""The code flow with PKCE as a browser would do it, without one: follow redirects, fill in the forms that come."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx


@dataclass
class _Form(HTMLParser):
    """The first form of a page: its action and its fields."""

    action: str | None = None
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = said.get("action") or ""
        name = said.get("name")
        if tag == "input" and self.action is not None and name and name not in self.fields:
            self.fields[name] = said.get("value") or ""


@dataclass(frozen=True)
class Portal:
    """The portal's registration at a provider, from `access.json`."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    @classmethod
    def of(cls, access: dict[str, Any], portal_origin: str) -> "Portal":
        with open(access["portal"]["client_secret_file"], encoding="utf-8") as file:  # noqa: PTH123  (a path from JSON)
            secret = file.read()
        portal = access["portal"]["client_id"]
        return cls(access["issuer"]["issuer"], portal, secret, f"{portal_origin}/session/callback")


async def sign_in(portal: Portal, username: str, password: str, *, pkce: bool = True) -> dict[str, Any]:
    """The tokens of that person, with the nonce that was sent under `nonce`.

    Raises:
        PermissionError: the provider refused; the message is its error code.
    """
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    state = secrets.token_urlsafe(16)
    request = {
        "response_type": "code", "client_id": portal.client_id, "redirect_uri": portal.redirect_uri,
        "scope": "openid profile", "state": state, "nonce": nonce,
    }  # fmt: skip
    if pkce:
        request |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    async with httpx.AsyncClient(timeout=20, trust_env=False) as browser:
        about = (await browser.get(f"{portal.issuer}/.well-known/openid-configuration")).raise_for_status().json()
        page = await browser.get(about["authorization_endpoint"], params=request)
        answer = await _until_callback(browser, page, portal.redirect_uri, username, password)
        if "error" in answer or answer.get("state") != state:
            raise PermissionError(answer.get("error", "state_changed"))
        exchange = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": portal.redirect_uri}
        if pkce:
            exchange["code_verifier"] = verifier
        login = (portal.client_id, portal.client_secret)
        tokens = await browser.post(about["token_endpoint"], data=exchange, auth=login)
        return {**tokens.raise_for_status().json(), "nonce": nonce}


async def _until_callback(
    browser: httpx.AsyncClient, page: httpx.Response, redirect_uri: str, username: str, password: str
) -> dict[str, str]:
    for _ in range(10):
        for cookie in browser.cookies.jar:
            cookie.secure = False  # a browser counts localhost as secure, Python's cookie jar does not
        if page.is_redirect:
            target = urljoin(str(page.url), page.headers["location"])
            if target.startswith(redirect_uri):
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            page = await browser.get(target)
            continue
        form = _Form()
        form.feed(page.text)
        if form.action is None:
            raise PermissionError(f"no_form_{page.status_code}")
        known = {"username": username, "password": password}
        filled = {name: known.get(name, value) for name, value in form.fields.items()}
        page = await browser.post(urljoin(str(page.url), form.action), data=filled)
    raise PermissionError("login_refused")


async def client_token(access: dict[str, Any], agency: str) -> str:
    """An access token of that agency's API client (client_credentials)."""
    client = access["clients"][agency]
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        answer = await http.post(
            access["token_endpoint"],
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
        )
    token: str = answer.raise_for_status().json()["access_token"]
    return token


async def refresh(portal: Portal, refresh_token: str) -> httpx.Response:
    """The provider's answer to a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        about = (await http.get(f"{portal.issuer}/.well-known/openid-configuration")).raise_for_status().json()
        return await http.post(about["token_endpoint"], data=form, auth=(portal.client_id, portal.client_secret))
