"""The other side's receipt changes what we know of our own message."""

from contracts.terms import ReceiptStage
from services.notifications.domain.envelope import Opened
from services.notifications.domain.errors import EnvelopeRefusedError
from services.notifications.domain.events import Event, ReceiptRecorded
from services.notifications.domain.ports import Unit
from services.notifications.domain.receipts import Receipt
from services.notifications.domain.routes import is_node, node_of


async def record_receipt(unit: Unit, opened: Opened, receipt: Receipt) -> list[Event]:
    """Believe a receipt for an envelope that we sent to that country, byte for byte; each stage counts once."""
    if not await unit.arrivals.first_opening(opened.header.sender, opened.header.envelope_id):
        raise EnvelopeRefusedError("replayed")
    found = await unit.messages.sealing(receipt.envelope_id)
    if found is None:
        raise EnvelopeRefusedError("receipt_unmatched")
    told, digest, sealed_at = found
    if digest != receipt.digest or node_of(told.recipient) != node_of(opened.header.sender):
        raise EnvelopeRefusedError("receipt_mismatch")
    events: list[Event] = []
    for stage, at in receipt.stages:
        if await unit.envelopes.advance(told, stage, at) and not is_node(told.sender):
            events.append(ReceiptRecorded(told, stage, sealed_at, at, digest))
        if stage is ReceiptStage.OPENED:
            await unit.messages.forget(told.event_id, told.recipient)
    return events
