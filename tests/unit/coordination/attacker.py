"""A reader who wants to know a hidden number: knows the rules, the labels, and every number that is shown.

Independent of the disclosure function: linear algebra over the rationals, and bounds narrowed until nothing moves.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, inf

from services.coordination.domain.disclosure import Disclosed, Suppressed
from services.coordination.domain.lattice import Key

Row = dict[Key, Fraction]


def equations(disclosed: Disclosed) -> list[tuple[Row, Fraction]]:
    """Each total is the sum of its parts, with what is shown put in and what is hidden unknown."""
    lattice, found = disclosed.lattice, []
    for level in lattice.levels():
        for key in lattice.keys(level):
            for axis, depth in enumerate(level):
                if depth + 1 == len(lattice.dimensions[axis].levels):
                    continue
                finer = tuple(d + (a == axis) for a, d in enumerate(level))
                found.append(_equation(disclosed, key, list(lattice.children(key, finer))))
    return [(row, constant) for row, constant in found if row]


def _equation(disclosed: Disclosed, total: Key, parts: list[Key]) -> tuple[Row, Fraction]:
    row: Row = {}
    constant = Fraction(0)
    for key, factor in [(total, -1), *((part, 1) for part in parts)]:
        shown = disclosed.value(key)
        if shown is None:
            row[key] = row.get(key, Fraction(0)) + factor
        else:
            constant -= factor * shown
    return row, constant


def solved(system: list[tuple[Row, Fraction]]) -> dict[Key, Fraction]:
    """The unknowns that the equations alone determine."""
    pivots: dict[Key, tuple[Row, Fraction]] = {}
    for given, value in system:
        row, constant = _reduced(dict(given), value, pivots)
        if not row:
            continue
        pivot = next(iter(row))
        unit = {key: factor / row[pivot] for key, factor in row.items()}, constant / row[pivot]
        pivots = {key: _reduced(*known, {pivot: unit}) for key, known in pivots.items()}
        pivots[pivot] = unit
    return {key: constant for key, (row, constant) in pivots.items() if len(row) == 1}


def _reduced(row: Row, constant: Fraction, pivots: dict[Key, tuple[Row, Fraction]]) -> tuple[Row, Fraction]:
    for key in [key for key in row if key in pivots]:
        factor = row.get(key, Fraction(0))
        if factor:
            terms, value = pivots[key]
            row = {k: row.get(k, Fraction(0)) - factor * terms.get(k, Fraction(0)) for k in {**row, **terms}}
            constant -= factor * value
    return {k: v for k, v in row.items() if v}, constant


def ranges(
    hidden: Mapping[Key, Suppressed], threshold: int, system: list[tuple[Row, Fraction]]
) -> dict[Key, tuple[float, float]]:
    """The narrowest range of each unknown that follows from one equation after another, and from its label."""
    found: dict[Key, tuple[float, float]] = {
        key: (1, threshold - 1) if label is Suppressed.BELOW_THRESHOLD else (0, inf) for key, label in hidden.items()
    }
    moved = True
    while moved:
        moved = False
        for row, constant in system:
            for key, factor in row.items():
                rest = [(found[k], v) for k, v in row.items() if k != key]
                low = sum(float(v) * (bounds[0] if v > 0 else bounds[1]) for bounds, v in rest)
                high = sum(float(v) * (bounds[1] if v > 0 else bounds[0]) for bounds, v in rest)
                ends = sorted([(float(constant) - low) / float(factor), (float(constant) - high) / float(factor)])
                old = found[key]
                new = (max(old[0], _up(ends[0])), min(old[1], _down(ends[1])))
                if new != old:
                    found[key], moved = new, True
    return found


def _up(value: float) -> float:
    return value if value in (inf, -inf) else ceil(value)


def _down(value: float) -> float:
    return value if value in (inf, -inf) else floor(value)
