"""What the use cases need of the world."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.terms import Country
from services.coordination.domain.counts import Fact, Publication, PublishedCell, View
from services.coordination.domain.table import CountedCell


@dataclass(frozen=True)
class OwnCount:
    """An agency's own true count."""

    side: str
    month: str
    service: str
    status: str
    count: int


class Counts(Protocol):
    """A country's counts by agency."""

    async def add(self, fact: Fact) -> None: ...

    async def take(self, fact: Fact) -> bool:
        """One fewer in the state before; False when nobody was counted there."""
        ...

    async def mark_changed(self, fact: Fact) -> None: ...

    async def note_changed_referral(self, fact: Fact) -> None:
        """Remember, until the next publication and no longer, that this referral has changed."""
        ...

    async def is_only_publisher(self) -> bool:
        """Become the one publisher until the transaction ends; False while another is."""
        ...

    async def changed_referrals(self, view: View) -> int:
        """How many different referrals have changed since that view was last published."""
        ...

    async def forget_changed_referrals(self, view: View) -> None: ...

    async def take_changed(self, most: int) -> Sequence[PublishedCell]:
        """Cells that the region was not told since they changed, as they are now."""
        ...

    async def publish_at_home(self) -> None:
        """What the country's own coordinators see becomes what is counted now."""
        ...

    async def of_agency(self) -> Sequence[OwnCount]: ...


class PublishedCounts(Protocol):
    """What coordinators see; in the region, by country."""

    async def put(self, cells: Sequence[PublishedCell]) -> None: ...

    async def note(self, publication: Publication) -> None: ...

    async def publications(self) -> Sequence[Publication]: ...


class Cells(Protocol):
    """Counted cells of this node's view, added up by some axes."""

    async def by(self, axes: Sequence[str]) -> Sequence[CountedCell]: ...

    async def months(self) -> tuple[str, str] | None:
        """The first and the last month in which anything was counted."""
        ...

    async def as_of(self) -> datetime | None: ...


class Telling(Protocol):
    """Tells the region, in the transaction that took the changed cells."""

    async def counts(self, country: Country, as_of: datetime, cells: Sequence[PublishedCell]) -> None: ...


@dataclass(frozen=True)
class Books:
    """Everything countable over one running transaction."""

    counts: Counts
    published: PublishedCounts
    cells: Cells
    telling: Telling


class Ledger(Protocol):
    """Begins transactions."""

    def node(self, principal: str) -> AbstractAsyncContextManager[Books]:
        """For the node's own view over all its agencies."""
        ...

    def agency(self, agency_id: str, principal: str) -> AbstractAsyncContextManager[Books]: ...
