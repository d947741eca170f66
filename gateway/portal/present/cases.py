"""Cases and consents as pages show them: codes, never names."""

import re

from contracts.terms import AgeBand, ExploitationForm, IdentityField, Language, Risk, Service, Sex, Urgency
from gateway.portal.clients.referrals import Case, CaseItem, Grant, Item
from gateway.portal.labels import label, small
from gateway.portal.present.places import agency_name, named
from gateway.portal.present.rows import tag_of
from gateway.portal.signs import CAME_BACK, WITHDRAWN
from gateway.portal.words import _, day, listing

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CHILDREN = {True: "yes", False: "no", None: ""}


def line(case: CaseItem) -> dict[str, str]:
    needs = listing([small(label(Service, code)) for code in case.needs])
    whom = [label(Sex, case.sex), label(AgeBand, case.age_band)]
    return {
        "href": f"/cases/{case.case_id}",
        "code": case.code,
        "words": needs[:1].upper() + needs[1:],
        "note": " · ".join([word for word in whom if word] + [_("opened on %(day)s", day=day(case.created_at))]),
    }


def summary(case: Case, district: str) -> dict[str, object]:
    """The case in short, and the search that fits it."""
    yes_no = {True: _("yes"), False: _("no"), None: _("not known")}
    needs = listing(
        [label(Service, code) if not n else small(label(Service, code)) for n, code in enumerate(case.needs)]
    )
    recorded = listing([small(label(IdentityField, code)) for code in case.identity_fields])
    pairs = [
        (_("Sex"), label(Sex, case.sex)),
        (_("Age"), label(AgeBand, case.age_band)),
        (_("Region or city"), district or _("not known")),
        (_("Languages"), listing([label(Language, code) for code in case.languages]) or _("not known")),
        (_("With children"), yes_no[case.with_children]),
        (_("How soon"), label(Urgency, case.urgency)),
        (_("Risk"), label(Risk, case.risk)),
        (_("Form of exploitation"), label(ExploitationForm, case.exploitation)),
        (_("Written down and encrypted"), recorded or _("nothing")),
    ]
    return {
        "id": case.case_id,
        "code": case.code,
        "needs": needs,
        "erased": case.erased,
        "pairs": [(name, value) for name, value in pairs if value],
        "search": search_of(case),
        "searched": small(label(Service, next_need(case))) if len(case.needs) > 1 and _open_needs(case) else "",
        "all_referred": bool(case.needs) and not _open_needs(case),
        "others": other_needs(case, next_need(case), search_of(case)) if _open_needs(case) else [],
    }


def _open_needs(case: Case) -> list[str]:
    """What the case asks for and no referral is for: none was made, or it came back without help."""
    met = {one.service for one in case.referrals if one.status not in CAME_BACK | WITHDRAWN}
    return [code for code in case.needs if code not in met]


def next_need(case: Case) -> str:
    """What to look for next."""
    return next(iter([*_open_needs(case), *case.needs]), "")


def other_needs(case: Case, need: str, search: list[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What else a case asks for than this need, by name, each with the same search for it."""
    rest = [(name, value) for name, value in search if name != "need"]
    return [(label(Service, code), [*rest, ("need", code)]) for code in case.needs if code != need]


def search_of(case: Case) -> list[tuple[str, str]]:
    """The search that a case asks for, as hidden fields; a sex or age that is not known says so."""
    pairs = [("case_id", case.case_id), ("need", next_need(case)), ("sex", case.sex)]
    pairs += [("age_band", case.age_band or "unknown"), ("with_children", _CHILDREN[case.with_children])]
    pairs += [("languages", code) for code in case.languages]
    return [(name, value) for name, value in pairs if value]


def referral(item: Item) -> dict[str, object]:
    """A referral of this case; a draft leads to where it is sent."""
    return {
        "href": f"/referrals/{item.referral_id}" + ("/send" if item.status == "draft" else ""),
        "words": label(Service, item.service),
        "country": item.partner_country,
        "partner": named(item.partner_names, item.partner_agency),
        "tag": tag_of(item),
    }


def consent(grant: Grant, names: dict[str, str]) -> dict[str, str]:
    """A consent with what it lets through and until when."""
    states = {
        "valid": _("valid until %(day)s", day=day(grant.valid_until)),
        "withdrawn": _("withdrawn"),
        "expired": _("ended on %(day)s", day=day(grant.valid_until)),
    }
    fields = listing([small(label(IdentityField, code)) for code in grant.fields])
    agency_id = grant.receiving_agency or ""
    agency = names.get(agency_id) or agency_name(agency_id, [])
    return {
        "words": f"{agency}: {small(label(Service, grant.purpose))}",
        "fields": _("Opens after acceptance: %(fields)s", fields=fields or _("nothing")),
        "note": " · ".join([states.get(grant.status, grant.status), *_recorded(grant)]),
        "href": f"/consents/{grant.consent_grant_id}/withdraw" if grant.status == "valid" else "",
    }


def _recorded(grant: Grant) -> list[str]:
    return [_("recorded on %(day)s", day=day(grant.recorded_at))] if grant.recorded_at else []


def person(identity: dict[str, str]) -> list[tuple[str, str]]:
    """What names the person, in one fixed order."""
    shown = dict(identity)
    if found := _ISO.fullmatch(identity.get(IdentityField.BIRTH_DATE, "")):
        shown[IdentityField.BIRTH_DATE] = ".".join(reversed(found.groups()))
    return [(label(IdentityField, code.value), shown[code]) for code in IdentityField if shown.get(code)]
