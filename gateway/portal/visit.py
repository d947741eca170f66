"""Who visits, and may this form be believed: the dependencies of the portal's routes."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from gateway.portal.clients.api import Api
from gateway.portal.forms import LIMIT, Form
from gateway.portal.memory import Known
from gateway.portal.oidc import Provider
from gateway.portal.owners import owner_of
from gateway.portal.render import FORGOTTEN, Pages
from gateway.portal.sealing import Seal, new_id
from gateway.portal.sessions import Session, Sessions

HELD = "waiting"
"""The field by which a form that waited for a sign-in says that it is sent, or given up, now."""

_FORM = "application/x-www-form-urlencoded"
SESSION_HOURS = timedelta(hours=10)
_FORMS = 12
"""How many forms under way a session keeps."""
_LARGEST = 60_000
"""Characters of one: each text at its longest. Read at every request, so all together are no more than four such."""
_DONE = ":done"


@dataclass(frozen=True)
class Site:
    """What every route may use: made once, by app."""

    node: str
    origin: str
    pages: Pages
    sessions: Sessions
    seal: Seal
    provider: Provider
    http: httpx.AsyncClient
    bases: dict[str, str]
    portals: dict[str, str]
    known: Known
    help_line: str

    @property
    def cookie(self) -> str:
        return f"__Host-safar-{self.node}"

    @property
    def sign_in_cookie(self) -> str:
        return f"__Host-safar-{self.node}-signin"

    def api(self, token: str | None) -> Api:
        return Api(self.http, self.bases, token)


@dataclass(frozen=True)
class Visit:
    """A signed-in person's request."""

    request: Request
    site: Site
    session: Session
    identifier: str

    @property
    def api(self) -> Api:
        return self.site.api(self.session.access_token)

    def page(self, template: str, *, section: str = "", status: int = 200, **context: Any) -> Any:
        return self.site.pages.show(self.request, template, section=section, status=status, **context)

    async def keep(self, form: Form, name: str = "") -> str:
        """Keep a form on the server, so that reloading and going back lose nothing; the name for its address.

        Raises ElsewhereError where it is done: what is sent once more from an old page does not begin anew.
        """
        if done := self.session.forms.get(name, {}).get(_DONE):
            raise ElsewhereError(done[0])
        if form.size > _LARGEST:
            raise HTTPException(413)
        name = name if name in self.session.forms else new_id()

        async def keeping(session: Session) -> Session:
            kept = [one for one in session.forms.items() if one[0] != name] + [(name, form.given)]
            kept = kept[-_FORMS:]
            while sum(Form(given).size for _name, given in kept) > 4 * _LARGEST:
                kept = kept[1:]
            return replace(session, forms=dict(kept))

        await self.site.sessions.renew(self.identifier, keeping)
        return name

    async def finish(self, name: str, address: str) -> None:
        """What the form was for is done; who goes back to it is led there, and what was typed is forgotten."""
        await self.keep(Form({_DONE: [address]}), name)

    def kept(self, name: str, start: str) -> Form:
        """The form under way; raises ElsewhereError where it is done, or to `start` where this session has none."""
        given = self.session.forms.get(name)
        if given is None:
            raise ElsewhereError(f"{start}{'&' if '?' in start else '?'}notice={FORGOTTEN}")
        if _DONE in given:
            raise ElsewhereError(given[_DONE][0])
        return Form(dict(given))


class ElsewhereError(Exception):
    """What was asked for is now at another address of ours."""

    def __init__(self, address: str) -> None:
        super().__init__("elsewhere")
        self.address = address


class SignedOutError(Exception):
    """Nobody is signed in, or the session has ended; `ended` is the one that was."""

    def __init__(self, ended: Session | None = None) -> None:
        super().__init__("signed out")
        self.ended = ended


class ForbiddenError(Exception):
    """Signed in, but this page is for another role."""


class ForeignFormError(Exception):
    """The form was not sent from one of our pages."""


class StaleFormError(Exception):
    """The form is ours, and this person's, but carries the secret of an earlier session."""


class AnothersFormError(Exception):
    """The form was opened by somebody else than who is signed in, or nothing tells by whom."""


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


async def _site(request: Request) -> Site:
    return site_of(request)


OurSite = Annotated[Site, Depends(_site)]


async def visit(request: Request, site: OurSite) -> Visit:
    """The signed-in person, with a token that lasts."""
    posted = await _posted(request, site) if request.method == "POST" else None
    request.state.posted = posted
    identifier = request.cookies.get(site.cookie, "")
    found = await site.sessions.find(identifier) if identifier else None
    if found is None or not found.alive:
        raise SignedOutError(found.session if found else None)
    session = await site.sessions.renew(identifier, site.provider.renew)
    if session is None:
        raise SignedOutError(found.session)
    request.state.session = session
    if posted is not None and not hmac.compare_digest(secret_of(request).encode(), session.csrf.encode()):
        is_theirs = owner_of(site.seal, secret_of(request)) == (session.subject, session.agency)
        raise StaleFormError if is_theirs else AnothersFormError
    if posted is not None and (name := posted.take(HELD)):
        session = replace(session, held=[one for one in session.held if one["name"] != name])
        await site.sessions.replace(identifier, session)
        request.state.session = session
    return Visit(request, site, session, identifier)


async def _posted(request: Request, site: Site) -> Form:
    require_own_origin(request, site.origin)
    if int(request.headers.get("content-length") or LIMIT + 1) > LIMIT:
        raise HTTPException(413)
    if not request.headers.get("content-type", "").startswith(_FORM):
        raise HTTPException(415)  # no page of ours sends another, and a multipart body names any codec it likes
    fields = await request.form()
    request.state.secret = str(fields.get("csrf", ""))
    return Form.of(fields.multi_items())


def secret_of(request: Request) -> str:
    """What the posted form carried as its secret."""
    secret: str = request.state.secret
    return secret


def require_own_origin(request: Request, origin: str) -> None:
    """Sent by a page of ours. `Origin` is "null" under our own referrer policy, so the browser's fetch metadata decide.

    Raises:
        ForeignFormError: neither header says that it was.
    """
    site, said = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site != "same-origin":
            raise ForeignFormError
    elif said != origin:
        raise ForeignFormError


def allowed(*roles: str) -> Callable[[Request, Site], Awaitable[Visit]]:
    """A dependency: the visit of a person who holds one of these roles."""

    async def holder(request: Request, site: OurSite) -> Visit:
        found = await visit(request, site)
        if not found.session.has(*roles):
            raise ForbiddenError
        return found

    return holder


def form_of(request: Request) -> Form:
    """The posted form, already believed."""
    form: Form = request.state.posted
    return form
