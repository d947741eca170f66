"""Events of the own node → use cases: what is addressed goes out, what identity publishes fills the directory."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.envelope import CloudEvent
from contracts.events.identity import (
    AgencyEnrolled,
    AgencyKeyPublished,
    AgencySuspended,
    CorridorClosed,
    CorridorOpened,
)
from contracts.registry import CONTRACTS
from services.chassis.database import NODE, Context
from services.chassis.inbox import Handler
from services.chassis.keys import PublicKeys, unb64
from services.chassis.problems import DomainError
from services.chassis.work import Work
from services.notifications.domain.envelope import is_usable
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Seals
from services.notifications.domain.routes import is_node, node_of
from services.notifications.messaging.units import Unit, UnitOf, tell
from services.notifications.usecases.dispatch_lane import dispatch_lane
from services.notifications.usecases.route_event import route_event

SYSTEM = Context(NODE, "node")

Change = Callable[[Unit, str, Any], Awaitable[None]]


class KeyRefusedError(DomainError):
    """A country speaks for its own agencies' keys only, in a suite of the closed list; never for a node's key."""

    code = "key_refused"


class NotYoursToSayError(DomainError):
    """Only the own country's registry opens and closes what leaves this country."""

    code = "not_yours_to_say"


class Incoming(Mapping[str, Handler]):
    """A handler for every type: an addressed event is carried whether or not this service reads its contract.

    `get` answers for unknown types too, so that the inbox quarantines them and never skips one.
    """

    def __init__(self, unit_of: UnitOf, seals: Seals, node: Node, wake: Callable[[], None]) -> None:
        self._unit_of = unit_of
        self._seals = seals
        self._node = node
        self._wake = wake

    def __getitem__(self, _: str) -> Handler:
        return self._handle

    def __iter__(self) -> Iterator[str]:
        return iter(CONTRACTS)

    def __len__(self) -> int:
        return len(CONTRACTS)

    async def _handle(self, work: Work, event: CloudEvent, payload: Any) -> None:
        await work.enter(SYSTEM)
        unit = self._unit_of(work)
        if event.lane.startswith("addressed:") and node_of_source(event) == self._node.name:
            for lane in await route_event(unit, self._node, event):
                await tell(work, await dispatch_lane(unit, self._seals, self._node, lane, datetime.now(UTC)))
            return
        change = CHANGES.get(event.type)
        if change in _OWN_REGISTRY_ALONE and node_of_source(event) != self._node.name:
            raise NotYoursToSayError
        if change is not None:
            await change(unit, node_of_source(event), payload)
            self._wake()


def node_of_source(event: CloudEvent) -> str:
    """The node that told an event; for inbound ones admission has compared it with the origin."""
    return event.source.split("/")[1]


async def _on_agency_enrolled(unit: Unit, node: str, payload: AgencyEnrolled) -> None:
    if node_of(payload.agency_id) == node:
        await unit.directory.save_agency(payload.agency_id, suspended=False)


async def _on_agency_suspended(unit: Unit, node: str, payload: AgencySuspended) -> None:
    if node_of(payload.agency_id) == node:
        await unit.directory.save_agency(payload.agency_id, suspended=True)


async def _on_agency_key_published(unit: Unit, node: str, payload: AgencyKeyPublished) -> None:
    if is_node(payload.agency_id):
        return  # a node's key is exchanged out of band, never taken from an event
    try:
        sign, seal = unb64(payload.sign_public), unb64(payload.seal_public)
    except ValueError:
        raise KeyRefusedError from None
    key = PublicKeys(payload.agency_id, payload.version, payload.suite, sign, seal)
    if node_of(payload.agency_id) != node or not is_usable(key):
        raise KeyRefusedError
    await unit.directory.save_key(key, payload.valid_from)


async def _on_corridor_opened(unit: Unit, _: str, payload: CorridorOpened) -> None:
    await unit.directory.save_corridor(payload.origin, payload.destination, is_open=True)


async def _on_corridor_closed(unit: Unit, _: str, payload: CorridorClosed) -> None:
    await unit.directory.save_corridor(payload.origin, payload.destination, is_open=False)


_OWN_REGISTRY_ALONE = (_on_corridor_opened, _on_corridor_closed)
"""What leaves this country is decided by this country's registry, whatever a partner tells."""

CHANGES: Mapping[str, Change] = {
    "agency.enrolled.v1": _on_agency_enrolled,
    "agency.suspended.v1": _on_agency_suspended,
    "agency_key.published.v1": _on_agency_key_published,
    "corridor.opened.v1": _on_corridor_opened,
    "corridor.closed.v1": _on_corridor_closed,
}
