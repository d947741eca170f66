"""Short true texts, and the living page of parts."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.portal.present.samples import samples
from gateway.portal.render import menu
from gateway.portal.sessions import Session
from gateway.portal.visit import OurSite, Site
from gateway.portal.words import _

router = APIRouter()


async def known_visitor(request: Request, site: Site) -> None:
    """Show the header of the one who is signed in, if somebody is."""
    identifier = request.cookies.get(site.cookie)
    found = await site.sessions.find(identifier) if identifier else None
    if found and found.alive:
        request.state.session = found.session


@router.get("/help")
async def show_help(request: Request, site: OurSite) -> Response:
    await known_visitor(request, site)
    session: Session | None = getattr(request.state, "session", None)
    no_pages = (
        _("Your role has no pages here"),
        [
            _("This portal is for caseworkers, supervisors and coordinators."),
            _("What your role does goes through the programming interface; your agency's technicians know it."),
        ],
    )
    parts = [no_pages] if session and not menu(session) else []
    parts += [
        (
            _("You cannot sign in"),
            [_("Sign-in belongs to your agency's account. Ask your agency's administrator to check it.")],
        ),
        (
            _("Someone comes into the room"),
            [_("Press “Leave quickly”, or Escape three times. You are signed out and an ordinary calendar is shown.")],
        ),
        (
            _("The link with a country is cut"),
            [
                _("You can go on working. What you send waits and goes by itself as soon as the link is back."),
                _("If it is urgent, also call the receiving agency."),
            ],
        ),
        (
            _("What the tags mean"),
            [
                _("Filled: your move. Outlined: theirs. Tinted: finished."),
                _(
                    "A deadline turns yellow at half of its time and red when it has passed; then "
                    "your supervisor is told."
                ),
            ],
        ),
    ]
    return _text(request, site, "/help", _("Help"), parts)


@router.get("/accessibility")
async def show_accessibility(request: Request, site: OurSite) -> Response:
    await known_visitor(request, site)
    parts = [
        (
            _("What we promise"),
            [
                _(
                    "The pages are made to meet WCAG 2.2, level AA. They work with a keyboard, with "
                    "a screen reader, enlarged to 400 %, and without scripts."
                ),
                _("Every colour has a word and a shape beside it."),
            ],
        ),
        (
            _("Something does not work for you?"),
            [_("Tell your agency's administrator which page it was and what you use.")],
        ),
    ]
    themes = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
    return _text(request, site, "", _("Accessibility"), parts, themes)


@router.get("/data")
async def show_data(request: Request, site: OurSite) -> Response:
    await known_visitor(request, site)
    parts = [
        (
            _("Where"),
            [
                _(
                    "What names a person stays in the country that wrote it down, encrypted with a "
                    "key of that one person."
                ),
                _(
                    "Across a border goes only what the person agreed to, sealed for one agency. "
                    "The hub between the countries can read nothing and keeps nothing."
                ),
            ],
        ),
        (
            _("When"),
            [
                _("First goes a preview without a name. The name opens only after the other agency has accepted."),
                _("When consent is withdrawn, access closes at once."),
            ],
        ),
        (
            _("Who looked"),
            [_("Every look at a person's data is written into an audit log, with who, when and what for.")],
        ),
        (_("Numbers"), [_("Coordinators see counts, never people. Small numbers are withheld.")]),
        (
            _("In this browser"),
            [
                _(
                    "One cookie for your session, which ends after 15 minutes of rest or 10 hours "
                    "of work, and one each for language and colours. No other sites, no tracking."
                )
            ],
        ),
    ]
    return _text(request, site, "", _("How data are kept"), parts)


@router.get("/parts")
async def show_parts(request: Request, site: OurSite) -> Response:
    """Every component with invented content; on training sites only."""
    if not site.pages.training:
        from starlette.exceptions import HTTPException

        raise HTTPException(404)
    await known_visitor(request, site)
    return site.pages.show(request, "parts.html", **samples())


def _text(
    request: Request,
    site: Site,
    section: str,
    title: str,
    parts: list[tuple[str, list[str]]],
    themes: list[tuple[str, str]] | None = None,
) -> Response:
    return site.pages.show(request, "text.html", section=section, t={"title": title, "parts": parts, "themes": themes})
