"""Services found: what is met, what is not, what nobody knows; places and how old the answer is."""

from dataclasses import dataclass

from contracts.terms import AgeBand, Language, Sex
from gateway.portal.clients.directory import Capacity, Found, Offering, Result
from gateway.portal.labels import label, small
from gateway.portal.present.places import agency_name, named
from gateway.portal.words import _, ago, listing, ngettext, number

_GLYPHS = 12
_STATES = {"met": "met", "not_met": "unmet", "unknown": "unknown"}
_GROUPS = {"fits": "met", "partly_known": "unknown", "does_not_fit": "unmet"}


@dataclass(frozen=True)
class Condition:
    known: str
    words: str


@dataclass(frozen=True)
class Places:
    """Capacity: words, bed glyphs, age."""

    words: str
    beds: list[str]
    colour: str
    icon: str
    age: str


@dataclass(frozen=True)
class Offer:
    name: str
    country: str
    place: str
    fit: str
    fit_words: str
    criteria: list[Condition]
    capacity: Places
    page: str
    href: str
    is_own: bool = False


@dataclass(frozen=True)
class Group:
    """`count` is of all pages, `offers` are those shown."""

    title: str
    count: int
    offers: list[Offer]


def groups(found: Found, case_id: str, search: str, own: str) -> list[Group]:
    """Fits, not all known, does not fit; without a condition nothing can be said to fit."""
    by_group: dict[str, list[Offer]] = {"fits": [], "partly_known": [], "does_not_fit": []}
    for result in found.results:
        by_group.setdefault(result.group, []).append(offer(result, case_id, search, own))
    titles = {
        "fits": _("Fits in everything") if _conditions(found) else _("Services"),
        "partly_known": _("Not everything is known"),
        "does_not_fit": _("Does not fit"),
    }
    return [
        Group(titles.get(name, name), found.groups.get(name, len(offers)), offers) for name, offers in by_group.items()
    ]


def headline(found: Found) -> tuple[str, str]:
    """What was found, in one sentence; the unknown and the unfit are told too."""
    counts = {name: found.groups.get(name, 0) for name in _GROUPS}
    if found.results and not _conditions(found):
        head = ngettext("%(n)s service was found", "%(n)s services were found", counts["fits"])
    else:
        head = ngettext("%(n)s service fits", "%(n)s services fit", counts["fits"])
    told = []
    if found.truncated or len(found.results) < sum(counts.values()):
        told.append(_("The first %(n)s are shown: add a condition.", n=number(len(found.results))))
    if counts["partly_known"]:
        told.append(
            ngettext(
                "%(n)s more may fit: not everything about it is known.",
                "%(n)s more may fit: not everything about them is known.",
                counts["partly_known"],
            )
        )
    if counts["does_not_fit"]:
        told.append(ngettext("%(n)s does not fit.", "%(n)s do not fit.", counts["does_not_fit"]))
    told.append(_("We also show what we do not know."))
    return head, " ".join(told)


def _conditions(found: Found) -> bool:
    return any(result.criteria for result in found.results)


def offer(result: Result, case_id: str, search: str, own: str) -> Offer:
    """One service of a search, with a page of its own and, for a case that it may fit, the way to consent.

    A service of the `own` agency needs no referral.
    """
    fit = _GROUPS.get(result.group, "unknown")
    met = sum(1 for one in result.criteria if one.state == "met")
    is_own = result.agency.agency_id == own
    return Offer(
        name=named(result.names, result.service),
        country=result.country,
        place=where(result),
        fit=fit,
        fit_words=_fit_words(fit, met, result),
        criteria=[
            Condition(_STATES.get(one.state, "unknown"), condition(one.name, one.value)) for one in result.criteria
        ],
        capacity=capacity(result.capacity),
        page=f"/offerings/{result.service_offering_id}?search={search}",
        href=f"/cases/{case_id}/consent?offering={result.service_offering_id}"
        if case_id and fit != "unmet" and not is_own
        else "",
        is_own=is_own,
    )


def where(offering: Offering) -> str:
    agency = named(offering.agency.names, agency_name(offering.agency.agency_id, []))
    return f"{agency}, {named(offering.district_names, offering.district)}"


def _fit_words(fit: str, met: int, result: Result) -> str:
    total = len(result.criteria)
    if not total:
        return _("No conditions were asked")
    if fit == "met":
        return ngettext("Fits %(n)s condition", "Fits all %(n)s conditions", total)
    missing = sum(1 for one in result.criteria if one.state == ("not_met" if fit == "unmet" else "unknown"))
    if fit == "unmet":
        return ngettext("Does not fit %(n)s condition", "Does not fit %(n)s conditions", missing)
    return _("Fits %(met)s of %(total)s, unknown %(missing)s", met=met, total=total, missing=missing)


def condition(name: str, value: object) -> str:
    """A condition with what the service said about it."""
    if name == "sex":
        said = [small(label(Sex, str(code))) for code in value] if isinstance(value, list) else []
        return listing(said) or _("whom it takes by sex")
    if name == "languages":
        said = [label(Language, str(code)) for code in value] if isinstance(value, list) else []
        return _("languages: %(names)s", names=listing(said)) if said else _("which languages are spoken")
    if name == "age":
        said_ages = value if isinstance(value, dict) else {}
        return age(said_ages.get("minimum"), said_ages.get("maximum"), said_ages.get("bands") or []) or _("age")
    words = {
        "with_children": _("takes people with children"),
        "around_the_clock": _("open day and night"),
        "any_nationality": _("any citizenship"),
        "without_victim_status": _("no status of a victim needed"),
    }
    return words.get(name, name)


def age(low: int | None, high: int | None, bands: list[str]) -> str:
    """The bounds, else the bands, that the service named; nothing where it named none."""
    if low is None and high is None:
        return listing([label(AgeBand, str(band)) for band in bands])
    if high is None:
        return _("from %(low)s years", low=low)
    return _("%(low)s–%(high)s years", low=low or 0, high=high)


def capacity(said: Capacity) -> Places:
    """Older than a day gets a clock; stale or never said is unknown, never zero."""
    if said.available is None:
        return _unknown(said)
    words, top, free = _amount(said.available, said.maximum), said.maximum, said.available
    beds = ["f"] * free + [""] * (top - free) if top and free <= top <= _GLYPHS else []
    when = _("updated %(when)s", when=ago(said.updated_at)) if said.updated_at else ""
    if top is not None and free > top:
        when += "; " + _("the agency counts %(all)s places in all", all=number(top))
    fresh = said.state == "fresh"
    return Places(words, beds, "pistachio" if fresh else "saffron", "met" if fresh else "clock", when)


def _amount(free: int, top: int | None) -> str:
    """3 of 12; more free than there are, which the standard's own example says, is not "12 of 10"."""
    return _("%(free)s of %(all)s", free=number(free), all=number(top)) if top and free <= top else number(free)


def _unknown(said: Capacity) -> Places:
    last = said.last_answer
    when = _("nobody said yet")
    beds: list[str] = []
    if last and said.updated_at:
        amount = _amount(last.available, last.maximum)
        when = _("last answer %(when)s: %(amount)s", when=ago(said.updated_at), amount=amount)
        beds = ["u"] * min(last.maximum or 0, _GLYPHS)
    return Places(_("Unknown"), beds, "saffron", "unknown", when)
