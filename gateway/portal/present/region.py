"""Counts as figures, a Sankey, and tables: never a person, and nothing that the disclosure function held back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from contracts.terms import Service
from gateway.charts.bars import bar
from gateway.charts.cells import Cell, Total, total
from gateway.charts.sankey import BROAD, NARROW, Flows, Node, sankey
from gateway.portal.labels import label
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import NBSP, _, country, duration, ngettext, number

OUTCOMES = ("served", "open", "declined", "silent")
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
        _("withheld"),
        threshold,
    )
    narrow = replace(drawn, heads=(_("From"), _("To"), _("Became")), withheld="…")
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


def figures(pairs: Mapping[Pair, Cell], outcomes: Mapping[Pair, Cell], median: int | None) -> list[dict[str, str]]:
    """Headline numbers, each of how many; only what is shown is added."""
    sent = total(pairs.values())
    across = total(cell for (origin, destination), cell in pairs.items() if origin != destination)
    crossed = _("%(n)s across a border", n=str(across)) if across.count else ""
    found = [_figure(_("Sent"), _value(sent), "", crossed)]
    words = outcome_words()
    for code in ("served", "open", "silent"):
        part = total(cell for (_destination, outcome), cell in outcomes.items() if outcome == code)
        share = _("about %(share)s %%", share=round(100 * part.count / sent.count)) if sent.count else ""
        of = _("of %(total)s", total=str(sent)) if sent.count and (part.count or not part.more) else ""
        found.append(_figure(words[code], _value(part), of, share if of else ""))
    hours = _in_hours(median)
    found.append(_figure(_("Median to confirm receipt"), hours, "", ""))
    return found


def _value(found: Total) -> str:
    return str(found) if found.count or not found.more else _("withheld")


def _figure(title: str, value: str, of: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "of": of, "note": note}


def waits(medians: Mapping[tuple[str, tuple[str, ...]], int | None]) -> list[dict[str, str]]:
    """Median hours by receiving country; what was counted too rarely is not shown."""
    rows = []
    for code in COUNTRIES:
        if not any(key == (code,) for _measure, key in medians):
            continue
        hours = [medians.get((measure, (code,))) for measure in ("acknowledge", "decide")]
        said = [_in_hours(h) for h in hours]
        rows.append({"code": code, "name": country(code), "acknowledge": said[0], "decide": said[1]})
    return rows


def finding(outcomes: Mapping[Pair, Cell]) -> str:
    """The heading states what the counts show."""
    served = total(cell for (_destination, outcome), cell in outcomes.items() if outcome == "served")
    silent = total(cell for (_destination, outcome), cell in outcomes.items() if outcome == "silent")
    if not served.count and not silent.count:
        return _("Referrals and what became of them")
    first = ngettext("%(n)s referral ended in a service", "%(n)s referrals ended in a service", served.count)
    return first + (_("; at least %(n)s in silence", n=silent.count) if silent.count else "")


def taking_part(linked: Iterable[str], *tables: Iterable[tuple[Pair, Cell]]) -> list[str]:
    """Countries with a link, or that stand in a count; the others are not here at all, which is not 0."""
    counted = {code for table in tables for pair, cell in table if not cell.is_zero for code in pair}
    return [code for code in COUNTRIES if code in counted or code in set(linked)]


def needs(cells: Mapping[Pair, Cell], threshold: int, countries: Sequence[str]) -> dict[str, Any]:
    """Services by receiving country, with bars."""
    largest = max((cell.count or 0 for cell in cells.values()), default=0)
    counted = {service for (service, _country), cell in cells.items() if not cell.is_zero}
    asked = [service for service in Service if service.value in counted] if largest else []
    rows = []
    for service in asked:
        line = []
        for code in countries:
            cell = cells.get((service.value, code), Cell(0))
            view = shown(cell, threshold)
            line.append(view if view.held else Shown(view.words, bar=bar(cell.count or 0, largest)))
        rows.append({"name": label(Service, service), "cells": line})
    return {"countries": [{"code": code, "name": country(code)} for code in countries], "rows": rows}


def _in_hours(median: float | None) -> str:
    """A median wait; what was counted too rarely is not shown, and whole hours are as fine as it is known."""
    if median is None:
        return _("not shown")
    return duration(timedelta(hours=median), in_hours=True) if median >= 1 else _("under 1 h").replace(" ", NBSP)
