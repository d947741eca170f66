"""Consent: prepare it, read it with the person, take the answer, draft the referral."""

from asyncio import gather
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from contracts import terms
from gateway.portal.clients import directory, referrals
from gateway.portal.clients.api import ApiError, segment
from gateway.portal.clients.directory import Offering
from gateway.portal.clients.referrals import Case
from gateway.portal.forms import Form
from gateway.portal.labels import choices, given_away, label, small
from gateway.portal.present.places import Party, agency_name, district_name, named
from gateway.portal.routes.cases import yes_no
from gateway.portal.routes.session import kept_and_gone, see
from gateway.portal.routes.work import Caseworker
from gateway.portal.visit import Visit, form_of
from gateway.portal.words import NBSP, _, country, day, ngettext, speech

router = APIRouter()

_DAYS = (30, 90, 180, 365)
_ASKED = (
    "fields", "why", "urgency", "days", "given_by", "explanation_language", "interpreter", "recorded_how",
    "note",
)  # fmt: skip


@router.get("/cases/{case_id}/consent")
async def start_consent(found: Caseworker, case_id: str, offering: str) -> Response:
    case, chosen = await gather(referrals.case(found.api, case_id), directory.offering(found.api, offering))
    form = Form.filled(
        {
            "offering": offering,
            "to": chosen.agency.agency_id,
            "once": str(uuid4()),
            "urgency": case.urgency,
            "days": "90",
        }
    )
    return see(f"{_at(case_id)}/{await found.keep(form)}")


@router.get("/cases/{case_id}/consent/{name}")
async def prepare_consent(found: Caseworker, case_id: str, name: str, checked: bool = False) -> Response:
    form, case, chosen = await _under_way(found, case_id, name)
    if checked:
        _check(form, case)
        await _check_note(found, case_id, form)
    return _prepare(found, name, case, chosen, form)


@router.post("/cases/{case_id}/consent/{name}")
async def note_consent(found: Caseworker, case_id: str, name: str) -> Response:
    form = form_of(found.request)
    go = form.take("go")
    name = await found.keep(form, name)
    if elsewhere := kept_and_gone(go, f"{_at(case_id)}/{name}"):
        return see(elsewhere)
    _check(form, await referrals.case(found.api, case_id))
    await _check_note(found, case_id, form)
    return see(f"{_at(case_id)}/{name}{'?checked=1' if form.problems else '/read'}")


@router.get("/cases/{case_id}/consent/{name}/read")
async def read_consent(found: Caseworker, case_id: str, name: str, checked: bool = False) -> Response:
    """The page that is read aloud. The answer is never preselected."""
    form, case, chosen = await _under_way(found, case_id, name)
    _check(form, case)
    if form.problems:
        return see(f"{_at(case_id)}/{name}?checked=1")
    if checked:
        form.problems["answer"] = _("Choose what the person answered")
    return await _read(found, name, case, chosen, form)


@router.post("/cases/{case_id}/consent/{name}/read")
async def answer_consent(found: Caseworker, case_id: str, name: str) -> Response:
    form = form_of(found.request)
    answer = form.take("answer")
    name = await found.keep(form, name)
    here = f"{_at(case_id)}/{name}"
    case, chosen = await _about(found, case_id, form)
    _check(form, case)
    await _check_note(found, case_id, form)
    if form.problems:
        return see(f"{here}?checked=1")
    if answer == "change":
        return see(here)
    if answer == "no":
        await found.finish(name, f"/cases/{case.case_id}?notice=refused")
        return see(f"/cases/{case.case_id}?notice=refused")
    if answer != "yes":
        return see(f"{here}/read?checked=1")
    try:
        referral_id = await _record(found, case, chosen, form)
    except ApiError as error:
        if error.status != 422:  # noqa: PLR2004  (HTTP)
            raise
        form.given["once"] = [str(uuid4())]
        await found.keep(form, name)
        form.problems["fields"] = _("This answer was not accepted. Correct it and send again.")
        return _prepare(found, name, case, chosen, form, 422)
    await found.finish(name, f"/cases/{case.case_id}")
    return see(f"/referrals/{referral_id}/send")


def _at(case_id: str) -> str:
    return f"/cases/{segment(case_id)}/consent"


async def _under_way(found: Visit, case_id: str, name: str) -> tuple[Form, Case, Offering]:
    form = found.kept(name, f"/cases/{segment(case_id)}")
    return form, *await _about(found, case_id, form)


