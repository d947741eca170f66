"""A reader of one country's view who asks every question about three axes and knows what the country cannot count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

from contracts.terms import Country
from services.coordination.domain.counts import NO_HOURS
from services.coordination.domain.lattice import Key
from services.coordination.domain.query import CountQuery, DimensionName, axis_of
from services.coordination.domain.table import CountedCell, Number, tabulate
from tests.unit.coordination.attacker import Row

HOME = Country.KZ
MONTHS = ("2026-01", "2026-04")
PAIRS = [pair for pair in product(Country, Country) if HOME in pair]

Group = dict[Key, Number]
"""Numbers that spread the whole over some axes, by the cells that each counts (`kz uz male`)."""


@dataclass(frozen=True)
class Reader:
    """`counts` is the truth, by cell."""

    third: DimensionName
    counts: Mapping[str, int]
    threshold: int

    @property
    def axes(self) -> tuple[DimensionName, ...]:
        return DimensionName.ORIGIN, DimensionName.DESTINATION, self.third

    def asks(self, *dimensions: DimensionName, **filters: str) -> Iterator[tuple[Key, Number]]:
        """Every number of an answer, with the cells it counts."""
        names = [axis_of(axis) for axis in self.axes]
        cells = [
            CountedCell(dict(zip(names, cell.split(), strict=True)), count, NO_HOURS, NO_HOURS)
            for cell, count in self.counts.items()
        ]
        table = tabulate(CountQuery(dimensions, filters), cells, MONTHS, self.threshold, HOME)
        for number in (*table.rows, *table.totals):
            yield self.counted(**{**filters, **number.at}), number

    def counted(self, **at: str) -> Key:
        named = [at.get(axis) for axis in self.axes]
        return tuple(c for c in self.counts if all(n in (None, m) for n, m in zip(named, c.split(), strict=True)))

    def truth(self, cells: Key) -> int:
        return sum(self.counts[cell] for cell in cells)

    @cached_property
    def groups(self) -> list[Group]:
        found: dict[frozenset[str], Group] = {}
        for size in range(len(self.axes) + 1):
            for dimensions in combinations(self.axes, size):
                for cells, number in self.asks(*dimensions):
                    if cells:
                        found.setdefault(frozenset(number.at), {})[cells] = number
        return list(found.values())

    @cached_property
    def told(self) -> Group:
        return {cells: number for group in self.groups for cells, number in group.items()}

    def sums(self) -> Iterator[tuple[Key, Group]]:
        """Every number with every way to spread it over others."""
        for total in self.told:
            for group in self.groups:
                parts = {cells: part for cells, part in group.items() if set(cells) <= set(total)}
                if total not in parts and sum(map(len, parts)) == len(total):
                    yield total, parts

    def equations(self) -> list[tuple[Row, Fraction]]:
        """What the answers say of one another; unknown is what they hide."""
        found = []
        for total, parts in self.sums():
            signs = {total: -1} | dict.fromkeys(parts, 1)
            row = {cells: Fraction(sign) for cells, sign in signs.items() if self.told[cells].value is None}
            shown = sum(sign * (self.told[cells].value or 0) for cells, sign in signs.items())
            found.append((row, Fraction(-shown)))
        return [(row, constant) for row, constant in found if row]
