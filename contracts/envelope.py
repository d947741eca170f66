"""The envelope of every event: CloudEvents 1.0, structured JSON."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PARTNERS = "partners"
"""The recipient of an addressed event that every partner country gets."""

AgencyId = Annotated[str, Field(pattern=r"^(kz|kg|tj|tm|uz|region)\.[a-z0-9][a-z0-9-]{0,62}$")]
"""`<node>.<slug>`; `<node>.node` is the node itself."""

ContractName = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+\.v[0-9]+$")]

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
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    lane: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)]
    sender: AgencyId | None = None
    recipient: AgencyId | Literal["partners"] | None = None
    traceparent: Annotated[str, Field(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None = None
    data: dict[str, Any]


def clean_text(value: str) -> str:
    """Free text without control characters; raises ValueError so that the field is named."""
    if _CONTROL.search(value):
        raise ValueError("control characters are not allowed")
    return value.strip()


__all__ = ["PARTNERS", "AgencyId", "CloudEvent", "ContractName", "Frozen", "clean_text"]
