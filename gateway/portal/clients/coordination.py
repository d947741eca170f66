"""Coordination: counts that have passed the disclosure function. Nothing here names a person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.charts.cells import Cell
from gateway.portal.clients.api import Api

_S = "coordination"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells by the codes of the dimensions asked for, in that order; medians in hours by measure and codes."""

    cells: dict[Key, Cell]
    threshold: int = 11
    as_of: datetime | None = None
    waits: dict[tuple[str, Key], int | None] = field(default_factory=dict)


async def table(api: Api, *dimensions: str) -> Table:
    """A table of counts by these dimensions."""
    found = await api.post(_S, "/v1/count_queries", {"dimensions": list(dimensions), "filters": {}})
    as_of = found.get("as_of")
    return Table(
        cells={_key(one, dimensions): _cell(one) for one in found["rows"]},
        threshold=int(found["threshold"]),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        waits={(one["measure"], _key(one, dimensions)): one["median_hours"] for one in found.get("waits", [])},
    )


def _key(one: dict[str, Any], dimensions: tuple[str, ...]) -> Key:
    """The codes; a total lacks some and has a shorter key."""
    return tuple(str(one["at"][name]) for name in dimensions if name in one["at"])


def _cell(one: dict[str, Any]) -> Cell:
    if one.get("suppressed") == "below_threshold":
        return Cell(None, "below")
    return Cell(one["value"]) if one["value"] is not None else Cell(None, "withheld")
