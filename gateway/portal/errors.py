"""Error pages: what happened, what to do, and nothing typed is lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from gateway.portal.clients.api import ApiError, ServiceAwayError
from gateway.portal.forms import Form
from gateway.portal.owners import owner_of
from gateway.portal.routes.session import drop_cookie, local_path, see, set_cookie
from gateway.portal.sessions import Session, SignIn, hold
from gateway.portal.visit import (
    AnothersFormError,
    ElsewhereError,
    ForbiddenError,
    ForeignFormError,
    SignedOutError,
    StaleFormError,
    secret_of,
    site_of,
)
from gateway.portal.words import _
from services.chassis.database import AWAY
from services.chassis.logs import Log
from services.chassis.problems import NotFoundError
from services.chassis.responses import problem_response

log = Log("portal")


def install_errors(app: FastAPI) -> None:
    """Every way a request can fail, as a page."""
    app.add_exception_handler(ElsewhereError, _elsewhere)  # type: ignore[arg-type]
    app.add_exception_handler(SignedOutError, _signed_out)  # type: ignore[arg-type]
    app.add_exception_handler(ForbiddenError, _forbidden)
    app.add_exception_handler(ForeignFormError, _foreign)
    app.add_exception_handler(StaleFormError, _stale)
    app.add_exception_handler(AnothersFormError, _anothers)
    app.add_exception_handler(ApiError, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(ServiceAwayError, _away)  # type: ignore[arg-type]
    for away in AWAY:
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _absent)
    app.add_exception_handler(Exception, _defect)


def _page(
    request: Request, status: int, title: str, words: str, *, keep: bool = False, code: str = "", show: bool = False
) -> Response:
    """`keep` offers what was posted to be sent again; `show` tells its free texts first."""
    posted: Form | None = getattr(request.state, "posted", None)
    again = keep and request.method == "POST" and posted is not None
    error = {
        "title": title,
        "words": words,
        "code": code,
        "button": _("Send again"),
        "href": "/",
        "link": _("To the start"),
    }
    context: dict[str, Any] = {"e": error, "again": request.url.path if again else "", "kept": [], "typed": []}
    moved = re.match(r"/referrals/[0-9a-f-]{36}(?=/)", request.url.path) if code in _MOVED_ON else None
    if moved:
        error |= {"href": moved.group(), "link": _("Open the referral")}
        context |= {"again": "", "typed": posted.typed() if posted else []}
    elif again and posted is not None:
        context |= {"kept": posted.pairs(), "typed": posted.typed() if show else []}
    return site_of(request).pages.show(request, "error.html", status=status, **context)


async def _elsewhere(_: Request, error: ElsewhereError) -> Response:
    return see(error.address)


async def _signed_out(request: Request, error: SignedOutError) -> Response:
    """To the landing. A form that was sent meanwhile waits on the server for the person who opened it."""
    site = site_of(request)
    posted: Form | None = getattr(request.state, "posted", None)
    response = see("/?notice=ended" if request.method == "POST" or error.ended else "/")
    drop_cookie(response, site.cookie)
    owner = owner_of(site.seal, secret_of(request)) if posted is not None else None
    if request.url.path == "/session/end":
        response.headers["location"] = "/?notice=out"
    elif posted is not None and owner is not None:
        cookie = request.cookies.get(site.sign_in_cookie, "")
        before = (await site.sessions.take_sign_in(cookie) if cookie else None) or SignIn("", "", "")
        held = hold(before.held, request.url.path, posted.given, owner)
        waiting = await site.sessions.begin_sign_in(replace(before, held=held))
        response.headers["location"] = "/?notice=held"
        set_cookie(response, site.sign_in_cookie, waiting)
    elif request.method == "GET" and site.sign_in_cookie not in request.cookies:
        # Only then: a form that waits for a sign-in is worth more than the page that was asked for.
        waiting = await site.sessions.begin_sign_in(SignIn("", "", "", onward=local_path(request.url.path)))
        set_cookie(response, site.sign_in_cookie, waiting)
    return response


async def _forbidden(request: Request, _error: Exception) -> Response:
    return _page(
        request,
        403,
        _("This page is for another role"),
        _("Your account does not open it. Ask your agency's administrator."),
    )


async def _foreign(request: Request, _error: Exception) -> Response:
    return _page(
        request,
        403,
        _("This form did not come from Safar"),
        _("Nothing was changed. Open the page again and send the form from there."),
    )


async def _stale(request: Request, _error: Exception) -> Response:
    return _page(
        request,
        403,
        _("You signed in again meanwhile"),
        _("Check that you want to send this, then send it once more."),
        keep=True,
        show=True,
    )


async def _anothers(request: Request, _error: Exception) -> Response:
    """Nothing of the form is shown, kept or sent: it holds what another person typed, for another agency."""
    session: Session = request.state.session
    return _page(
        request,
        403,
        _("Another account is signed in here now: %(name)s", name=session.name),
        _(
            "Nothing was saved or sent. Sign in as before in another tab, then reload this page: "
            "what was typed can be sent only by the account that opened the form."
        ),
    )


async def _refused(request: Request, error: ApiError) -> Response:
    """A service's refusal in the reader's words, by its stable code."""
    found = _REFUSALS.get(error.code) or _BY_STATUS.get(error.status)
    if error.status == 401:  # noqa: PLR2004  (HTTP)
        return await _signed_out(request, SignedOutError(getattr(request.state, "session", None)))
    title, words = found() if found else (_("This was not accepted"), _("Correct the answers and send them again."))
    keep = error.status not in {403, 404}
    return _page(request, error.status, title, words, keep=keep, code="" if error.status == 404 else error.code)  # noqa: PLR2004


_MOVED_ON = frozenset({"wrong_state", "version_changed", "consent_over"})
_REFUSALS: dict[str, Callable[[], tuple[str, str]]] = {
    "wrong_state": lambda: (
        _("The referral has moved on"),
        _("Meanwhile somebody acted. Open it again to see what is possible now."),
    ),
    "version_changed": lambda: (
        _("The referral has moved on"),
        _("Meanwhile somebody acted. Open it again to see what is possible now."),
    ),
    "consent_missing": lambda: (_("There is no valid consent"), _("Take consent first. The draft is kept.")),
    "consent_over": lambda: (
        _("The consent has run out"),
        _("Nothing would open. Decline as incomplete: the other agency can take consent and refer anew."),
    ),
    "corridor_closed": lambda: (
        _("This corridor is closed"),
        _("Referrals to this country are closed at the moment. The draft is kept."),
    ),
    "identity_not_released": lambda: (_("The name is not open yet"), _("It opens by itself after you accept.")),
    "access_closed": lambda: (_("Access is closed"), _("Consent was withdrawn or has run out.")),
    "identity_erased": lambda: (_("The data are erased"), _("They cannot be shown any more.")),
}
_BY_STATUS: dict[int, Callable[[], tuple[str, str]]] = {
    403: lambda: (
        _("This page is for another role"),
        _("Your account does not open it. Ask your agency's administrator."),
    ),
    404: lambda: (
        _("There is nothing here for you"),
        _("The address is wrong, or what it names belongs to another agency."),
    ),
}


async def _away(request: Request, error: ServiceAwayError) -> Response:
    log.warning("service_away", service=error.service)
    words = _("Wait a minute and try again.")
    return _page(request, 503, _("A part of Safar does not answer"), words, keep=True, code=f"{error.service}_away")


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database_away", error=type(error).__name__)
    words = _("Wait a minute and try again.")
    return _page(request, 503, _("A part of Safar does not answer"), words, keep=True, code="portal_away")


async def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:  # noqa: PLR2004  (HTTP)
        return await _absent(request, error)
    if error.status_code == 413:  # noqa: PLR2004  (HTTP)
        return _page(request, 413, _("This form is too long"), _("Go back and shorten the longest text."))
    return _page(request, error.status_code, _("This request cannot be answered"), _("Go back and try another way."))


async def _absent(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith("/v1/"):  # of an API that this node does not have: the edge sends it here
        remedy = "See /v1/openapi.json for the addresses of this node."
        return problem_response(NotFoundError().problem() | {"detail": "There is no such address.", "remedy": remedy})
    title, words = _BY_STATUS[404]()
    return _page(request, 404, title, words)


async def _defect(request: Request, error: Exception) -> Response:
    log.error("page_failed", exception=True, error=type(error).__name__)
    return _page(
        request,
        500,
        _("Something broke here"),
        _("It is not your fault. Try again; what you typed is kept."),
        keep=True,
    )
