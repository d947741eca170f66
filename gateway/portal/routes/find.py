"""Find a service: the search travels in a form and is kept in the session; its words stand in no address."""

import re
from asyncio import gather
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from contracts import terms
from gateway.portal.clients import directory, referrals
from gateway.portal.clients.api import segment
from gateway.portal.clients.referrals import Case
from gateway.portal.forms import Form
from gateway.portal.labels import choices, label, small
from gateway.portal.present import offers
from gateway.portal.present.cases import other_needs, search_of
from gateway.portal.present.places import agency_name, district_choices, district_name, named
from gateway.portal.routes.cases import yes_no
from gateway.portal.routes.session import see
from gateway.portal.routes.work import Caseworker
from gateway.portal.visit import Visit, form_of
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import _, country, listing

router = APIRouter()
_AGENCY = re.compile(r"[a-z]{2}\.[a-z0-9][a-z0-9-]{0,62}")
_LONGEST = 200
"""Characters of a text that the directory takes."""


@router.get("/find")
async def ask_for_search(found: Caseworker, case: str = "") -> Response:
    """Nothing is asked yet, or what the case asks for."""
    nodes = [found.site.node, *found.site.pages.partners]
    form = Form.filled({"countries": nodes, "sex": "unknown", "age_band": "unknown"})
    if case:
        form.given |= Form.of(search_of(await referrals.case(found.api, case))).given
    return await _form(found, form)


@router.post("/find")
async def search_services(found: Caseworker) -> Response:
    form = form_of(found.request)
    _check(found, form)
    if form.problems:
        return await _form(found, form, 422)
    case_id = form.value("case_id")
    return see(f"/find/{await found.keep(form)}{f'?case={segment(case_id)}' if case_id else ''}")


@router.get("/find/{search}")
async def show_services_found(found: Caseworker, search: str, case: str = "") -> Response:
    """What a search of this session finds now; so the way back from a consent leads to it again."""
    form = found.kept(search, f"/find?case={segment(case)}" if case else "/find")
    case_id = form.value("case_id")
    case_, answer = await gather(_case(found, form), directory.search(found.api, search_body(form)))
    headline, subline = offers.headline(answer)
    choices_ = await _choices(found, answer.countries)
    others = other_needs(case_, form.value("need"), form.pairs("agency")) if case_ else []
    return found.page(  # type: ignore[no-any-return]
        "found.html",
        section="/find",
        form=form.keep("case_id"),
        case_code=case_.code if case_ else "",
        others=others,
        others_words=listing([small(words) for words, _pairs in others]),
        headline=headline,
        subline=subline,
        groups=offers.groups(answer, case_id, search, found.session.agency),
        wider=_wider(form, answer, choices_["names"]),
        chips=_chips(form, answer, choices_["names"]),
        **{name: value for name, value in choices_.items() if name != "names"},
    )


def _check(found: Visit, form: Form) -> None:
    form.given.setdefault("countries", [found.site.node, *found.site.pages.partners])
    for name, codes in (("sex", list(terms.Sex)), ("age_band", list(terms.AgeBand))):
        form.given[name] = [form.value(name) or "unknown"]
        form.one_of(name, codes, _("Choose one of the answers"))
    form.one_of("countries", COUNTRIES, _("Choose one of the answers"))
    form.one_of("need", list(terms.Service), _("Choose what help is needed"))
    if not _AGENCY.fullmatch(form.value("agency")):
        form.given.pop("agency", None)
    if text := form.value("text"):
        form.given["text"] = [text[:_LONGEST]]
    if text and not any(map(str.isalnum, text)):
        form.problems["text"] = _("Write at least one letter or number")


async def _case(found: Visit, form: Form) -> Case | None:
    case_id = form.value("case_id")
    return await referrals.case(found.api, case_id) if case_id else None


async def _form(found: Visit, form: Form, status: int = 200) -> Response:
    case = await _case(found, form)
    code = case.code if case else ""
    options = await _choices(found, {})
    options.pop("names")
    return found.page(  # type: ignore[no-any-return]
        "find.html", section="/find", status=status, form=form.keep("case_id"), case_code=code, **options
    )


async def _choices(found: Visit, counts: dict[str, int]) -> dict[str, Any]:
    nodes = [node for node in COUNTRIES if node == found.site.node or node in found.site.pages.partners]
    districts = await found.site.known.districts(found.api)
    return {
        "names": districts,
        "services": choices(terms.Service),
        "countries_here": [(node, f"{country(node)} {counts.get(node, '')}".strip()) for node in nodes],
        "districts": district_choices(districts, *nodes),
        "sexes": choices(terms.Sex),
        "ages": choices(terms.AgeBand),
        "languages": choices(terms.Language),
        "yes_no": yes_no(),
    }


def search_body(form: Form) -> dict[str, Any]:
    """The search as the directory takes it."""
    body: dict[str, Any] = {
        "text": form.value("text"),
        "service": form.value("need"),
        "countries": form.values("countries"),
        "districts": [form.value("district")] if form.value("district") else [],
        "districts_only": bool(form.value("district")),
        "sex": _asked(form, "sex"),
        "age_band": _asked(form, "age_band"),
        "languages": form.values("languages"),
        "agency_id": form.value("agency"),
    }
    kept = {name: value for name, value in body.items() if value}
    if form.value("with_children") == "yes":
        kept["with_children"] = True
    return kept


def _asked(form: Form, name: str) -> str:
    """What is not known of a case is to be asked of each service; without a case "not known" is no condition."""
    value = form.value(name)
    return value if value != "unknown" or form.value("case_id") else ""


def _wider(form: Form, answer: directory.Found, districts: list[directory.District]) -> dict[str, Any] | None:
    """The same search without the district, or the agency, where nothing in it may fit."""
    place, agency = district_name(form.value("district"), districts), form.value("agency")
    if not (place or agency) or any(result.group != "does_not_fit" for result in answer.results):
        return None
    if agency:
        title = _("Nothing of this agency fits: %(agency)s", agency=_agency(form, answer))
        return {"title": title, "button": _("Search at all agencies"), "pairs": form.pairs("agency")}
    title = _("Nothing fits in this region: %(place)s", place=place)
    return {"title": title, "button": _("Search in all regions"), "pairs": form.pairs("district")}


def _agency(form: Form, answer: directory.Found) -> str:
    named_ = [named(one.agency.names, "") for one in answer.results if one.agency.agency_id == form.value("agency")]
    return next(filter(None, named_), "") or agency_name(form.value("agency"), [])


def _chips(form: Form, answer: directory.Found, districts: list[directory.District]) -> list[str]:
    place = district_name(form.value("district"), districts)
    words = [
        label(terms.Service, form.value("need") or None),
        _("Words: %(text)s", text=form.value("text")) if form.value("text") else "",
        label(terms.Sex, _asked(form, "sex") or None),
        label(terms.AgeBand, _asked(form, "age_band") or None),
        _("With children") if form.value("with_children") == "yes" else "",
        *[_("Language: %(name)s", name=label(terms.Language, code)) for code in form.values("languages")],
        _("Only %(place)s", place=place) if place else "",
        _("Only %(place)s", place=_agency(form, answer)) if form.value("agency") else "",
    ]
    return [word for word in words if word]
