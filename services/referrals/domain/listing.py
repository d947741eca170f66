"""How lists are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class ReferralFilter:
    """`after` is the last page's (due_at, id), or (None, id) when the newest come first."""

    role: str | None = None
    statuses: Sequence[str] = ()
    move: str | None = None
    case_id: UUID | None = None
    due_before: datetime | None = None
    by_due: bool = False
    after: tuple[datetime | None, UUID] | None = None
    limit: int = 50
