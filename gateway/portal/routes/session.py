"""Landing, signing in and out, quick exit, language and theme."""

import hmac
import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from contracts.terms import Role
from gateway.portal.clients import identity as identity_api
from gateway.portal.clients.api import ApiError, ServiceAwayError
from gateway.portal.clients.notifications import Link
from gateway.portal.forms import Form
from gateway.portal.oidc import ProviderAwayError, RefusedError, kept_tokens
from gateway.portal.owners import form_secret
from gateway.portal.present.places import partners
from gateway.portal.present.referral import verb_words
from gateway.portal.render import home_of, month_page
from gateway.portal.sessions import Held, Session, SignIn
from gateway.portal.visit import HELD, OurSite, Site, Visit, require_own_origin, visit
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import COMPLETE, _, country, speech
from services.chassis.auth import Principal
from services.chassis.logs import Log

router = APIRouter()
log = Log("portal")

_YEAR = 31_536_000
_OURS = re.compile(r"(/[A-Za-z0-9_-]+)+")
_NOTICES = {
    "ended": lambda: _("You were signed out. Sign in again."),
    "held": lambda: _("You were signed out. Sign in again within 10 minutes: what you typed is kept."),
    "refused": lambda: _("This sign-in did not work. Try once more."),
    "away": lambda: _("Signing in is not possible at the moment. Try again in a minute."),
    "out": lambda: _("You are signed out."),
}


@router.get("/")
async def show_landing(request: Request, site: OurSite, notice: str = "") -> Response:
    """The landing; who is signed in goes to their work."""
    identifier = request.cookies.get(site.cookie)
    found = await site.sessions.find(identifier) if identifier else None
    if found and found.alive and not notice:
        return see(home_of(found.session))
    words = _NOTICES[notice]() if notice in _NOTICES else ""
    links = await site.known.links(site.api(None))
    lands = [_land(site, node, links) for node in COUNTRIES]
    return site.pages.show(request, "landing.html", lands=lands, help_line=site.help_line, notice=words)


def _land(site: Site, node: str, links: list[Link]) -> dict[str, object]:
    known = {one.country: one for one in partners(links, site.pages.partners)}
    partner = known.get(node)
    words = _("Not linked with this portal") if node not in site.pages.partners else _("Link not checked yet")
    if partner and partner.linked is False:
        words = _("Link: %(state)s. What is sent goes by itself", state=partner.words)
    return {
        "country": node,
        "name": country(node),
        "href": site.portals.get(node, "") if node != site.node else "",
        "here": node == site.node,
        "linked": partner.linked if partner else None,
        "words": words,
    }


@router.get("/session/start")
async def start_session(request: Request, site: OurSite) -> Response:
    """To the identity provider. A form held from an ended session travels along, on the server."""
    waiting = request.cookies.get(site.sign_in_cookie, "")
    before = await site.sessions.take_sign_in(waiting) if waiting else None
    try:
        sign_in, address = await site.provider.begin(speech().language, before)
    except (ProviderAwayError, RefusedError):
        return await _not_in(site, "away", before)
    identifier = await site.sessions.begin_sign_in(sign_in)
    response = see(address)
    set_cookie(response, site.sign_in_cookie, identifier)
    return response


@router.get("/session/callback")
async def finish_sign_in(request: Request, site: OurSite, code: str = "", state: str = "") -> Response:
    """Back from the provider: the session begins, under a fresh id."""
    sign_in = await site.sessions.take_sign_in(request.cookies.get(site.sign_in_cookie, ""))
    if sign_in is None or not sign_in.state or not hmac.compare_digest(state.encode(), sign_in.state.encode()):
        return await _not_in(site, "refused", sign_in)
    if not code:
        return await _not_in(site, "refused", sign_in)
    try:
        tokens, principal = await site.provider.finish(code, sign_in)
    except RefusedError:
        return await _not_in(site, "refused", sign_in)
    except ProviderAwayError:
        return await _not_in(site, "away", sign_in)
    theirs = [one for one in sign_in.held if one["owner"] == [principal.subject, principal.agency]]
    others = [one for one in sign_in.held if one not in theirs]
    session = await _session(site, tokens, principal, theirs)
    if old := request.cookies.get(site.cookie):
        await site.sessions.end(old)
    identifier = await site.sessions.start(session)
    log.info("signed_in", agency=session.agency)
    response = see("/session/held" if session.held else sign_in.onward or home_of(session))
    set_cookie(response, site.cookie, identifier)
    if others:
        await _wait_on(site, response, replace(sign_in, held=others, onward=""))
    else:
        drop_cookie(response, site.sign_in_cookie)
    return response


async def _not_in(site: Site, notice: str, sign_in: SignIn | None) -> Response:
    """Back to the landing. What was held, or asked for, waits for the next sign-in, whoever made this one fail."""
    response = see(f"/?notice={notice}")
    if sign_in is not None and (sign_in.held or sign_in.onward):
        await _wait_on(site, response, sign_in)
    return response


