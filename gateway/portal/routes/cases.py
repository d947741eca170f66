"""Cases: the list, a new one in two steps, one case and the person behind it."""

import re
from asyncio import gather
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from contracts import terms
from gateway.portal.clients import referrals
from gateway.portal.clients.api import ApiError, segment
from gateway.portal.clients.referrals import Item
from gateway.portal.forms import Form
from gateway.portal.labels import choices, label
from gateway.portal.present import cases as show
from gateway.portal.present.places import district_choices, district_name, named
from gateway.portal.render import FORGOTTEN
from gateway.portal.routes.session import kept_and_gone, see
from gateway.portal.routes.work import Caseworker
from gateway.portal.visit import Visit, form_of
from gateway.portal.words import _

router = APIRouter()

_IDENTITY_FIRST = ("full_name", "birth_date", "citizenship", "identity_document", "phone", "address", "family")
_IDENTITY_SECOND = ("health", "circumstances")
_PERSON = (
    "full_name", "sex", "age_band", "birth_date", "citizenship", "languages", "district", "with_children", "phone",
    "identity_document", "family", "address",
)  # fmt: skip
_NEEDS = ("needs", "urgency", "risk", "exploitation", *_IDENTITY_SECOND)


def yes_no() -> list[tuple[str, str]]:
    return [("yes", _("Yes")), ("no", _("No")), ("", _("Not known"))]


@router.get("/cases")
async def list_cases(found: Caseworker, cursor: str | None = None) -> Response:
    items, following = await referrals.cases(found.api, cursor)
    more = f"/cases?cursor={following}" if following else ""
    return found.page("cases.html", section="/cases", cases=[show.line(one) for one in items], more=more)  # type: ignore[no-any-return]


@router.get("/cases/new")
async def start_case(found: Caseworker, notice: str = "") -> Response:
    """A form of its own for each, so that going back, or a second tab, loses nothing."""
    not_known = dict.fromkeys(("sex", "age_band", "exploitation"), "unknown")
    name = await found.keep(Form.filled(not_known | {"once": str(uuid4())}))
    return see(f"/cases/new/{name}{f'?notice={FORGOTTEN}' if notice == FORGOTTEN else ''}")


@router.get("/cases/new/{name}")
async def ask_for_the_person(found: Caseworker, name: str, checked: bool = False) -> Response:
    form = found.kept(name, "/cases/new")
    if checked:
        check_person(form)
    districts = await found.site.known.districts(found.api)
    return found.page(  # type: ignore[no-any-return]
        "person.html",
        section="/cases",
        name=name,
        form=form.keep_all_but(*_PERSON),
        sexes=choices(terms.Sex),
        ages=choices(terms.AgeBand),
        languages=choices(terms.Language),
        districts=district_choices(districts, found.site.node),
        yes_no=yes_no(),
    )


@router.post("/cases/new/{name}")
async def note_the_person(found: Caseworker, name: str) -> Response:
    form = form_of(found.request)
    go = form.take("go")
    name = await found.keep(form, name)
    if elsewhere := kept_and_gone(go, f"/cases/new/{name}"):
        return see(elsewhere)
    check_person(form)
    return see(f"/cases/new/{name}{'?checked=1' if form.problems else '/needs'}")


@router.get("/cases/new/{name}/needs")
async def ask_for_needs(found: Caseworker, name: str, checked: bool = False) -> Response:
    form = found.kept(name, "/cases/new")
    if checked:
        check_needs(form)
    return _needs(found, name, form)


@router.post("/cases/new/{name}/needs")
async def create_case(found: Caseworker, name: str) -> Response:
    form = form_of(found.request)
    go = form.take("go")
    name = await found.keep(form, name)
    if elsewhere := kept_and_gone(go, f"/cases/new/{name}/needs"):
        return see(elsewhere)
    check_person(form)
    if go or form.problems:
        return see(f"/cases/new/{name}{'?checked=1' if form.problems else ''}")
    check_needs(form)
    if form.problems:
        return see(f"/cases/new/{name}/needs?checked=1")
    try:
        case_id = await referrals.create_case(found.api, case_body(form), form.value("once") or str(uuid4()))
    except ApiError as error:
        if error.status != 422:  # noqa: PLR2004  (HTTP)
            raise
        explain(form, error)
        return _needs(found, name, form, 422)
    await found.finish(name, f"/cases/{case_id}")
    return see(f"/cases/{case_id}")


@router.get("/cases/{case_id}")
async def show_case(found: Caseworker, case_id: str, notice: str = "") -> Response:
    return await _case(found, case_id, None, notice)


@router.get("/cases/{case_id}/person")
async def lead_to_the_case(_: Caseworker, case_id: str) -> Response:
    return see(f"/cases/{segment(case_id)}")


@router.post("/cases/{case_id}/person")
async def show_person(found: Caseworker, case_id: str) -> Response:
    """The person's data, asked for on purpose; the service writes the reading into its audit log."""
    return await _case(found, case_id, await referrals.beneficiary(found.api, case_id))


@router.get("/consents/{consent_grant_id}/withdraw")
async def ask_before_withdrawal(found: Caseworker, consent_grant_id: str) -> Response:
    grant = await referrals.consent(found.api, consent_grant_id)
    if grant.status != "valid":
        return see(f"/cases/{grant.case_id}")
    names, _items = await _partners(found, grant.case_id or "")
    return found.page("withdraw.html", section="/cases", case_id=grant.case_id, g=show.consent(grant, names))  # type: ignore[no-any-return]