async def _about(found: Visit, case_id: str, form: Form) -> tuple[Case, Offering]:
    """The case and the offering; raises ApiError where the offering is not any more whose it was when this began."""
    case, chosen = await gather(
        referrals.case(found.api, case_id), directory.offering(found.api, form.value("offering"))
    )
    if form.value("to") != chosen.agency.agency_id:
        raise ApiError("portal", 404, {"code": "not_found"})
    return case, chosen


async def _record(found: Visit, case: Case, chosen: Offering, form: Form) -> str:
    """The consent, then a draft under it; a repeated press finds what the first one made."""
    once = form.value("once") or str(uuid4())
    consent_grant_id = await referrals.record_consent(found.api, consent_body(case, chosen, form), f"{once}-c")
    body = {
        "case_id": case.case_id,
        "receiving_agency": chosen.agency.agency_id,
        "service": chosen.service,
        "urgency": form.value("urgency"),
        "service_offering_id": chosen.service_offering_id,
        "consent_grant_id": consent_grant_id,
        "interpreter_needed": _flag(form.value("interpreter")),
        "note": form.value("note") or None,
        "redirected_from": _redirected(case, chosen.service),
    }
    try:
        return await referrals.create_referral(found.api, body, f"{once}-r")
    except ApiError as error:
        if error.status == 422:  # noqa: PLR2004  (HTTP)
            await referrals.withdraw_consent(found.api, consent_grant_id)  # nobody goes by it, and another is taken
        raise


async def _check_note(found: Visit, case_id: str, form: Form) -> None:
    """A note that names the person is mended before it is read to them."""
    if not form.value("note") or "note" in form.problems:
        return
    try:
        await referrals.check_note(found.api, case_id, form.value("note"))
    except ApiError as error:
        if error.code != "names_the_person":
            raise
        form.problems["note"] = given_away(error.recorded)


def _redirected(case: Case, service: str) -> str | None:
    """The referral that this one follows: the last that went out for the same need, if it came back redirected."""
    sent = [one for one in case.referrals if one.service == service and one.status != "draft"]
    last = max(sent, key=lambda one: one.created_at, default=None)
    return last.referral_id if last and last.status == "redirected" else None


def consent_body(case: Case, chosen: Offering, form: Form) -> dict[str, Any]:
    """What is recorded; every recorded field that is not let through is withheld, with its reason."""
    fields = [code for code in case.identity_fields if code in form.values("fields")]
    held = [code for code in case.identity_fields if code not in fields]
    until = speech().now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=int(form.value("days")))
    return {
        "case_id": case.case_id,
        "receiving_agency": chosen.agency.agency_id,
        "purpose": chosen.service,
        "fields": fields,
        "withheld": [{"field": code, "why": form.value("why") or "other"} for code in held],
        "valid_until": until.isoformat(),
        "given_by": form.value("given_by"),
        "explanation_language": form.value("explanation_language"),
        "interpreter": bool(_flag(form.value("interpreter"))),
        "recorded_how": form.value("recorded_how"),
    }


