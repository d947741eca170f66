"""A Sankey of three columns: from, to, what became of it. A withheld flow is hatched, at one fixed width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from gateway.charts.cells import Cell, Total, best, total
from gateway.charts.hatch import hatch

_HELD_WIDTH = 6.0
_BAR = 10
_ROOM = 40


@dataclass(frozen=True)
class Node:
    """A node of a column: its style and its label, in full and short."""

    code: str
    words: str
    short: str


@dataclass(frozen=True)
class Flows:
    """What is drawn. Links are keyed by node codes of neighbouring columns."""

    columns: tuple[Sequence[Node], Sequence[Node], Sequence[Node]]
    first: Mapping[tuple[str, str], Cell]
    second: Mapping[tuple[str, str], Cell]
    heads: tuple[str, str, str]
    title: str
    withheld: str = ""
    threshold: int = 11
    sums: Mapping[tuple[int, str], Cell] = field(default_factory=dict)
    """Totals by column and node, as they were told."""


@dataclass(frozen=True)
class Frame:
    """A drawing's measures, in its own units."""

    name: str
    width: int
    height: int
    xs: tuple[int, int, int]
    gap: int
    short: bool


BROAD = Frame("broad", 860, 400, (130, 385, 630), 18, short=False)
NARROW = Frame("narrow", 300, 420, (40, 112, 178), 22, short=True)


@dataclass
class _Place:
    top: float
    size: float
    total: Total
    used_in: float = 0.0
    used_out: float = 0.0
    parts: list[Cell] = field(default_factory=list)


def sankey(flows: Flows, frame: Frame) -> Markup:
    """The drawing as SVG; its table stands beneath it on the page."""
    scale = _scale(flows, frame)
    columns = [_places(flows, column, frame, scale) for column in range(3)]
    parts = [*_ribbons(flows.first, columns[0], columns[1], frame, 0, scale)]
    parts += _ribbons(flows.second, columns[1], columns[2], frame, 1, scale)
    for column in range(3):
        parts += _nodes(flows, columns[column], frame, column)
    return Markup(  # noqa: S704  (our own numbers; labels are escaped where they enter)
        f'<svg class="chart {frame.name}" viewBox="0 0 {frame.width} {_bottom(columns):.0f}" role="img" '
        f'aria-label="{escape(flows.title)}">{hatch(f"h-{frame.name}")}{"".join(parts)}</svg>'
    )


def _links(flows: Flows, column: int, code: str) -> tuple[list[Cell], list[Cell]]:
    incoming = flows.first if column == 1 else flows.second if column == 2 else {}  # noqa: PLR2004  (columns)
    outgoing = flows.first if column == 0 else flows.second if column == 1 else {}
    into = [cell for (_, target), cell in incoming.items() if target == code and not cell.is_zero]
    out = [cell for (source, _), cell in outgoing.items() if source == code and not cell.is_zero]
    return into, out


def _width(cells: Sequence[Cell], scale: float) -> float:
    return sum(_HELD_WIDTH if cell.held else max(1.0, (cell.count or 0) * scale) for cell in cells)


def _scale(flows: Flows, frame: Frame) -> float:
    """Units per referral, so that the fullest column fits."""
    scales = [2.0]
    for column in range(3):
        sides = [_links(flows, column, node.code) for node in flows.columns[column]]
        shown = [pair for pair in sides if pair[0] or pair[1]]
        counts = sum(max(total(into).count, total(out).count) for into, out in shown)
        held = sum(max(sum(1 for c in into if c.held), sum(1 for c in out if c.held)) for into, out in shown)
        room = frame.height - 40 - frame.gap * max(0, len(shown) - 1) - held * _HELD_WIDTH
        if counts:
            scales.append(max(0.02, room / counts))
    return min(scales)


def _places(flows: Flows, column: int, frame: Frame, scale: float) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    top = 36.0
    for node in flows.columns[column]:
        into, out = _links(flows, column, node.code)
        if not into and not out:
            continue
        size = max(_width(into, scale), _width(out, scale), 3.0)
        places[node.code] = _Place(top, size, best(flows.sums.get((column, node.code)), into or out))
        top += max(size + frame.gap, _ROOM if column != 1 else 0)
    return places


def _bottom(columns: list[dict[str, _Place]]) -> float:
    """How tall the drawing came out, with room for the last label."""
    return max((place.top + max(place.size, 24) for places in columns for place in places.values()), default=36) + 12


def _ribbons(
    links: Mapping[tuple[str, str], Cell],
    left: dict[str, _Place],
    right: dict[str, _Place],
    frame: Frame,
    column: int,
    scale: float,
) -> list[str]:
    drawn = []
    x0, x1 = frame.xs[column] + _BAR, frame.xs[column + 1]
    for source, origin in left.items():
        for target, destination in right.items():
            cell = links.get((source, target))
            if cell is None or cell.is_zero:
                continue
            width = _width([cell], scale)
            y0, y1 = origin.top + origin.used_out, destination.top + destination.used_in
            origin.used_out += width
            destination.used_in += width
            style = f'fill="url(#h-{frame.name})"' if cell.held else f'class="r g-{source if column == 0 else target}"'
            drawn.append(f'<path {style} d="{_path(x0, y0, x1, y1, width)}"/>')
    return drawn


def _path(x0: float, y0: float, x1: float, y1: float, width: float) -> str:
    middle = (x0 + x1) / 2
    return (
        f"M{x0} {y0:.1f}C{middle:g} {y0:.1f} {middle:g} {y1:.1f} {x1} {y1:.1f}v{width:.1f}"
        f"C{middle:g} {y1 + width:.1f} {middle:g} {y0 + width:.1f} {x0} {y0 + width:.1f}z"
    )


def _nodes(flows: Flows, places: dict[str, _Place], frame: Frame, column: int) -> list[str]:
    x = frame.xs[column]
    anchor = ("end", "middle", "start")[column]
    at = (x - 6, x + _BAR // 2, x + _BAR + 6)[column]
    head_at = (x + _BAR, x + _BAR // 2, x)[column]
    drawn = [f'<text x="{head_at}" y="14" class="b q" text-anchor="{anchor}">{escape(flows.heads[column])}</text>']
    for node in flows.columns[column]:
        place = places.get(node.code)
        if place is None:
            continue
        style = "v" if column == 1 else f"g-{node.code}"
        if column == 1 and place.total.more and not place.total.count:
            style = "dots"
        drawn.append(f'<rect class="{style}" x="{x}" y="{place.top:.1f}" width="{_BAR}" height="{place.size:.1f}"/>')
        y = place.top - 4 if column == 1 else place.top + place.size / 2 - 4
        words = node.short if frame.short else node.words
        drawn.append(
            f'<text class="t" x="{at}" y="{y:.1f}" text-anchor="{anchor}"><tspan class="b">{escape(words)}</tspan> '
            f"{_second(at, column)}{_number(flows, node.code, column, place.total)}</tspan></text>"
        )
    return drawn


def _second(at: int, column: int) -> str:
    """At the sides numbers stand on a line of their own: names are long and phones narrow."""
    return f'<tspan x="{at}" dy="16">' if column != 1 else "<tspan>"


def _number(flows: Flows, code: str, column: int, found: Total) -> str:
    """The number, `<11` where one small count is all there is, else that it is withheld."""
    if found.count or not found.more:
        return str(found)
    into, out = _links(flows, column, code)
    told = flows.sums.get((column, code))
    held = [told.held] if told and told.held == "below" else [cell.held for cell in into or out if cell.held]
    return str(escape(f"<{flows.threshold}" if held == ["below"] else flows.withheld))
