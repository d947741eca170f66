"""Domain event → contract, for the own node."""

from contracts.events.notifications import DeliveryParked as DeliveryParkedContract
from contracts.events.notifications import ReceiptRecorded as ReceiptRecordedContract
from services.chassis.outbox import Outgoing
from services.notifications.domain.events import DeliveryParked, Event


def outgoing(event: Event) -> Outgoing:
    """Keyed by the subject, so that what is told about one referral stays in order."""
    told = event.about
    if isinstance(event, DeliveryParked):
        parked = DeliveryParkedContract(
            event_id=told.event_id, subject=told.subject, sender=told.sender, recipient=told.recipient,
            reason=event.reason,
        )  # fmt: skip
        return Outgoing(parked, key=told.subject)
    receipt = ReceiptRecordedContract(
        event_id=told.event_id, subject=told.subject, event_type=told.event_type, sender=told.sender,
        recipient=told.recipient, stage=event.stage, sent_at=event.sent_at, at=event.at, digest=event.digest,
    )  # fmt: skip
    return Outgoing(receipt, key=told.subject)
