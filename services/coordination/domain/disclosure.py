"""The one disclosure function: what of a table of counts may be shown, for page, chart, export and API alike.

A count from 1 to threshold - 1 is hidden, and so is whatever would give it away by subtraction. Levels are decided
coarse before fine, and a coarser level never depends on a finer one: the same total has the same answer in every
table that holds it, so two tables cannot be played off against each other.

A hidden small count is safe when there is another table, just as possible, that shows exactly the same. It is looked
for as a box (`boxes.py`): cells whose counts can move in turn without moving anything that is shown. Where none can
be made, the whole level is withheld; so is every finer one.

What is shown is told rounded. Each table is safe by itself; over all that may be asked about the same referrals no
suppression is (decision 21), and a reader who combines many tables is left with a range, not with a number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from services.coordination.domain.boxes import Bounds, Box, boxes
from services.coordination.domain.lattice import Key, Lattice

STEPS = 2
"""A hidden small count has at least this many other possible values."""

_BOX_BUDGET = 200_000

Level = tuple[int, ...]

REGIONAL_THRESHOLD = 11
"""Counts below this are withheld from the region and the public (CTDC: k = 11)."""

PARTNER_THRESHOLD = 5
"""Counts below this are withheld between the agencies of one country."""


def rounding(threshold: int | None) -> int:
    """To which multiples numbers are told: tens where less than eleven is hidden, fives where less than five is."""
    return 1 if threshold is None else max(threshold - threshold % 5, 1)


class Suppressed(StrEnum):
    """Why a number is not shown: it is small itself, or it would give a small one away (then it may be any)."""

    BELOW_THRESHOLD = "below_threshold"
    COMPLEMENTARY = "complementary"


@dataclass
class Disclosed:
    """A table after suppression; `threshold` None shows an agency its own true counts.

    A level in `withheld` shows nothing at all: too few were counted for so much detail.
    """

    lattice: Lattice
    threshold: int | None
    hidden: dict[Key, Suppressed] = field(default_factory=dict)
    withheld: set[Level] = field(default_factory=set)

    def suppressed(self, key: Key) -> Suppressed | None:
        """Why this number is hidden; None when it is shown."""
        return self.hidden.get(key)

    def value(self, key: Key) -> int | None:
        """The number if it is shown, before it is rounded."""
        return None if key in self.hidden else self.lattice.value(key)

    def told(self, key: Key) -> int | None:
        """The number as it is told: 0, or the nearest multiple, halves up, of which the least is two steps.

        One step would stand for few values only, from the threshold to the half.
        """
        value, step = self.value(key), rounding(self.threshold)
        if not value or self.threshold is None:
            return value
        return max((value + step // 2) // step, 2) * step

    def at_least(self, told: int) -> int:
        """The least that a told number may stand for."""
        step = rounding(self.threshold)
        if not told or self.threshold is None:
            return told
        return self.threshold if told == 2 * step else told - step // 2


def disclose(lattice: Lattice, threshold: int | None) -> Disclosed:
    """Decide what is shown of a table and of all its totals. Zero is shown as zero."""
    disclosed = Disclosed(lattice, threshold)
    if threshold is None:
        return disclosed
    for level in lattice.levels():
        is_too_fine = any(_is_below(coarser, level) for coarser in disclosed.withheld)
        if is_too_fine or not _Protection(disclosed, threshold, level).run():
            disclosed.withheld.add(level)
            disclosed.hidden |= dict.fromkeys(lattice.keys(level), Suppressed.COMPLEMENTARY)
    return disclosed


class _Protection:
    """Decides one level, all coarser ones being decided."""

    def __init__(self, disclosed: Disclosed, threshold: int, level: Level) -> None:
        self._lattice = disclosed.lattice
        self._hidden = disclosed.hidden
        self._threshold = threshold
        self._level = level
        self._budget = _BOX_BUDGET

    def run(self) -> bool:
        """Hide what must be; False when some small count cannot be protected."""
        small = [key for key in self._lattice.keys(self._level) if self._is_small(key)]
        self._hidden |= dict.fromkeys(small, Suppressed.BELOW_THRESHOLD)
        exposed = [*self._coarser(), *small]
        while self._protect(exposed):
            line = self._small_sum()
            if not line:
                return True
            shown = (key for key in line if key not in self._hidden and self._lattice.value(key))
            exposed = [min(shown, key=self._lattice.value)]
            one_label = (key for key in line if key in self._hidden or key in exposed)
            self._hidden |= dict.fromkeys(one_label, Suppressed.COMPLEMENTARY)
        return False

    def _small_sum(self) -> list[Key]:
        """A line of which so little is hidden that its sum is a small number too, and more can be."""
        for line in self._lines():
            hidden = sum(self._lattice.value(key) for key in line if key in self._hidden)
            if 0 < hidden < min(self._threshold, sum(map(self._lattice.value, line))):
                return line
        return []

    def _protect(self, exposed: Iterable[Key]) -> bool:
        """Put each of these in a box; False when one has none."""
        left = dict.fromkeys(exposed)
        while left:
            box = self._best_box(next(iter(left)))
            if box is None:
                return False
            self._hide(box)
            for key in box.moved:
                left.pop(key, None)
        return True

    def _lines(self) -> list[list[Key]]:
        """The parts of each shown total, less those that a total shown on the way up holds; all ways up.

        What is hidden of a line is what a reader gets by subtraction. All its parts together are the total, or what is
        hidden of it already where one step less is made: once that is not small, they are not.
        """
        found: list[list[Key]] = []
        ways = [{key: [key] for key in self._lattice.keys(self._level)}]
        while ways:
            reached = ways.pop()
            for axis, dimension in enumerate(self._lattice.dimensions):
                above: dict[Key, list[Key]] = {}
                for key, parts in reached.items():
                    for code in dimension.above(key[axis]):
                        above.setdefault((*key[:axis], code, *key[axis + 1 :]), []).extend(parts)
                found += [parts for total, parts in above.items() if total not in self._hidden]
                ways += [{total: parts for total, parts in above.items() if total in self._hidden}]
            ways = [way for way in ways if way]
        return found

    def _is_small(self, key: Key) -> bool:
        return 0 < self._lattice.value(key) < self._threshold

    def _coarser(self) -> Iterator[Key]:
        """What coarser levels hide, small or not: told here, a large one would give a small one away elsewhere."""
        return (key for key in self._hidden if _is_below(self._lattice.level_of(key), self._level))

    def _best_box(self, key: Key) -> Box | None:
        """The box that costs least: first no zero, then few numbers, few labels, and small ones."""
        best: Box | None = None
        best_cost = (0, 0, 0, 0)
        for box in boxes(self._lattice, key, self._level, self._hidden):
            self._budget -= 1
            if self._budget < 0:
                return None
            cost = self._cost(box)
            if (best is None or cost < best_cost) and self._steps(box) >= STEPS:
                best, best_cost = box, cost
                if not any(cost):
                    break
        return best

    def _cost(self, box: Box) -> tuple[int, int, int, int]:
        new = [self._lattice.value(key) for key in box.finest if key not in self._hidden]
        labels = [self._hidden.get(key) for key in box.finest]
        relabelled = 0 if self._keeps_labels(box) else labels.count(Suppressed.BELOW_THRESHOLD)
        return new.count(0), len(new), relabelled, sum(new)

    def _steps(self, box: Box) -> int:
        """How many other values each number in the box may have, as far as a reader can tell."""
        if self._keeps_labels(box):
            return self._room(box, mixed=False)
        return self._room(box, mixed=True)

    def _keeps_labels(self, box: Box) -> bool:
        """Whether all of the level are small and stay possible within 1 to threshold - 1."""
        all_small = all(self._hidden.get(key) is Suppressed.BELOW_THRESHOLD for key in box.finest)
        return all_small and self._room(box, mixed=False) >= STEPS

    def _room(self, box: Box, *, mixed: bool) -> int:
        return box.room(lambda key: self._bounds(key, mixed=mixed), self._lattice.value)

    def _bounds(self, key: Key, *, mixed: bool) -> Bounds:
        is_open = self._hidden.get(key) is not Suppressed.BELOW_THRESHOLD
        if is_open or (mixed and self._lattice.level_of(key) == self._level):
            return 0, None
        return 1, self._threshold - 1

    def _hide(self, box: Box) -> None:
        """One label for all of the level: told apart, a small number beside a withheld one could be worked out."""
        if not self._keeps_labels(box):
            self._hidden |= dict.fromkeys(box.finest, Suppressed.COMPLEMENTARY)


def _is_below(coarser: Level, level: Level) -> bool:
    return coarser != level and all(a <= b for a, b in zip(coarser, level, strict=True))
