"""How long answers take: medians by country, and their curves by month against the limit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from contracts.terms import DECISION_HOURS, Urgency
from gateway.charts.curve import BROAD, NARROW, Curve, Months, curve
from gateway.portal.weave import COUNTRIES
from gateway.portal.words import NBSP, _, country, duration, month_short

LIMIT = DECISION_HOURS[Urgency.URGENT]
MONTHS = 12

Medians = Mapping[tuple[str, tuple[str, ...]], int | None]
"""Median hours by measure and codes; None is not shown."""


@dataclass(frozen=True)
class Panel:
    """One country's curve, what its last month says, and the row of its table."""

    code: str
    name: str
    icon: str
    colour: str
    words: str
    broad: Markup
    narrow: Markup
    cells: Sequence[str]


@dataclass(frozen=True)
class Curves:
    """The panels and the heads of their table; `has_before` when some line has a year before it to be compared with."""

    panels: Sequence[Panel]
    heads: Sequence[str]
    has_before: bool
    has_gaps: bool


def curves(medians: Medians, months: Iterable[str], places: Iterable[str]) -> Curves | None:
    """Median hours to decide by receiving country and month, beside the same months a year before."""
    known = sorted(months)
    if not known:
        return None
    axis = [_months_before(known[-1], back) for back in range(MONTHS - 1, -1, -1)]
    decided: Mapping[tuple[str, ...], int | None] = {
        key: hours
        for (measure, key), hours in medians.items()
        if measure == "decide" and len(key) == 2  # noqa: PLR2004  (country and month)
    }
    lines = {code: (_line(decided, code, axis), _line(decided, code, _year_before(axis))) for code in places}
    longest = max((h for pair in lines.values() for line in pair for h in line.values() if h is not None), default=0)
    most = _scale(max(longest, LIMIT))
    panels = [_panel(code, values, before, axis, most) for code, (values, before) in lines.items()]
    return Curves(
        panels=panels,
        heads=[month_short(one) for one in axis],
        has_before=any(hours is not None for _values, before in lines.values() for hours in before.values()),
        has_gaps=any(hours is None for values, _before in lines.values() for hours in values.values()),
    )


def _panel(code: str, values: Months, before: Months, axis: Sequence[str], most: int) -> Panel:
    last = max((place for place, hours in values.items() if hours is not None), default=None)
    hours = None if last is None else values[last]
    if last is None or hours is None:
        icon, colour, words = "queued", "muted", _("not shown") if values else _("nothing counted")
    elif hours <= LIMIT:
        icon, colour = "met", "pistachio"
        words = _("%(month)s: %(hours)s, in time", month=month_short(axis[last]), hours=_whole(hours))
    else:
        icon, colour = "late", "madder"
        words = _("%(month)s: %(hours)s, over", month=month_short(axis[last]), hours=_whole(hours))
    title = _("Median hours to decide by month: %(place)s", place=country(code))
    drawn = Curve(code, values, before, len(axis), LIMIT, most, (month_short(axis[0]), month_short(axis[-1])), title)
    cells = ["" if place not in values else _whole(values[place]) for place in range(len(axis))]
    return Panel(code, country(code), icon, colour, words, curve(drawn, BROAD), curve(drawn, NARROW), cells)


def _whole(hours: int | None) -> str:
    """Hours beside a limit in hours stay hours."""
    return in_hours(hours) if not hours else _("%(n)s h", n=hours).replace(" ", NBSP)


def _line(decided: Mapping[tuple[str, ...], int | None], code: str, axis: Sequence[str]) -> Months:
    return {place: decided[(code, one)] for place, one in enumerate(axis) if (code, one) in decided}


def _months_before(code: str, back: int) -> str:
    """2025-11 is ten months before 2026-09."""
    year, number = divmod(int(code[:4]) * 12 + int(code[5:]) - 1 - back, 12)
    return f"{year:04}-{number + 1:02}"


def _year_before(axis: Sequence[str]) -> list[str]:
    return [_months_before(one, MONTHS) for one in axis]


def _scale(longest: int) -> int:
    """The end of the scale: a full number of days above the longest wait and the limit."""
    return 24 * (longest // 24 + 2)


def waits(medians: Medians) -> list[dict[str, str]]:
    """Median hours by receiving country; what was counted too rarely is not shown."""
    rows = []
    for code in COUNTRIES:
        if not any(key == (code,) for _measure, key in medians):
            continue
        hours = [medians.get((measure, (code,))) for measure in ("acknowledge", "decide")]
        said = [in_hours(h) for h in hours]
        rows.append({"code": code, "name": country(code), "acknowledge": said[0], "decide": said[1]})
    return rows


def slowest(medians: Medians) -> str:
    """The heading of the waits: where a decision takes longest."""
    hours = {key[0]: h for (measure, key), h in medians.items() if measure == "decide" and key and h is not None}
    if not hours:
        return _("How long an answer takes")
    last = max(hours, key=lambda code: hours[code])
    if len(set(hours.values())) == 1:
        return _("Median time to decide: %(hours)s in every country shown", hours=in_hours(hours[last]))
    return _("Decisions take longest in %(place)s: median %(hours)s", place=country(last), hours=in_hours(hours[last]))


def in_hours(median: float | None) -> str:
    """A median wait; what was counted too rarely is not shown, and whole hours are as fine as it is known."""
    if median is None:
        return _("not shown")
    return (
        duration(timedelta(hours=median), in_hours=True)
        if median >= 1
        else _("under %(span)s", span=duration(timedelta(hours=1)))
    )
