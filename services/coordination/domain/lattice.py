"""A table of counts with all its totals: every dimension is a tree whose root is the total."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

ALL = "*"
"""The root of every dimension."""

Key = tuple[str, ...]
"""One coordinate for each dimension; `*` where a dimension is added up."""


@dataclass(frozen=True)
class Dimension:
    """The codes of a dimension, each with the code it belongs to (`2026-09` to `2026-Q3`); leaves have one depth.

    `sums` are further codes of the first level, each adding up some of the others there; they may overlap.
    """

    name: str
    parents: Mapping[str, str]
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The codes by depth, the root first; those of one depth add up to the whole."""
        found: dict[int, list[str]] = {0: [ALL]}
        for code in self.parents:
            found.setdefault(self.depth(code), []).append(code)
        return tuple(tuple(found[depth]) for depth in range(len(found)))

    def codes(self, depth: int) -> tuple[str, ...]:
        """The codes at a depth, sums included."""
        return (*self.levels[depth], *self.sums) if depth == 1 else self.levels[depth]

    @cached_property
    def _depths(self) -> dict[str, int]:
        return {ALL: 0} | dict.fromkeys(self.sums, 1)

    def depth(self, code: str) -> int:
        known = self._depths.get(code)
        if known is None:
            known = self._depths[code] = 1 + self.depth(self.parents[code])
        return known

    def above(self, code: str) -> tuple[str, ...]:
        """What the code is a part of, one step up: sums first, then what it belongs to."""
        sums = (one for one, parts in self.sums.items() if code in parts)
        return (*sums, self.parents[code]) if code in self.parents else ()

    @cached_property
    def _chains(self) -> dict[str, tuple[str, ...]]:
        return {ALL: (ALL,)} | {one: (one, ALL) for one in self.sums}

    def chain(self, code: str) -> tuple[str, ...]:
        """The code, all it is a part of, and so on up to the root."""
        known = self._chains.get(code)
        if known is None:
            *sums, parent = self.above(code)
            known = self._chains[code] = (code, *sums, *self.chain(parent))
        return known

    def below(self, code: str, depth: int) -> tuple[str, ...]:
        """The codes at `depth` that belong to `code`."""
        return tuple(one for one in self.levels[depth] if code in self.chain(one))


def flat(name: str, codes: Iterable[str]) -> Dimension:
    """A dimension of codes without groups."""
    return Dimension(name, dict.fromkeys(codes, ALL))


@dataclass(frozen=True)
class Lattice:
    """The true values of a table and of all its totals."""

    dimensions: tuple[Dimension, ...]
    values: Mapping[Key, int]

    def value(self, key: Key) -> int:
        return self.values.get(key, 0)

    def levels(self) -> list[tuple[int, ...]]:
        """Depth by dimension, coarse before fine; the last is the table itself."""
        depths = [range(len(dimension.levels)) for dimension in self.dimensions]
        return sorted(product(*depths), key=lambda level: (sum(level), level))

    def keys(self, level: Sequence[int]) -> Iterator[Key]:
        """All keys of a level, zeros and sums included."""
        return product(*(d.codes(depth) for d, depth in zip(self.dimensions, level, strict=True)))

    def level_of(self, key: Key) -> tuple[int, ...]:
        return tuple(d.depth(code) for d, code in zip(self.dimensions, key, strict=True))

    def children(self, key: Key, level: Sequence[int]) -> Iterator[Key]:
        """The keys of a level that add up to this one."""
        axes = zip(self.dimensions, key, level, strict=True)
        return product(*(dimension.below(code, depth) for dimension, code, depth in axes))


def lattice(dimensions: Sequence[Dimension], counts: Mapping[Key, int]) -> Lattice:
    """Add leaf counts up to every total."""
    values: dict[Key, int] = {}
    for leaf, count in counts.items():
        for key in product(*(d.chain(code) for d, code in zip(dimensions, leaf, strict=True))):
            values[key] = values.get(key, 0) + count
    return Lattice(tuple(dimensions), values)
