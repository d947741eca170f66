"""Coordination: counts that have passed the disclosure function. Nothing here names a person."""

from typing import Any

from gateway.charts.cells import Cell
from gateway.portal.clients.api import Api
from gateway.portal.clients.referrals import Answer

_S = "coordination"


class Row(Answer):
    """A cell of a table: its codes, and its count if it may be shown."""

    count: int | None = None
    suppressed: str | None = None

    def cell(self) -> Cell:
        if self.suppressed == "below_threshold":
            return Cell(None, "below")
        return Cell(self.count) if self.count is not None else Cell(None, "withheld")


class Table(Answer):
    """Cells by the codes of the dimensions asked for, in that order."""

    cells: dict[tuple[str, ...], Cell]
    threshold: int = 11


async def table(api: Api, *dimensions: str, **filters: Any) -> Table:
    """A table of counts by these dimensions."""
    body = {"dimensions": list(dimensions), "filters": filters}
    found = await api.post(_S, "/v1/count_queries", body)
    cells = {
        tuple(str(one[name]) for name in dimensions): Row.model_validate(one).cell()
        for one in found["cells"]
        if all(one.get(name) is not None for name in dimensions)
    }
    return Table(cells=cells, threshold=found.get("threshold") or 11)
