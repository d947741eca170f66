"""A message on its way out: whole until the other side has opened it, so that it can be sealed again."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.envelope import CloudEvent
from services.notifications.domain.envelope import EVENT_SCHEMA, RECEIPT_SCHEMA
from services.notifications.domain.events import Told
from services.notifications.domain.routes import is_node, node_of


class Kind(StrEnum):
    EVENT = EVENT_SCHEMA
    RECEIPT = RECEIPT_SCHEMA


class Hold(StrEnum):
    """Why a message waits here. `PERMANENT` ones wait for a person, the others go by themselves."""

    CORRIDOR_CLOSED = "corridor_closed"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    RECIPIENT_KEY_UNKNOWN = "recipient_key_unknown"
    SENDER_KEY_MISSING = "sender_key_missing"
    NO_ROUTE = "no_route"
    DAY_SHARE_USED = "day_share_used"
    TOO_LARGE = "too_large"
    BORDER_REFUSED = "border_refused"


PERMANENT = (Hold.TOO_LARGE, Hold.BORDER_REFUSED)


@dataclass(frozen=True)
class Message:
    """`lane` orders it: source, the event's own lane, and the party it goes to. `body` is what gets sealed."""

    kind: Kind
    lane: str
    told: Told
    body: bytes

    @property
    def destination(self) -> str:
        return node_of(self.told.recipient)

    @property
    def author(self) -> str:
        """Whose doing it is: a broadcast is sent by the node, for the agency that its event names."""
        if not is_node(self.told.sender) or self.kind is Kind.RECEIPT:
            return self.told.sender
        return CloudEvent.model_validate_json(self.body).sender or self.told.sender

    @classmethod
    def of(cls, event: CloudEvent, sender: str, recipient: str) -> "Message":
        """The message that carries this event to that party."""
        told = Told(event.id, event.type, event.subject, sender, recipient)
        lane = f"{event.source}|{event.lane}|{recipient}"
        return cls(Kind.EVENT, lane, told, event.model_dump_json(exclude_none=True).encode())


@dataclass(frozen=True)
class HeldMessage:
    """A message that has not been sealed yet; `reason` is None for one that was not tried."""

    number: int
    message: Message
    reason: str | None


@dataclass(frozen=True)
class Arrival:
    """An envelope as it arrived, stored before anything else is done with it."""

    arrival_id: UUID
    origin: str
    lane: str
    data: bytes
    digest: str
    receipted: bool


@dataclass(frozen=True)
class Incoming:
    """One message of an IN_ stream, `position` in it; ids are None when its header cannot be read."""

    origin: str
    lane: str
    position: int
    agency_id: str
    envelope_id: UUID | None
    sender: str | None
    recipient: str | None
    data: bytes
