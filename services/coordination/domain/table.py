"""A counted table as it is answered: rows, totals and waits, every number through the one disclosure function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from contracts.terms import Country
from services.coordination.domain.counts import NO_HOURS, Buckets, median
from services.coordination.domain.disclosure import Disclosed, Suppressed, disclose
from services.coordination.domain.errors import TooManyRowsError
from services.coordination.domain.flow import ENDS, flow, flow_code, pair
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
    """A number, rounded, or why it is not shown; `at_least` the least that the shown parts of a hidden total can be."""

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
    query: CountQuery,
    cells: Sequence[CountedCell],
    months: tuple[str, str],
    threshold: int | None,
    home: Country | None,
) -> CountTable:
    """Answer a question in the view of `home`, or of the region. Raises TooManyRowsError."""

    def told(asked: CountQuery) -> tuple[_Sheet, Disclosed]:
        sheet = _Sheet(asked, months, home)
        return sheet, disclose(sheet.lattice(cells), threshold)

    sheet, disclosed = told(query)
    rows = tuple(sheet.number(disclosed, key) for key in sheet.rows())
    totals = tuple(sheet.number(disclosed, key) for key in sheet.totals())
    if "outcome" in query.filters:
        return CountTable(rows, totals, ())
    waited = query.without_outcome()
    if waited != query:
        sheet, disclosed = told(waited)
    return CountTable(rows, totals, tuple(_waits(sheet, disclosed, cells)))


def _waits(sheet: "_Sheet", disclosed: Disclosed, cells: Sequence[CountedCell]) -> Iterator[Wait]:
    for measure, hours in (("acknowledge", _acknowledge), ("decide", _decide)):
        buckets = sheet.buckets(cells, hours)
        for key in dict.fromkeys([*sheet.rows(), *sheet.totals()]):
            number, ended = sheet.number(disclosed, key), buckets.get(key, NO_HOURS)
            if number.value != 0:
                told = _may_be_told(number, sum(ended), disclosed)
                yield Wait(number.at, measure, median(ended) if told else None)


def _may_be_told(number: Number, ended: int, disclosed: Disclosed) -> bool:
    """Whether a median gives no small number away by being there: neither of those who waited nor of those who wait."""
    threshold = disclosed.threshold
    if threshold is None:
        return ended > 0
    return number.value is not None and disclosed.at_least(number.value) >= 2 * threshold and ended >= threshold


def _acknowledge(cell: CountedCell) -> Buckets:
    return cell.acknowledge_hours


def _decide(cell: CountedCell) -> Buckets:
    return cell.decide_hours


class _Sheet:
    """Where the cells, rows and totals of a question lie in its lattice."""

    def __init__(self, query: CountQuery, months: tuple[str, str], home: Country | None) -> None:
        self._axes = query.axes
        self._depth = query.time_depth
        self._dimensions = tuple(dimension(axis, months, self._depth) for axis in self._axes)
        self._names = {axis_of(name): name.value for name in query.dimensions}
        self._roots = tuple(query.filters.get(axis, ALL) for axis in self._axes)
        self._leaves = tuple(self._spread(index) for index in range(len(self._axes)))
        self._home = home if set(ENDS) & set(self._axes) else None

    def _spread(self, index: int) -> tuple[str, ...]:
        axis, root, tree = self._axes[index], self._roots[index], self._dimensions[index]
        if root != ALL and root not in tree.parents:
            return ()
        return tree.below(root, len(tree.levels) - 1) if axis in self._names else (root,)

    def lattice(self, cells: Sequence[CountedCell]) -> Lattice:
        trees, counts = self._dimensions, dict[Key, int]()
        if self._home:
            others = (tree for axis, tree in zip(self._axes, trees, strict=True) if axis not in ENDS)
            trees = (flow(self._home), *others)
        for cell in cells:
            key = self._key(cell)
            if self._home:
                key = self._on_flow(key, pair(cell.at["origin"], cell.at["destination"]))
            counts[key] = counts.get(key, 0) + cell.count
        return lattice(trees, counts)

    def _on_flow(self, key: Key, code: str) -> Key:
        """The key with origin and destination as one axis, the first."""
        return code, *(one for axis, one in zip(self._axes, key, strict=True) if axis not in ENDS)

    def _told_as(self, key: Key) -> Key | None:
        """The key in the lattice; None where nothing can be counted."""
        if self._home is None:
            return key
        at = dict(zip(self._axes, key, strict=True))
        code = flow_code(self._home, *(at.get(end, ALL) for end in ENDS))
        return self._on_flow(key, code) if code else None

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
        told = self._told_as(key)
        if told is None:
            return Number(self._at(key), 0, None)
        suppressed = disclosed.suppressed(told)
        if suppressed is None:
            return Number(self._at(key), disclosed.told(told), None)
        parts = [self.number(disclosed, row) for row in self._rows_of(key) if row != key]
        at_least = sum(disclosed.at_least(part.value or 0) for part in parts) if parts else None
        return Number(self._at(key), None, suppressed, at_least)

    def _rows_of(self, key: Key) -> Iterator[Key]:
        return product(*((code,) if code in rows else rows for code, rows in zip(key, self._leaves, strict=True)))

    def _at(self, key: Key) -> dict[str, str]:
        named = zip(self._axes, self._roots, key, self._leaves, strict=True)
        return {
            self._names[axis]: code
            for axis, root, code, leaves in named
            if axis in self._names and (code != root or leaves == (root,))
        }