async def _wait_on(site: Site, response: Response, sign_in: SignIn) -> None:
    """What waits for a sign-in goes on waiting for the next."""
    waiting = await site.sessions.begin_sign_in(replace(sign_in, state="", nonce="", verifier=""))
    set_cookie(response, site.sign_in_cookie, waiting)


async def _session(site: Site, tokens: dict[str, object], principal: Principal, held: list[Held]) -> Session:
    names: dict[str, str] = {}
    try:
        agency = await identity_api.own_agency(site.api(str(tokens["access_token"])))
        names = agency.names if agency else {}
    except (ApiError, ServiceAwayError):
        names = {}  # the id stands in until the next sign-in
    if principal.agency.startswith("region."):
        names = names or {"en": "Regional secretariat", "ru": "Региональный секретариат"}
    return Session(
        subject=principal.subject,
        name=principal.name or principal.subject,
        agency=principal.agency,
        agency_names=names,
        roles=tuple(sorted(role.value for role in principal.roles if isinstance(role, Role))),
        csrf=form_secret(site.seal, (principal.subject, principal.agency)),
        held=held,
        **kept_tokens(tokens),
    )


Signed = Annotated[Visit, Depends(visit)]


@router.get("/session/held")
async def show_held_form(found: Signed) -> Response:
    """What was typed before the session ended, to be sent now; it stays until it is sent or given up."""
    if not found.session.held:
        return see(home_of(found.session))
    held = found.session.held[0]
    error = {
        "title": _("Your answers are kept"),
        "words": f"{_what(held['path'])}. " + _("You were signed out before it was sent. Nothing has been sent yet."),
        "code": "",
        "button": _("Continue") if "go" in held["given"] else _("Send now"),
    }
    form = Form({name: list(values) for name, values in held["given"].items()})
    kept = [*form.pairs(), (HELD, held["name"])]
    return found.page(  # type: ignore[no-any-return]
        "error.html", e=error, again=held["path"], kept=kept, typed=form.typed(), given_up=(HELD, held["name"])
    )


def _what(path: str) -> str:
    """What a form that waits is for."""
    if path.startswith("/cases/new"):
        return _("A new case")
    if path.startswith("/cases/"):
        return _("Consent")
    if path.startswith("/referrals/"):
        return _("A referral: %(act)s", act=verb_words(path.split("/")[3]))
    return _("A form")


@router.post("/session/held")
async def give_up_held_form(_: Signed) -> Response:
    """Forget it, as every form does that names what waited, and show the next."""
    return see("/session/held")


@router.post("/session/end")
async def end_session(found: Signed) -> Response:
    """Sign out here and at the provider."""
    await found.site.sessions.end(found.identifier)
    response = see(await found.site.provider.end_address(found.session) or "/?notice=out")
    drop_cookie(response, found.site.cookie)
    if found.session.held:
        await _wait_on(found.site, response, SignIn("", "", "", found.session.held))
    return response


@router.post("/leave")
async def leave_quickly(request: Request, site: OurSite) -> Response:
    """End the session and show something ordinary."""
    require_own_origin(request, site.origin)
    if identifier := request.cookies.get(site.cookie):
        await site.sessions.end(identifier)
    response = see("/calendar")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    drop_cookie(response, site.cookie)
    return response


@router.get("/calendar")
async def show_calendar(request: Request, site: OurSite) -> Response:
    return site.pages.show(request, "calendar.html", **month_page())


@router.get("/language/{code}")
async def choose_language(code: str, back: str = "/") -> Response:
    response = see(local_path(back))
    if code in COMPLETE:
        response.set_cookie("safar-language", code, max_age=_YEAR, httponly=True, samesite="lax", path="/")
    return response


@router.get("/theme/{code}")
async def choose_theme(code: str, back: str = "/") -> Response:
    response = see(local_path(back))
    if code in {"light", "dark"}:
        response.set_cookie("safar-theme", code, max_age=_YEAR, httponly=True, samesite="lax", path="/")
    else:
        response.delete_cookie("safar-theme", path="/")
    return response


def kept_and_gone(go: str, here: str) -> str | None:
    """Where a form leads that is only to be kept: `stay`, or `language/ru` for the same page in Russian."""
    if go == "stay":
        return here
    kind, _slash, code = go.partition("/")
    return f"/language/{code}?back={here}" if kind == "language" and code in COMPLETE else None


def see(address: str) -> RedirectResponse:
    """Look there next, by GET."""
    return RedirectResponse(address, 303)


def local_path(address: str) -> str:
    """A path of ours, or the start: a link must not lead elsewhere, whatever a browser makes of odd characters."""
    path = address.partition("?")[0]
    return path if _OURS.fullmatch(path) else "/"


def set_cookie(response: Response, name: str, value: str) -> None:
    """`__Host-`: Secure, this host only, the whole site; gone when the browser closes."""
    response.set_cookie(name, value, secure=True, httponly=True, samesite="lax", path="/")


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=True, httponly=True, samesite="lax", path="/")
