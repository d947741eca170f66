"""The envelope of every event: CloudEvents 1.0, structured JSON."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

PARTNERS = "partners"
"""The recipient of an addressed event that every partner country gets."""

AgencyId = Annotated[str, Field(pattern=r"^(kz|kg|tj|tm|uz|region)\.[a-z0-9][a-z0-9-]{0,62}$")]
"""`<node>.<slug>`; `<node>.node` is the node itself."""

ContractName = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+\.v[0-9]+$")]

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_FIRST, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_MOST = 10_000_000


def _written_as_one(at: Any) -> Any:
    """Pydantic would read a bare number as seconds since 1970."""
    if not isinstance(at, datetime) and not (isinstance(at, str) and _WRITTEN.match(at)):
        raise ValueError("no date and time with a zone, as in 2026-11-22T09:40:00+05:00")
    return at


def _of_our_time(at: datetime) -> datetime:
    if not _FIRST <= at < _END:
        raise ValueError("a time before 2020 or after 2099")
    return at


def _a_month(code: str) -> str:
    if not ("2020" <= code[:4] < "2100" and "01" <= code[5:] <= "12"):
        raise ValueError("no month between 2020 and 2099")
    return code


def _countable(number: int) -> int:
    if number > _MOST:
        raise ValueError("more than can be counted here")
    return number


Instant = Annotated[AwareDatetime, BeforeValidator(_written_as_one), AfterValidator(_of_our_time)]
"""A moment with its zone, from 2020 to 2099: what another country's clock or hand says beyond that is refused."""

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$"), AfterValidator(_a_month)]
"""A month of those years, as in 2026-11."""

Count = Annotated[int, Field(ge=0), AfterValidator(_countable)]
"""A number of referrals, or of hours; at most ten million."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Also what turns the direction of writing: a name must read as it is stored."""


class Frozen(BaseModel):
    """Base of all contracts: immutable, no field unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CloudEvent(Frozen):
    """One event. `sequence` is gapless from 1 in its `lane` of its `source`."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, Field(pattern=r"^/[a-z]+/[a-z]+$")]
    type: ContractName
    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    lane: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)]
    sender: AgencyId | None = None
    recipient: AgencyId | Literal["partners"] | None = None
    traceparent: Annotated[str, Field(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None = None
    data: dict[str, Any]


def clean_text(value: str) -> str:
    """Free text without control characters; raises ValueError so that the field is named."""
    return _readable(value).strip()


def _readable(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters are not allowed")
    return value


def _saying(value: str) -> str:
    if not value.strip():
        raise ValueError("nothing but space")
    return value


Readable = AfterValidator(_readable)
"""Of a text that travels: it reads as it is stored; a partner's API may have been less strict."""

Saying = AfterValidator(_saying)
"""Of a name: more than space."""


__all__ = [
    "PARTNERS",
    "AgencyId",
    "CloudEvent",
    "ContractName",
    "Count",
    "Frozen",
    "Instant",
    "Month",
    "Readable",
    "Saying",
    "clean_text",
]
