"""What the API says. No content of any message, no name of any person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Delivery(BaseModel):
    """One message about a referral, as this agency may see it."""

    event_type: str
    direction: Literal["outbound", "inbound"]
    sender: str
    recipient: str
    state: Literal["queued", "parked", "sent", "received", "opened"]
    reason: str | None
    queued_at: datetime | None
    sent_at: datetime | None
    received_at: datetime | None
    opened_at: datetime | None


class Deliveries(BaseModel):
    items: list[Delivery]


class Link(BaseModel):
    """A partner over the border; `waiting` counts what has not crossed in time, `parked` what is held for a reason.

    `last_heard_at` is told by the quarter of an hour: this is public.
    """

    node: str
    state: Literal["up", "waiting"]
    last_heard_at: datetime | None
    waiting: int
    parked: int
    oldest_waiting_since: datetime | None


class Links(BaseModel):
    items: list[Link]


class DeadLetter(BaseModel):
    """A message that waits for a key or a person; nothing of it is lost."""

    id: UUID
    direction: Literal["outbound", "inbound"]
    state: Literal["waiting", "dead", "parked"]
    reason: str
    sender: str | None
    recipient: str | None
    size: int
    since: datetime


class DeadLetters(BaseModel):
    items: list[DeadLetter]


class Retried(BaseModel):
    id: UUID
    state: Literal["retrying"] = "retrying"
