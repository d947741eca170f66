"""A curve of one number a month against a limit. A month that is not shown is hatched, and no line crosses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from gateway.charts.hatch import hatch

Months = Mapping[int, int | None]
"""Numbers by the month's place on the axis: None is not shown, and where nothing was counted there is no place."""


@dataclass(frozen=True)
class Curve:
    """What is drawn: `months` places, a year before dashed; `most` ends the scale, the same for all neighbours."""

    code: str
    values: Months
    before: Months
    months: int
    limit: int
    most: int
    ends: tuple[str, str]
    title: str


@dataclass(frozen=True)
class Paper:
    """A drawing's measures, in its own units."""

    name: str
    width: int


BROAD = Paper("broad", 196)
NARROW = Paper("narrow", 300)
_LEFT, _TOP, _FLOOR, _HEIGHT = 30, 10, 74, 94
_HALF = 0.5


def curve(told: Curve, paper: Paper) -> Markup:
    """The drawing as SVG; its table stands beneath it on the page."""
    step = (paper.width - _LEFT - 6) / max(1, told.months - 1)
    parts = [
        f'<path class="g-axis" d="M{_LEFT} {_FLOOR}H{paper.width}"/>',
        *_hatches(told, step, paper),
        f'<path class="g-limit" d="M{_LEFT} {_y(told.limit, told):.1f}H{paper.width}"/>',
        *(f'<path class="g-before" d="{line}"/>' for line in _lines(told.before, told, step)),
        *(f'<path class="g-curve" d="{line}"/>' for line in _lines(told.values, told, step)),
        *_dots(told, step),
        *_labels(told, paper),
    ]
    return Markup(  # noqa: S704  (our own numbers; labels are escaped where they enter)
        f'<svg class="chart {paper.name}" viewBox="0 0 {paper.width} {_HEIGHT}" role="img" '
        f'aria-label="{escape(told.title)}">{hatch(_hatch(told, paper))}{"".join(parts)}</svg>'
    )


def runs(places: Sequence[int]) -> list[list[int]]:
    """Neighbouring places together."""
    found: list[list[int]] = []
    for place in sorted(places):
        if found and place == found[-1][-1] + 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _x(place: float, step: float) -> float:
    return _LEFT + place * step


def _y(value: int, told: Curve) -> float:
    return _FLOOR - (_FLOOR - _TOP) * value / told.most


def _shown(values: Months) -> list[list[int]]:
    return runs([place for place, value in values.items() if value is not None])


def _lines(values: Months, told: Curve, step: float) -> Iterator[str]:
    for run in _shown(values):
        points = " ".join(f"{_x(place, step):.1f} {_y(values[place] or 0, told):.1f}" for place in run)
        yield f"M{points}"


def _dots(told: Curve, step: float) -> Iterator[str]:
    """The last month shown, and every one without neighbours: of a single point there is no line."""
    found = _shown(told.values)
    for run in found:
        if len(run) == 1 or run is found[-1]:
            x, y = _x(run[-1], step), _y(told.values[run[-1]] or 0, told)
            yield f'<circle class="g-dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def _hatch(told: Curve, paper: Paper) -> str:
    return f"c-{told.code}-{paper.name}"


def _hatches(told: Curve, step: float, paper: Paper) -> Iterator[str]:
    for run in runs([place for place, value in told.values.items() if value is None]):
        left = max(_LEFT, _x(run[0] - _HALF, step))
        right = min(paper.width, _x(run[-1] + _HALF, step))
        box = f'x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{_FLOOR - _TOP}"'
        yield f'<rect {box} fill="url(#{_hatch(told, paper)})"/>'


def _labels(told: Curve, paper: Paper) -> Iterator[str]:
    for value, style in ((0, "q"), (told.limit, "g-over"), (told.most, "q")):
        yield f'<text class="{style}" x="{_LEFT - 5}" y="{_y(value, told) + 4:.1f}" text-anchor="end">{value}</text>'
    yield f'<text class="q" x="{_LEFT}" y="{_HEIGHT - 4}">{escape(told.ends[0])}</text>'
    yield f'<text class="q" x="{paper.width}" y="{_HEIGHT - 4}" text-anchor="end">{escape(told.ends[1])}</text>'