def _flag(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


def _whys() -> list[tuple[str, str]]:
    return [
        ("not_needed", _("They do not need it to help")),
        ("will_tell_themselves", _("The person wants to tell it themselves")),
        ("fear", _("The person is afraid that it becomes known")),
        ("other", _("Another reason")),
    ]


def _hows() -> list[tuple[str, str]]:
    return [("spoken", _("Spoken")), ("written", _("Written")), ("by_phone", _("By phone"))]


def _periods() -> list[tuple[str, str]]:
    return [(str(n), ngettext("%(n)s day", "%(n)s days", n).replace(" ", NBSP)) for n in _DAYS]


def _check(form: Form, case: Case) -> None:
    form.one_of("fields", case.identity_fields, _("Choose only what is written down in the case"))
    chosen: dict[str, Sequence[str]] = {
        "given_by": list(terms.ConsentGivenBy),
        "urgency": list(terms.Urgency),
        "explanation_language": list(terms.Language),
        "days": [str(n) for n in _DAYS],
        "why": [code for code, _words in _whys()],
        "recorded_how": [code for code, _words in _hows()],
    }
    if set(form.values("fields")) >= set(case.identity_fields):
        del chosen["why"]  # nothing is withheld
    problems = {
        "given_by": _("Choose who gives consent"),
        "explanation_language": _("Choose in which language you explain"),
        "why": _("Choose why the rest stays with us"),
        "recorded_how": _("Choose how the answer is given"),
    }
    for name, codes in chosen.items():
        problem = problems.get(name, _("Choose one of the answers"))
        form.require(name, problem)
        form.one_of(name, codes, problem)
    if len(form.value("note")) > 2000:  # noqa: PLR2004  (the service's limit)
        form.problems["note"] = _("Write at most 2000 characters")


def _to(chosen: Offering) -> Party:
    agency = named(chosen.agency.names, agency_name(chosen.agency.agency_id, []))
    return Party(chosen.country, agency, f"{country(chosen.country)}, {named(chosen.district_names, chosen.district)}")


def _prepare(found: Visit, name: str, case: Case, chosen: Offering, form: Form, status: int = 200) -> Response:
    return found.page(  # type: ignore[no-any-return]
        "agree.html",
        section="/cases",
        status=status,
        name=name,
        form=form.keep_all_but(*_ASKED),
        case_id=case.case_id,
        code=case.code,
        to=_to(chosen),
        recorded=[(code, label(terms.IdentityField, code)) for code in case.identity_fields],
        whys=_whys(),
        purpose=label(terms.Service, chosen.service),
        urgencies=choices(terms.Urgency),
        periods=_periods(),
        givers=choices(terms.ConsentGivenBy),
        languages=choices(terms.Language),
        yes_no=yes_no(),
        hows=_hows(),
    )


async def _read(found: Visit, name: str, case: Case, chosen: Offering, form: Form) -> Response:
    districts = await found.site.known.districts(found.api)
    fields = [code for code in case.identity_fields if code in form.values("fields")]
    days = int(form.value("days"))
    return found.page(  # type: ignore[no-any-return]
        "consent.html",
        section="/cases",
        name=name,
        form=form.keep_all_but("answer"),
        case_id=case.case_id,
        code=case.code,
        to=_to(chosen),
        purpose=label(terms.Service, chosen.service),
        span=dict(_periods())[form.value("days")],
        until=_("until %(when)s", when=day((speech().now + timedelta(days=days)).date())),
        at_once=_at_once(case, chosen.service, form, district_name(case.district, districts)),
        later=[label(terms.IdentityField, code) for code in fields],
        stays=_stays(case, fields, form),
        how=_how(found, form),
    )


def _at_once(case: Case, service: str, form: Form, district: str) -> list[dict[str, object]]:
    """Everything that the preview will say: a person agrees to what they heard.

    What tells a finder of the person's printed sheet where the person goes, or why, is not printed.
    """
    yes_no_ = {True: _("yes"), False: _("no"), None: _("not known")}
    unprinted = [_("What help is needed: %(need)s", need=small(label(terms.Service, service)))]
    if case.exploitation not in {None, "", "unknown"}:
        form_ = small(label(terms.ExploitationForm, case.exploitation))
        unprinted.append(_("Form of exploitation: %(form)s", form=form_))
    if form.value("note"):
        unprinted.append(_("The note: %(text)s", text=form.value("note")))
    printed = [
        label(terms.Urgency, form.value("urgency")),
        _("Region: %(name)s", name=district or _("not known")),
        label(terms.AgeBand, case.age_band or "unknown"),
        _("Sex: %(sex)s", sex=small(label(terms.Sex, case.sex))),
        _("Language: %(name)s", name=label(terms.Language, next(iter(case.languages), None)) or _("not known")),
        _("Interpreter needed: %(answer)s", answer=yes_no_[_flag(form.value("interpreter"))]),
        _("With children: %(answer)s", answer=yes_no_[case.with_children]),
    ]
    return [{"words": one, "printed": False} for one in unprinted] + [
        {"words": one, "printed": True} for one in printed
    ]


def _stays(case: Case, fields: list[str], form: Form) -> list[dict[str, str]]:
    why = dict(_whys()).get(form.value("why"), "")
    held = [
        {"words": label(terms.IdentityField, code), "why": small(why)}
        for code in case.identity_fields
        if code not in fields
    ]
    return [*held, {"words": _("Our own notes and documents"), "why": ""}]


def _how(found: Visit, form: Form) -> list[tuple[str, str]]:
    language = label(terms.Language, form.value("explanation_language"))
    interpreter = {"yes": _("with an interpreter"), "no": _("without an interpreter")}.get(form.value("interpreter"))
    return [
        (_("Who"), found.session.name),
        (_("In which language"), ", ".join(filter(None, (language, interpreter)))),
        (_("Who gives consent"), label(terms.ConsentGivenBy, form.value("given_by"))),
        (_("How"), dict(_hows()).get(form.value("recorded_how"), "")),
    ]
