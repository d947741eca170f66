"""What the border tells the node about its own messages."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.envelope import AgencyId, Frozen, Instant
from contracts.registry import contract
from contracts.terms import ReceiptStage


@contract("receipt.recorded.v1", producer="notifications", consumers=("referrals",))
class ReceiptRecorded(Frozen):
    """The other side signed that it received or opened the message `event_id` about `subject`.

    `at` is the other side's clock, `sent_at` this side's when the message was sealed.
    """

    event_id: UUID
    subject: Annotated[str, Field(max_length=100)]
    event_type: Annotated[str, Field(max_length=100)]
    sender: AgencyId
    recipient: AgencyId
    stage: ReceiptStage
    sent_at: Instant
    at: Instant
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@contract("delivery.parked.v1", producer="notifications", consumers=("referrals",))
class DeliveryParked(Frozen):
    """A message cannot be carried as it is and waits for a person; nothing was lost."""

    event_id: UUID
    subject: Annotated[str, Field(max_length=100)]
    sender: AgencyId
    recipient: AgencyId
    reason: Annotated[str, Field(max_length=60)]