@router.post("/consents/{consent_grant_id}/withdraw")
async def withdraw_consent(found: Caseworker, consent_grant_id: str) -> Response:
    grant = await referrals.consent(found.api, consent_grant_id)
    await referrals.withdraw_consent(found.api, consent_grant_id)
    return see(f"/cases/{grant.case_id}" if grant.case_id else "/cases")


async def _case(found: Visit, case_id: str, identity: dict[str, str] | None, notice: str = "") -> Response:
    case, districts, (names, items) = await gather(
        referrals.case(found.api, case_id), found.site.known.districts(found.api), _partners(found, case_id)
    )
    return found.page(  # type: ignore[no-any-return]
        "case.html",
        section="/cases",
        here=f"/cases/{case.case_id}",
        c=show.summary(case, district_name(case.district, districts)),
        person=show.person(identity) if identity is not None else None,
        referrals=[show.referral(item) for item in items],
        consents=[show.consent(one, names) for one in case.consent_grants],
        refused=notice == "refused",
    )


async def _partners(found: Visit, case_id: str) -> tuple[dict[str, str], list[Item]]:
    """What the agencies of this country and the partners of a case are called, and the case's referrals."""
    agencies, items = await gather(
        found.site.known.agencies(found.api), referrals.referrals(found.api, role="referring", case_id=case_id)
    )
    names = {one.agency_id: named(one.names, one.agency_id) for one in agencies}
    return names | {item.partner_agency: named(item.partner_names, item.partner_agency) for item in items}, items


def _needs(found: Visit, name: str, form: Form, status: int = 200) -> Response:
    return found.page(  # type: ignore[no-any-return]
        "needs.html",
        section="/cases",
        status=status,
        name=name,
        form=form.keep_all_but(*_NEEDS),
        services=choices(terms.Service),
        urgencies=choices(terms.Urgency),
        risks=choices(terms.Risk),
        exploitations=choices(terms.ExploitationForm),
    )


def check_person(form: Form) -> None:
    """Coded answers within their codes; a date that is one."""
    form.one_of("sex", list(terms.Sex), _("Choose one of the answers"))
    form.one_of("age_band", list(terms.AgeBand), _("Choose one of the answers"))
    form.one_of("languages", list(terms.Language), _("Choose one of the answers"))
    problem = _wrong_birth_date(form.value("birth_date"))
    if problem:
        form.problems["birth_date"] = problem
    _check_length(form, _IDENTITY_FIRST)


def check_needs(form: Form) -> None:
    form.require("needs", _("Choose what help is needed"))
    form.one_of("needs", list(terms.Service), _("Choose what help is needed"))
    form.require("urgency", _("Choose how soon help is needed"))
    form.one_of("urgency", list(terms.Urgency), _("Choose how soon help is needed"))
    form.require("risk", _("Choose the risk for the person"))
    form.one_of("risk", list(terms.Risk), _("Choose the risk for the person"))
    form.one_of("exploitation", list(terms.ExploitationForm), _("Choose one of the answers"))
    _check_length(form, _IDENTITY_SECOND)


def _check_length(form: Form, names: Iterable[str]) -> None:
    """The service's limit, in the order of the page: the summary at its top lists them so."""
    for name in names:
        if len(form.value(name)) > 2000:  # noqa: PLR2004  (the service's limit)
            form.problems[name] = _("%(field)s: write at most 2000 characters", field=label(terms.IdentityField, name))
    order = (*_PERSON, *_NEEDS)
    form.problems = dict(sorted(form.problems.items(), key=lambda one: order.index(one[0])))


_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def birth_date(said: str) -> date | None:
    """The day, written as people here write it or as the API does; None for another form.

    Raises:
        ValueError: it is written as a day, but there is none like it.
    """
    if found := _DAY_FIRST.fullmatch(said):
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    if found := _YEAR_FIRST.fullmatch(said):
        return date(*map(int, found.groups()))
    return None


def _wrong_birth_date(said: str) -> str:
    if not said:
        return ""
    try:
        day = birth_date(said)
    except ValueError:
        return _("Date of birth: there is no such day")
    if day is None:
        return _("Date of birth: write day, month and year, as in 02.04.1998")
    if not date(1900, 1, 1) <= day <= date.today():  # noqa: DTZ011  (a birthday has no zone)
        return _("Date of birth: the day lies in the future or before 1900")
    return ""


def case_body(form: Form) -> dict[str, Any]:
    """The case as the referrals service takes it; what was left empty is left out."""
    identity = {name: form.value(name) for name in (*_IDENTITY_FIRST, *_IDENTITY_SECOND) if form.value(name)}
    if day := birth_date(identity.get("birth_date", "")):
        identity["birth_date"] = day.isoformat()
    beneficiary: dict[str, Any] = {
        "identity": identity,
        "sex": form.value("sex") or "unknown",
        "languages": form.values("languages"),
        "with_children": {"yes": True, "no": False}.get(form.value("with_children")),
        "age_band": "unknown" if identity.get("birth_date") else form.value("age_band") or "unknown",
    }
    if form.value("district"):
        beneficiary["district"] = form.value("district")
    return {
        "beneficiary": beneficiary,
        "needs": form.values("needs"),
        "risk": form.value("risk"),
        "urgency": form.value("urgency"),
        "exploitation": form.value("exploitation") or "unknown",
    }


def explain(form: Form, error: ApiError) -> None:
    """The service's refusal, at the fields it named."""
    for name in error.fields or ["needs"]:
        form.problems[name.rsplit(".", 1)[-1]] = _("This answer was not accepted. Correct it and send again.")
