"""Boxes: cells of a table that can move in turn (+1, -1, +1 …) without moving any number that is shown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, islice, product

from services.coordination.domain.lattice import ALL, Key, Lattice

Bounds = tuple[int, int | None]

_CHOICES = 16
_ENDLESS = 1_000_000


@dataclass(frozen=True)
class Box:
    """`moved` are all numbers that move, totals included, each by +1 or -1; `corners` those of the finest level."""

    corners: tuple[Key, ...]
    moved: Mapping[Key, int]

    def room(self, bounds: Callable[[Key], Bounds], value: Callable[[Key], int]) -> int:
        """How many steps the box can go up and down together before a number leaves its bounds."""
        up = down = _ENDLESS
        for key, sign in self.moved.items():
            low, high = bounds(key)
            rise = _ENDLESS if high is None else high - value(key)
            fall = value(key) - low
            up = min(up, rise if sign > 0 else fall)
            down = min(down, fall if sign > 0 else rise)
        return max(up, 0) + max(down, 0)


def boxes(lattice: Lattice, key: Key, level: tuple[int, ...], hidden: Mapping[Key, object]) -> Iterator[Box]:
    """Boxes at `level` that move the hidden number `key`; of coarser totals they move hidden ones only."""
    active = [axis for axis, code in enumerate(key) if code != ALL]
    subsets = list(chain.from_iterable(combinations(active, size) for size in range(len(active), -1, -1)))
    for corner in _choices(lattice, list(lattice.children(key, level)), hidden):
        for turning in subsets:
            options = [_partners(lattice, key, corner, axis, hidden) for axis in turning]
            for partners in product(*options):
                box = _box(lattice, corner, dict(zip(turning, partners, strict=True)))
                if all(moved in hidden for moved in box.moved if lattice.level_of(moved) != level):
                    yield box


def _partners(lattice: Lattice, key: Key, corner: Key, axis: int, hidden: Mapping[Key, object]) -> list[str]:
    """Codes to turn to on an axis: outside what `key` adds up, those hidden already first."""
    dimension = lattice.dimensions[axis]
    depth = len(dimension.chain(corner[axis])) - 1
    others = [code for code in dimension.levels[depth] if key[axis] not in dimension.chain(code)]
    keys = [(*corner[:axis], code, *corner[axis + 1 :]) for code in others]
    return [chosen[axis] for chosen in _choices(lattice, keys, hidden)]


def _choices(lattice: Lattice, keys: list[Key], hidden: Mapping[Key, object]) -> list[Key]:
    """The most promising of many: hidden and large first, then shown and small, zeros last."""

    def rank(key: Key) -> tuple[bool, bool, int]:
        value = lattice.value(key)
        return value == 0, key not in hidden, -value if key in hidden else value

    return list(islice(sorted(keys, key=rank), _CHOICES))


def _box(lattice: Lattice, corner: Key, partners: Mapping[int, str]) -> Box:
    ends = [(code, partners[axis]) if axis in partners else (code,) for axis, code in enumerate(corner)]
    moved: dict[Key, int] = {}
    corners = tuple(product(*ends))
    for one in corners:
        sign = -1 if sum(code != base for code, base in zip(one, corner, strict=True)) % 2 else 1
        for key in product(*(_moving(lattice, axis, code, ends[axis]) for axis, code in enumerate(one))):
            moved[key] = sign
    return Box(corners, moved)


def _moving(lattice: Lattice, axis: int, code: str, ends: tuple[str, ...]) -> tuple[str, ...]:
    """The totals over one axis that move with this end: up to where both ends meet, or all."""
    chains = [lattice.dimensions[axis].chain(end) for end in ends]
    shared = set(chains[0]).intersection(*chains[1:]) if len(ends) > 1 else set()
    return tuple(one for one in lattice.dimensions[axis].chain(code) if one not in shared)
