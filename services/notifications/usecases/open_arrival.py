"""An envelope from abroad is verified, opened and told to this node; its receipt goes back."""

import json
from dataclasses import dataclass
from datetime import datetime

from contracts.envelope import CloudEvent
from services.notifications.domain.admission import require_contract, require_event, require_origin, require_receipt
from services.notifications.domain.envelope import EVENT_SCHEMA, Opened, read_header
from services.notifications.domain.errors import EnvelopeRefusedError
from services.notifications.domain.events import Told
from services.notifications.domain.messages import Arrival
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Seals, Unit
from services.notifications.domain.receipts import Receipt
from services.notifications.domain.routes import is_node


@dataclass(frozen=True)
class Verified:
    """What a verified envelope holds: an event, or a receipt."""

    opened: Opened
    event: CloudEvent | None
    receipt: Receipt | None


async def verify_arrival(unit: Unit, seals: Seals, node: Node, arrival: Arrival, at: datetime) -> Verified:
    """Verify without any effect; raises EnvelopeRefusedError, or NotYetError when something is still missing."""
    header = read_header(arrival.data)
    require_origin(header, arrival.origin, node.name)
    if not seals.holds(header.recipient):
        raise EnvelopeRefusedError("recipient_unknown")
    if not is_node(header.recipient) and not await unit.directory.has_agency(header.recipient):
        raise EnvelopeRefusedError("recipient_unknown")
    known = await unit.directory.keys(header.sender)
    opened = await seals.open(arrival.data, header.recipient, known, at)
    if opened.schema == EVENT_SCHEMA:
        event = _event(opened.body)
        require_event(header, event)
        require_contract(event, len(arrival.data))
        return Verified(opened, event, None)
    require_receipt(header)
    return Verified(opened, None, Receipt.from_bytes(opened.body))


async def tell_arrival(unit: Unit, event: CloudEvent, opened: Opened, at: datetime) -> None:
    """Tell the event to this node, once, however many envelopes carried it; raises EnvelopeRefusedError on replay."""
    header = opened.header
    if not await unit.arrivals.first_opening(header.sender, header.envelope_id):
        raise EnvelopeRefusedError("replayed")
    told = Told(event.id, event.type, event.subject, header.sender, header.recipient)
    if await unit.envelopes.record("inbound", told, "opened", at):
        await unit.post.republish(event)


def _event(body: bytes) -> CloudEvent:
    try:
        event = CloudEvent.model_validate_json(body)
        json.dumps(event.data, allow_nan=False)  # no JSON has such a number, and pydantic would write it as null
    except ValueError:
        raise EnvelopeRefusedError("event_malformed") from None
    return event
