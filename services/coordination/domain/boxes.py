"""Boxes: cells of a table that can move in turn (+1, -1, +1 …) without moving any number that is shown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, islice, product

from services.coordination.domain.lattice import ALL, Dimension, Key, Lattice

Bounds = tuple[int, int | None]

_CHOICES = 16
_ENDLESS = 1_000_000


@dataclass(frozen=True)
class Box:
    """`moved` are all numbers that move, totals included, each by +1 or -1; `finest` those of the finest level."""

    finest: tuple[Key, ...]
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
                box = _box(lattice, corner, dict(zip(turning, partners, strict=True)), hidden)
                if box is not None:
                    yield box


def _partners(lattice: Lattice, key: Key, corner: Key, axis: int, hidden: Mapping[Key, object]) -> list[str]:
    """Codes to turn to on an axis: outside what `key` adds up, those hidden already first."""
    dimension = lattice.dimensions[axis]
    level = dimension.levels[dimension.depth(corner[axis])]
    others = [code for code in level if key[axis] not in dimension.chain(code)]
    keys = [(*corner[:axis], code, *corner[axis + 1 :]) for code in others]
    return [chosen[axis] for chosen in _choices(lattice, keys, hidden)]


def _choices(lattice: Lattice, keys: list[Key], hidden: Mapping[Key, object]) -> list[Key]:
    """The most promising of many: hidden and large first, then shown and small, zeros last."""

    def rank(key: Key) -> tuple[bool, bool, int]:
        value = lattice.value(key)
        return value == 0, key not in hidden, -value if key in hidden else value

    return list(islice(sorted(keys, key=rank), _CHOICES))


def _box(lattice: Lattice, corner: Key, partners: Mapping[int, str], hidden: Mapping[Key, object]) -> Box | None:
    """The box, unless it moves a total that is shown."""
    ends = enumerate(zip(lattice.dimensions, corner, strict=True))
    moving = [_moving(dimension, code, partners.get(axis)) for axis, (dimension, code) in ends]
    level = lattice.level_of(corner)
    moved: dict[Key, int] = {}
    finest: list[Key] = []
    for one in product(*moving):
        sign = -1 if sum(code != base for code, base in zip(one, corner, strict=True)) % 2 else 1
        for key in product(*(codes[code] for codes, code in zip(moving, one, strict=True))):
            is_finest = key == one or lattice.level_of(key) == level
            if not is_finest and key not in hidden:
                return None
            if is_finest:
                finest.append(key)
            moved[key] = sign
    return Box(tuple(finest), moved)


def _moving(dimension: Dimension, code: str, partner: str | None) -> dict[str, tuple[str, ...]]:
    """By end, the totals over one axis that move with it: up to where both ends meet, or all."""
    if partner is None:
        return {code: dimension.chain(code)}
    chains = {end: dimension.chain(end) for end in (code, partner)}
    shared = set(chains[code]).intersection(chains[partner])
    return {end: tuple(one for one in chain if one not in shared) for end, chain in chains.items()}
