"""Counts as figures, a Sankey, and tables: never a person, and nothing that the disclosure function held back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from contracts.terms import ReferralStatus, Service
from gateway.charts.bars import bar
from gateway.charts.cells import Cell, total
from gateway.charts.sankey import BROAD, NARROW, Flows, Node, sankey
from gateway.portal.labels import label
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import _, country, ngettext, number

OUTCOMES = ("served", "open", "declined", "silent")
_OUTCOME_OF = {
    "service_delivered": "served",
    "closed": "served",
    "declined": "declined",
    "redirected": "declined",
    "not_delivered": "declined",
    "withdrawn": "declined",
    "consent_withdrawn": "declined",
    "expired": "silent",
}
Pair = tuple[str, str]


@dataclass(frozen=True)
class Shown:
    """A cell of a table on the page."""

    words: str
    held: bool = False
    lock: bool = False
    bar: Markup | str = ""


def shown(cell: Cell, threshold: int) -> Shown:
    """Hatched `<11`, hatched lock, or the number; zero is 0."""
    if cell.held == "below":
        return Shown(f"<{threshold}", held=True)
    if cell.held:
        return Shown(_("withheld"), held=True, lock=True)
    return Shown(number(cell.count or 0))


def by_outcome(cells: Mapping[tuple[str, ...], Cell]) -> dict[tuple[str, ...], Cell]:
    """Statuses gathered into outcomes; one withheld status withholds its outcome unless others are shown."""
    gathered: dict[tuple[str, ...], list[Cell]] = {}
    for (*place, status), cell in cells.items():
        if status != ReferralStatus.DRAFT:
            gathered.setdefault((*place, _OUTCOME_OF.get(status, "open")), []).append(cell)
    return {key: _together(found) for key, found in gathered.items()}


def _together(cells: Sequence[Cell]) -> Cell:
    sum_ = total(cells)
    if sum_.count or not sum_.more:
        return Cell(sum_.count)
    return next(cell for cell in cells if cell.held)


def outcome_words() -> dict[str, str]:
    return {
        "served": _("Served"),
        "open": _("Still open"),
        "declined": _("Declined or redirected"),
        "silent": _("No answer"),
    }


def flows(pairs: Mapping[Pair, Cell], outcomes: Mapping[Pair, Cell], threshold: int) -> dict[str, Any]:
    """The Sankey in two drawings, and its table."""
    words = outcome_words()
    short = {"served": _("Served (short)"), "open": _("Open"), "declined": _("Declined (short)"), "silent": _("Silent")}
    places = [Node(code, country(code), code.upper()) for code in COUNTRIES]
    drawn = Flows(
        (places, places, [Node(code, words[code], short[code]) for code in OUTCOMES]),
        pairs,
        outcomes,
        (_("Sent from"), _("Received in"), _("What became of it")),
        _("Referrals by sending country, receiving country and outcome"),
    )
    narrow = Flows(drawn.columns, pairs, outcomes, (_("From"), _("To"), _("Became")), drawn.title)
    rows = [
        {"origin": country(origin), "destination": country(destination), "cells": [shown(cell, threshold)]}
        for (origin, destination), cell in sorted(pairs.items(), key=_in_order)
        if not cell.is_zero
    ]
    return {"broad": sankey(drawn, BROAD), "narrow": sankey(narrow, NARROW), "rows": rows, "heads": [_("Referrals")]}


def _in_order(pair: tuple[Pair, Cell]) -> tuple[int, int]:
    (origin, destination), _cell = pair
    return (_place(origin), _place(destination))


def _place(code: str) -> int:
    return COUNTRIES.index(code) if code in COUNTRIES else len(COUNTRIES)


def figures(pairs: Mapping[Pair, Cell], outcomes: Mapping[Pair, Cell], cross_border: bool) -> list[dict[str, str]]:
    """Headline numbers, each of how many; only what is shown is added."""
    sent = total(pairs.values())
    found = [{"title": _("Sent across a border") if cross_border else _("Sent"), "value": str(sent), "of": "", "note": ""}]
    words = outcome_words()
    for code in OUTCOMES:
        part = total(cell for (_place_, outcome), cell in outcomes.items() if outcome == code)
        share = round(100 * part.count / sent.count) if sent.count else 0
        found.append(
            {
                "title": words[code],
                "value": str(part),
                "of": _("of %(total)s", total=str(sent)),
                "note": _("about %(share)s %%", share=share) if sent.count else "",
            }
        )
    return found


def finding(outcomes: Mapping[Pair, Cell]) -> str:
    """The heading states what the counts show."""
    served = total(cell for (_p, outcome), cell in outcomes.items() if outcome == "served")
    silent = total(cell for (_p, outcome), cell in outcomes.items() if outcome == "silent")
    if not served.count and not silent.count:
        return _("Referrals and what became of them")
    first = ngettext("%(n)s referral ended in a service", "%(n)s referrals ended in a service", served.count)
    return first + (_("; at least %(n)s in silence", n=silent.count) if silent.count else "")


def needs(cells: Mapping[Pair, Cell], threshold: int) -> dict[str, Any]:
    """Services by receiving country, with bars."""
    largest = max((cell.count or 0 for cell in cells.values()), default=0)
    asked = [service for service in Service if any(key[0] == service for key in cells)]
    rows = []
    for service in asked:
        line = []
        for code in COUNTRIES:
            cell = cells.get((service.value, code), Cell(0))
            view = shown(cell, threshold)
            line.append(view if view.held else Shown(view.words, bar=bar(cell.count or 0, largest)))
        rows.append({"name": label(Service, service), "cells": line})
    return {"countries": [{"code": code, "name": country(code)} for code in COUNTRIES], "rows": rows}
