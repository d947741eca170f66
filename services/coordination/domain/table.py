"""A counted table as it is answered: rows, totals and waits, every number through the one disclosure function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from services.coordination.domain.counts import NO_HOURS, Buckets, median
from services.coordination.domain.disclosure import Disclosed, Suppressed, disclose
from services.coordination.domain.errors import TooManyRowsError
from services.coordination.domain.lattice import ALL, Key, Lattice, lattice
from services.coordination.domain.query import CountQuery, axis_of, coordinate, dimension

MOST_ROWS = 5000


@dataclass(frozen=True)
class CountedCell:
    """Counts by axis code (`period` is the month), as stored."""

    at: Mapping[str, str]
    count: int
    acknowledge_hours: Buckets
    decide_hours: Buckets


@dataclass(frozen=True)
class Number:
    """A number or why it is not shown; `at_least` what the shown parts of a hidden total add up to."""

    at: Mapping[str, str]
    value: int | None
    suppressed: Suppressed | None
    at_least: int | None = None


@dataclass(frozen=True)
class Wait:
    """The median hours of a wait; None where too few were counted. How many waited is not said (decision 17)."""

    at: Mapping[str, str]
    measure: str
    median_hours: int | None


@dataclass(frozen=True)
class CountTable:
    rows: tuple[Number, ...]
    totals: tuple[Number, ...]
    waits: tuple[Wait, ...]


def tabulate(
    query: CountQuery, cells: Sequence[CountedCell], months: tuple[str, str], threshold: int | None
) -> CountTable:
    """Answer a question. Raises TooManyRowsError."""
    counted = _Sheet(query, months)
    disclosed = disclose(counted.lattice(cells, lambda cell: cell.count), threshold)
    rows = tuple(counted.number(disclosed, key) for key in counted.rows())
    totals = tuple(counted.number(disclosed, key) for key in counted.totals())
    return CountTable(rows, totals, tuple(_waits(query, cells, months, threshold)))


def _waits(
    query: CountQuery, cells: Sequence[CountedCell], months: tuple[str, str], threshold: int | None
) -> Iterator[Wait]:
    if "outcome" in query.filters:
        return
    sheet = _Sheet(query.without_outcome(), months)
    disclosed = disclose(sheet.lattice(cells, lambda cell: cell.count), threshold)
    for measure, hours in (("acknowledge", _acknowledge), ("decide", _decide)):
        buckets = sheet.buckets(cells, hours)
        for key in dict.fromkeys([*sheet.rows(), *sheet.totals()]):
            number, ended = sheet.number(disclosed, key), buckets.get(key, NO_HOURS)
            if number.value != 0:
                yield Wait(number.at, measure, median(ended) if _may_be_told(number, sum(ended), threshold) else None)


def _may_be_told(number: Number, ended: int, threshold: int | None) -> bool:
    """Whether a median gives no small number away by being there: neither of those who waited nor of those who wait."""
    if threshold is None:
        return ended > 0
    return number.value is not None and number.value >= 2 * threshold and ended >= threshold


def _acknowledge(cell: CountedCell) -> Buckets:
    return cell.acknowledge_hours


def _decide(cell: CountedCell) -> Buckets:
    return cell.decide_hours


class _Sheet:
    """Where the cells, rows and totals of a question lie in its lattice."""

    def __init__(self, query: CountQuery, months: tuple[str, str]) -> None:
        self._query = query
        self._axes = query.axes
        self._depth = query.time_depth
        self._dimensions = tuple(dimension(axis, months, self._depth) for axis in self._axes)
        self._names = {axis_of(name): name.value for name in query.dimensions}
        self._roots = tuple(query.filters.get(axis, ALL) for axis in self._axes)
        self._leaves = tuple(self._spread(index) for index in range(len(self._axes)))

    def _spread(self, index: int) -> tuple[str, ...]:
        axis, root, tree = self._axes[index], self._roots[index], self._dimensions[index]
        if root != ALL and root not in tree.parents:
            return ()
        return tree.below(root, len(tree.levels) - 1) if axis in self._names else (root,)

    def lattice(self, cells: Sequence[CountedCell], number: Callable[[CountedCell], int]) -> Lattice:
        counts: dict[Key, int] = {}
        for cell in cells:
            key = self._key(cell)
            counts[key] = counts.get(key, 0) + number(cell)
        return lattice(self._dimensions, counts)

    def buckets(self, cells: Sequence[CountedCell], hours: Callable[[CountedCell], Buckets]) -> dict[Key, Buckets]:
        found: dict[Key, Buckets] = {}
        for cell in cells:
            chains = (tree.chain(code) for tree, code in zip(self._dimensions, self._key(cell), strict=True))
            for key in product(*chains):
                pairs = zip(found.get(key, NO_HOURS), hours(cell), strict=True)
                found[key] = tuple(a + b for a, b in pairs)
        return found

    def _key(self, cell: CountedCell) -> Key:
        return tuple(coordinate(axis, cell.at[axis], self._depth) for axis in self._axes)

    def rows(self) -> list[Key]:
        size = 1
        for leaves in self._leaves:
            size *= len(leaves)
        if size > MOST_ROWS:
            raise TooManyRowsError(MOST_ROWS)
        return list(product(*self._leaves))

    def totals(self) -> list[Key]:
        """Every way to add up rows, the sum of all last."""
        spread = [index for index, axis in enumerate(self._axes) if axis in self._names]
        options = [
            (*leaves, root) if index in spread and (root,) != leaves else leaves or (root,)
            for index, (leaves, root) in enumerate(zip(self._leaves, self._roots, strict=True))
        ]
        rows = set(self.rows())
        return [key for key in product(*options) if key not in rows]

    def number(self, disclosed: Disclosed, key: Key) -> Number:
        suppressed = disclosed.suppressed(key)
        if suppressed is None:
            return Number(self._at(key), disclosed.value(key), None)
        level = tuple(
            len(tree.levels) - 1 if axis in self._names else len(tree.chain(code)) - 1
            for axis, tree, code in zip(self._axes, self._dimensions, key, strict=True)
        )
        is_total = level != disclosed.lattice.level_of(key)
        return Number(self._at(key), None, suppressed, disclosed.at_least(key, level) if is_total else None)

    def _at(self, key: Key) -> dict[str, str]:
        named = zip(self._axes, self._roots, key, self._leaves, strict=True)
        return {
            self._names[axis]: code
            for axis, root, code, leaves in named
            if axis in self._names and (code != root or leaves == (root,))
        }
