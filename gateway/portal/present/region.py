"""Counts as figures, a Sankey, and tables: never a person, and nothing that the disclosure function held back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from contracts.terms import AgeBand, Service, Sex
from gateway.charts.bars import bar
from gateway.charts.cells import Cell, Total, best, total
from gateway.charts.sankey import BROAD, NARROW, Flows, Node, sankey
from gateway.portal.labels import label
from gateway.portal.present.waits import Medians, in_hours
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import _, country, month, ngettext, number

OUTCOMES = ("served", "open", "declined", "silent")
Pair = tuple[str, str]
_RATIO_FROM = 10
_UNTOLD = Cell(None, "withheld")


@dataclass(frozen=True)
class Counts:
    """All that the page counts: by corridor, by outcome, by service, and median hours by measure and country.

    The sums are totals as they were told, with "" for what is added up: ("kz", "") is all that Kazakhstan sent.
    """

    flows: Mapping[Pair, Cell]
    ends: Mapping[Pair, Cell]
    asked: Mapping[Pair, Cell]
    waits: Medians
    threshold: int
    as_of: datetime | None
    rounded_to: int = 1
    countries: Sequence[str] = COUNTRIES
    sent_sums: Mapping[Pair, Cell] = field(default_factory=dict)
    end_sums: Mapping[Pair, Cell] = field(default_factory=dict)

    def among(self, linked: Iterable[str]) -> "Counts":
        """Of the countries with a link, or that stand in a count; the others are not here at all, which is not 0."""
        tables = (self.flows, self.ends, self.asked)
        counted = {
            code
            for table in tables
            for pair, cell in table.items()
            if cell.count or cell.held == "below"
            for code in pair
        }
        here = [code for code in COUNTRIES if code in counted or code in set(linked)]
        away = set(COUNTRIES).difference(here)
        flows, ends, asked, sent_sums, end_sums = (
            {pair: cell for pair, cell in one.items() if not away.intersection(pair)}
            for one in (*tables, self.sent_sums, self.end_sums)
        )
        waits = {at: hours for at, hours in self.waits.items() if not away.intersection(at[1])}
        return replace(
            self,
            flows=flows,
            ends=ends,
            asked=asked,
            waits=waits,
            sent_sums=sent_sums,
            end_sums=end_sums,
            countries=here,
        )

    @property
    def is_small(self) -> bool:
        """Fewer than the threshold in all: that much may be said."""
        told = self.sent_sums.get(("", ""))
        return told is not None and told.held == "below"

    @property
    def sent(self) -> Total:
        """All that was sent; where that is held back, as much as must have been: each has an outcome, and one only."""
        told = best(self.sent_sums.get(("", "")), self.flows.values())
        return Total(max(told.count, sum(self.became(one).count for one in OUTCOMES)), told.more) if told.more else told

    def became(self, outcome: str) -> Total:
        cells = (cell for (_destination, one), cell in self.ends.items() if one == outcome)
        return best(self.end_sums.get(("", outcome)), cells)


@dataclass(frozen=True)
class Parts:
    """What can be looked at alone: groups of a heading and its choices, each an `axis:code` and words."""

    groups: list[tuple[str, list[tuple[str, str]]]]

    def filters(self, part: str) -> dict[str, str]:
        """The filter that a choice stands for; none for one that is not offered."""
        offered = {code for _heading, choices in self.groups for code, _words in choices}
        axis, _colon, code = part.partition(":")
        return {axis: code} if part in offered else {}


def parts(months: Mapping[tuple[str, ...], Cell]) -> Parts:
    """One month, service, sex or age at a time: the disclosure function takes three axes, and two are drawn."""
    newest = sorted((key[0] for key, cell in months.items() if key and not cell.is_zero), reverse=True)
    coded: tuple[tuple[str, str, type[Service | Sex | AgeBand]], ...] = (
        ("service", _("Service"), Service),
        ("sex", _("Sex"), Sex),
        ("age_band", _("Age"), AgeBand),
    )
    groups = [(_("Month"), [(f"period:{code}", month(code)) for code in newest])]
    groups += [(words, [(f"{axis}:{one}", label(kind, one)) for one in kind]) for axis, words, kind in coded]
    return Parts(groups)


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
        "declined": _("Ended without help"),
        "silent": _("No answer"),
    }


def flows(counts: Counts) -> dict[str, Any]:
    """The Sankey in two drawings, and its table."""
    words = outcome_words()
    short = {
        "served": _("Served (short)"),
        "open": _("Open"),
        "declined": _("Without help (short)"),
        "silent": _("Silent"),
    }
    places = [Node(code, country(code), code.upper()) for code in COUNTRIES]
    drawn = Flows(
        (places, places, [Node(code, words[code], short[code]) for code in OUTCOMES]),
        counts.flows,
        counts.ends,
        (_("Sent from"), _("Received in"), _("What became of it")),
        _("Referrals by sending country, receiving country and outcome"),
        _("withheld"),
        counts.threshold,
        {(0, code): counts.sent_sums.get((code, ""), _UNTOLD) for code in COUNTRIES}
        | {(1, code): counts.sent_sums.get(("", code), _UNTOLD) for code in COUNTRIES}
        | {(2, code): counts.end_sums.get(("", code), _UNTOLD) for code in OUTCOMES},
    )
    narrow = replace(drawn, heads=(_("From"), _("To"), _("Became")), withheld="…")
    rows = [
        {"origin": country(origin), "destination": country(destination), "cells": [shown(cell, counts.threshold)]}
        for (origin, destination), cell in sorted(counts.flows.items(), key=_in_order)
        if not cell.is_zero
    ]
    return {"broad": sankey(drawn, BROAD), "narrow": sankey(narrow, NARROW), "rows": rows, "heads": [_("Referrals")]}


def _in_order(pair: tuple[Pair, Cell]) -> tuple[int, int]:
    (origin, destination), _cell = pair
    return (_place(origin), _place(destination))


def _place(code: str) -> int:
    return COUNTRIES.index(code) if code in COUNTRIES else len(COUNTRIES)


def figures(counts: Counts) -> list[dict[str, str]]:
    """Headline numbers, each of how many; only what is shown is added."""
    sent = counts.sent
    across = total(cell for (origin, destination), cell in counts.flows.items() if origin != destination)
    crossed = _("%(n)s across a border", n=str(across)) if across.count else ""
    found = [_figure(_("Sent"), f"<{counts.threshold}" if counts.is_small else _value(sent), "", crossed)]
    words = outcome_words()
    for code in ("served", "open", "silent"):
        part = counts.became(code)
        whole = sent.count if not sent.more and (part.count or not part.more) else 0
        whole = whole if whole >= _RATIO_FROM * counts.rounded_to else 0  # of fewer, rounding alone makes half of it
        share = _("about %(share)s %%", share=round(100 * part.count / whole)) if whole else ""
        of = _("of %(total)s", total=str(sent)) if whole else ""
        found.append(_figure(words[code], _value(part), of, share if of else ""))
    hours = in_hours(counts.waits.get(("acknowledge", ())))
    found.append(_figure(_("Median to confirm receipt"), hours, "", ""))
    return found


def _value(found: Total) -> str:
    return str(found) if found.count or not found.more else _("withheld")


def _figure(title: str, value: str, of: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "of": of, "note": note}


def finding(counts: Counts) -> str:
    """The heading states what the counts show."""
    served, silent = counts.became("served"), counts.became("silent")
    if not served.count and not silent.count:
        return _("Referrals and what became of them")
    first = ngettext(
        "About %(n)s referral ended in a service", "About %(n)s referrals ended in a service", served.count
    )
    return first + (_("; about %(n)s in silence", n=silent.count) if silent.count else "")


def rounded(counts: Counts) -> str:
    """What the least number that is shown stands for."""
    step = counts.rounded_to
    words = {"step": step, "least": 2 * step, "low": counts.threshold, "high": 2 * step + (step - 1) // 2}
    return _(
        "each number by itself, to multiples of %(step)s; %(least)s stands for %(low)s to %(high)s. "
        "So parts need not add up to their sum",
        **words,
    )


def asked_most(counts: Counts, *, alone: bool) -> str:
    """The heading of the services: which is asked for most, where what is withheld leaves no doubt."""
    asked, step = counts.asked, counts.rounded_to
    totals: dict[str, Total] = {}
    most: dict[str, int] = {}
    least: dict[str, int] = {}
    for service in {service for service, _country in asked}:
        cells = [cell for (one, _country), cell in asked.items() if one == service]
        if any(cell.held == "withheld" for cell in cells):
            return _("What was asked for, and where")
        totals[service] = total(cells)
        shown, below = sum(bool(cell.count) for cell in cells), sum(cell.held == "below" for cell in cells)
        most[service] = totals[service].count + shown * (step // 2) + (counts.threshold - 1) * below
        least[service] = totals[service].count - shown * step
    first = max(totals, key=lambda service: totals[service].count, default=None)
    if alone or first is None or any(most[one] >= least[first] for one in totals if one != first):
        return _("What was asked for, and where")
    words = {"service": label(Service, Service(first)), "n": str(totals[first])}
    return _("%(service)s is asked for most: %(n)s", **words)


def needs(counts: Counts) -> dict[str, Any]:
    """Services by receiving country, with bars."""
    cells, countries = counts.asked, counts.countries
    largest = max((cell.count or 0 for cell in cells.values()), default=0)
    counted = {service for (service, _country), cell in cells.items() if not cell.is_zero}
    asked = [service for service in Service if service.value in counted] if largest else []
    rows = []
    for service in asked:
        line = []
        for code in countries:
            cell = cells.get((service.value, code), Cell(0))
            view = shown(cell, counts.threshold)
            line.append(view if view.held else Shown(view.words, bar=bar(cell.count or 0, largest)))
        rows.append({"name": label(Service, service), "cells": line})
    return {"countries": [{"code": code, "name": country(code)} for code in countries], "rows": rows}
