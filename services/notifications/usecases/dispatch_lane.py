"""Send what waits in a lane, in order, as far as it can go: sealed to the border, or told to the own node."""

import hashlib
from datetime import datetime

from contracts.envelope import CloudEvent
from contracts.terms import ReceiptStage
from services.chassis.ids import uuid7
from services.chassis.keys import PublicKeys
from services.notifications.domain.allowance import AN_AGENCYS_DAY
from services.notifications.domain.envelope import Letter
from services.notifications.domain.errors import TooLargeError
from services.notifications.domain.events import DeliveryParked, Event, ReceiptRecorded
from services.notifications.domain.messages import HeldMessage, Hold, Kind, Message
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Seals, Unit
from services.notifications.domain.routes import CONSENT_WITHDRAWN, is_node, needs_corridor, node_of


async def dispatch_lane(unit: Unit, seals: Seals, node: Node, lane: str, now: datetime) -> list[Event]:
    """Dispatch until something holds the lane; what comes behind it waits with it.

    A withdrawn consent waits for nobody's share of the day, and takes what is before it in its lane along.
    """
    await unit.messages.lock(lane)
    events: list[Event] = []
    reason: Hold | None = None
    waiting = await unit.messages.held(lane)
    urgent = any(held.message.told.event_type in CONSENT_WITHDRAWN for held in waiting)
    for held in waiting:
        if reason is None and not urgent:
            reason = await _share_used(unit, node, held.message)
        if reason is None:
            reason = await _dispatch(unit, seals, node, held, now, events)
        if reason is not None and held.reason != reason:
            events += await _park(unit, held, reason)
    return events


async def _dispatch(
    unit: Unit, seals: Seals, node: Node, held: HeldMessage, now: datetime, events: list[Event]
) -> Hold | None:
    message = held.message
    if message.destination == node.name:
        return await _deliver_here(unit, message, now, events)
    if reason := await _hindrance(unit, seals, node, message):
        return reason
    key = await newest_key(unit, message.told.recipient)
    if key is None:
        return Hold.RECIPIENT_KEY_UNKNOWN
    try:
        sealed = await seals.seal(letter_of(message), key)
    except TooLargeError:
        return Hold.TOO_LARGE
    await unit.messages.count_sent(message.author, message.destination, len(sealed.data))
    await unit.messages.mark_sealed(held.number, message, sealed)
    await unit.post.send(message, sealed)
    if held.reason is not None and message.kind is Kind.EVENT:
        await unit.envelopes.queue(message.told)
    return None


async def _hindrance(unit: Unit, seals: Seals, node: Node, message: Message) -> Hold | None:
    told = message.told
    if message.destination not in node.peers:
        return Hold.NO_ROUTE
    if needs_corridor(told.event_type, told.sender, told.recipient):
        way = (node_of(told.sender), node_of(told.recipient))
        if not await unit.directory.has_corridor((way,)):
            return Hold.CORRIDOR_CLOSED
    if not seals.holds(told.sender):
        return Hold.SENDER_KEY_MISSING
    return None


async def _share_used(unit: Unit, node: Node, message: Message) -> Hold | None:
    """Of a foreign country's day; a node's own words are not counted."""
    if message.destination == node.name or is_node(message.author) or message.kind is Kind.RECEIPT:
        return None
    used = await unit.messages.sent_today(message.author, message.destination)
    return Hold.DAY_SHARE_USED if used >= AN_AGENCYS_DAY else None


async def _deliver_here(unit: Unit, message: Message, now: datetime, events: list[Event]) -> Hold | None:
    told = message.told
    if not is_node(told.recipient) and not await unit.directory.has_agency(told.recipient):
        return Hold.RECIPIENT_UNKNOWN
    await unit.post.republish(CloudEvent.model_validate_json(message.body))
    await unit.envelopes.record("inbound", told, "opened", now)
    digest = hashlib.sha256(message.body).hexdigest()
    for stage in ("sent", *ReceiptStage):
        await unit.envelopes.advance(told, stage, now)
    if not is_node(told.sender):
        events += [ReceiptRecorded(told, stage, now, now, digest) for stage in ReceiptStage]
    await unit.messages.forget(told.event_id, told.recipient)
    return None


async def _park(unit: Unit, held: HeldMessage, reason: Hold) -> list[Event]:
    await unit.messages.hold(held.number, reason)
    if held.message.kind is Kind.RECEIPT:
        return []
    await unit.envelopes.park(held.message.told, reason)
    return [] if is_node(held.message.told.sender) else [DeliveryParked(held.message.told, reason)]


async def newest_key(unit: Unit, agency_id: str) -> PublicKeys | None:
    """The key to seal for, or None while none is known."""
    known = await unit.directory.keys(agency_id)
    return known[max(known)] if known else None


def letter_of(message: Message) -> Letter:
    """A letter with an id of its own: sealing again makes another letter of the same message."""
    return Letter(uuid7(), message.told.sender, message.told.recipient, message.kind, message.body)
