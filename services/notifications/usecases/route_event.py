"""An addressed event becomes a message for each party it is for."""

from contracts.envelope import PARTNERS, CloudEvent
from services.chassis.problems import DomainError
from services.notifications.domain.messages import Kind, Message
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Unit
from services.notifications.domain.routes import node_agency


class RecipientMissingError(DomainError):
    """An addressed event that names nobody: a defect of its producer; the lane waits for a person."""

    code = "recipient_missing"


async def route_event(unit: Unit, node: Node, event: CloudEvent) -> list[str]:
    """Store the messages; the lanes that have something to dispatch."""
    if event.recipient is None:
        raise RecipientMissingError
    if event.recipient == PARTNERS:
        await unit.broadcasts.add(event)
        return [
            lane for partner in node.partners for lane in await fan_out(unit, node, event.source, event.lane, partner)
        ]
    message = Message.of(event, event.sender or node_agency(node.name), event.recipient)
    await add_message(unit, message)
    return [message.lane]


async def fan_out(unit: Unit, node: Node, source: str, lane: str, partner: str) -> list[str]:
    """Give a partner what it has not had of a broadcast lane, from the first on; the lanes to dispatch."""
    recipient = node_agency(partner)
    lanes = []
    await unit.messages.lock(f"broadcast|{source}|{lane}|{recipient}")
    for event in await unit.broadcasts.unsent(source, lane, recipient):
        message = Message.of(event, node_agency(node.name), recipient)
        await add_message(unit, message)
        await unit.broadcasts.mark(event, recipient)
        lanes.append(message.lane)
    return lanes[:1]


async def add_message(unit: Unit, message: Message) -> None:
    """Store a message and, unless it is a receipt, what its agency may see of it."""
    await unit.messages.add(message)
    if message.kind is Kind.EVENT:
        await unit.envelopes.record("outbound", message.told, "queued")
