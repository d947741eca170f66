"""Pages from templates: words, icons and the sprite of the icons that a page used."""

from calendar import Calendar
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contracts.terms import Role
from gateway.portal import words
from gateway.portal.assets import Assets
from gateway.portal.icons import ICONS, symbol
from gateway.portal.sessions import IDLE, Session
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import _

TEMPLATES = Path(__file__).parent.parent / "templates"
FORGOTTEN = "forgotten"
"""The notice, in an address, that a form is not kept any more; every page shows it."""
_WARN_BEFORE = 120
_used: ContextVar[dict[str, None]] = ContextVar("used")


@dataclass(frozen=True)
class Item:
    """One place of the navigation."""

    href: str
    words: str
    short: str
    icon: str


class Pages:
    """Renders the portal's pages for one node."""

    def __init__(self, node: str, assets: Assets, *, training: bool, partners: tuple[str, ...]) -> None:
        self.node = node
        self.partners = partners
        self.training = training
        self.assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            _=words._,
            ngettext=words.ngettext,
            country=words.country,
            icon=icon,
            sprite=sprite,
            asset=assets.address,
            tongues=words.TONGUES,
            complete=words.COMPLETE,
            countries=COUNTRIES,
        )

    def show(
        self, request: Request, template: str, *, section: str = "", status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page. `section` is the navigation's place that it belongs to."""
        _used.set({})
        session: Session | None = getattr(request.state, "session", None)
        context = self._common(request, session) | {"section": section} | context
        macros = self._environment.get_template("macros.html")
        context["m"] = macros.make_module(context)
        body = self._environment.get_template(template).render(context)
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})

    def _common(self, request: Request, session: Session | None) -> dict[str, Any]:
        here = request.url.path if request.method == "GET" else "/"
        return {
            "language": words.speech().language,
            "theme": theme_of(request),
            "node": self.node,
            "training": self.training,
            "me": Me(session) if session else None,
            "csrf": session.csrf if session else getattr(request.state, "secret", ""),
            "menu": menu(session) if session else [],
            "here": quote(here),
            "unsent_forms": len(session.held) if session and request.url.path != "/session/held" else 0,
            "forgotten": session is not None and request.query_params.get("notice") == FORGOTTEN,
            "keeper": keeper(self.node),
            "keeper_line": _keeper_line(self.node),
            "ending_after": int(IDLE.total_seconds()) - _WARN_BEFORE,
            "ended_after": int(IDLE.total_seconds()),
        }


class Me:
    """The signed-in person as pages show them."""

    def __init__(self, session: Session) -> None:
        self.name = session.name
        self.agency = session.agency
        self.agency_name = session.agency_names.get(words.speech().language) or session.agency
        self.is_caseworker = session.has(Role.CASEWORKER, Role.SUPERVISOR)


def menu(session: Session) -> list[Item]:
    """The four places of a caseworker, or the one of a coordinator."""
    places = []
    if session.has(Role.CASEWORKER, Role.SUPERVISOR):
        places += [
            Item("/work", _("My work"), _("Work"), "sheet"),
            Item("/inbox", _("Incoming"), _("Incoming"), "tray"),
            Item("/find", _("Find a service"), _("Search"), "search"),
            Item("/cases", _("Cases"), _("Cases"), "folder"),
        ]
    if session.has(Role.NATIONAL_COORDINATOR, Role.REGIONAL_COORDINATOR):
        places.append(Item("/corridors", _("Corridors"), _("Corridors"), "chart"))
    return places


def home_of(session: Session) -> str:
    """Where a person lands after signing in."""
    places = menu(session)
    return places[0].href if places else "/help"


def keeper(node: str) -> str:
    return _("Regional coordination, five countries") if node == "region" else _("Ministry-Demo")


def _keeper_line(node: str) -> str:
    if node == "region":
        return _("Kept by the five countries together")
    return _("%(country)s: this portal is kept by %(ministry)s", country=words.country(node), ministry=keeper(node))


def icon(name: str, size: str = "") -> Markup:
    """An icon; words always stand beside it, so it is hidden from readers of the page's text."""
    if name not in ICONS:
        raise KeyError(name)
    _used.get()[name] = None
    style = f"i {size}".rstrip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(style, name)


def sprite() -> Markup:
    """The symbols of the icons used on this page."""
    symbols = Markup().join(symbol(name) for name in _used.get())
    return Markup('<svg width="0" height="0" aria-hidden="true" class="sr">{}</svg>').format(symbols)


def theme_of(request: Request) -> str:
    chosen = request.cookies.get("safar-theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def month_page() -> dict[str, Any]:
    """An ordinary calendar of this month: where quick exit leads."""
    today = words.speech().now.date()
    locale = words.locale()
    names = locale.days["stand-alone"]["abbreviated"]
    return {
        "language": words.speech().language,
        "month_name": words.month(today.strftime("%Y-%m")),
        "weekdays": [names[n] for n in range(7)],
        "weeks": Calendar().monthdayscalendar(today.year, today.month),
        "today_number": today.day,
    }
