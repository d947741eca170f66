"""A number as it may be shown: open, below the threshold, or withheld to protect another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Held = Literal["", "below", "withheld"]


@dataclass(frozen=True)
class Cell:
    """A count; `held` says why there is none."""

    count: int | None
    held: Held = ""

    @property
    def is_zero(self) -> bool:
        return self.count == 0


@dataclass(frozen=True)
class Total:
    """What the shown counts add up to; `more` when something was held back."""

    count: int
    more: bool

    def __str__(self) -> str:
        return f"{self.count}+" if self.more else str(self.count)


def best(known: Cell | None, cells: Iterable[Cell]) -> Total:
    """The total as it was told; where it is held back, what is shown of it."""
    return Total(known.count, more=False) if known and known.count is not None else total(cells)


def total(cells: Iterable[Cell]) -> Total:
    """Add only what is shown."""
    known = list(cells)
    return Total(sum(cell.count or 0 for cell in known), any(cell.held for cell in known))
