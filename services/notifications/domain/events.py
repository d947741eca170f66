"""What the border tells about messages of its own agencies."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.terms import ReceiptStage


@dataclass(frozen=True)
class Told:
    """A message as its metadata says it."""

    event_id: UUID
    event_type: str
    subject: str
    sender: str
    recipient: str


@dataclass(frozen=True)
class ReceiptRecorded:
    """The other side has it: `at` by its clock, `sent_at` by ours."""

    about: Told
    stage: ReceiptStage
    sent_at: datetime
    at: datetime
    digest: str


@dataclass(frozen=True)
class DeliveryParked:
    """It cannot be carried as things are and waits, visibly."""

    about: Told
    reason: str


Event = ReceiptRecorded | DeliveryParked
