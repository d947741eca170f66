"""Say to the sending node what became of its envelope."""

from datetime import datetime

from contracts.terms import ReceiptStage
from services.chassis.ids import uuid7
from services.notifications.domain.envelope import Header
from services.notifications.domain.events import Told
from services.notifications.domain.messages import Arrival, Kind, Message
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Unit
from services.notifications.domain.receipts import Receipt
from services.notifications.domain.routes import node_agency

Stages = tuple[tuple[ReceiptStage, datetime], ...]


async def send_receipt(
    unit: Unit, node: Node, arrival: Arrival, header: Header, stages: Stages, traceparent: str | None
) -> str:
    """Store the receipt's message, in the order of the lane that it answers; the lane to dispatch."""
    receipt = Receipt(header.envelope_id, arrival.digest, stages, traceparent)
    recipient = node_agency(arrival.origin)
    told = Told(uuid7(), Kind.RECEIPT, str(header.envelope_id), node_agency(node.name), recipient)
    message = Message(Kind.RECEIPT, f"receipt|{arrival.lane}|{recipient}", told, receipt.to_bytes())
    await unit.messages.add(message)
    return message.lane
