"""Tries again what was held: soon after a key, an agency or a corridor came, and from time to time."""

import asyncio
import contextlib
from datetime import UTC, datetime

from services.chassis.database import LOST
from services.chassis.logs import Log
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Seals
from services.notifications.domain.routes import node_agency
from services.notifications.messaging.units import Begin, tell
from services.notifications.usecases.dispatch_lane import dispatch_lane
from services.notifications.usecases.route_event import fan_out

log = Log("dispatcher")

_POLL_SECONDS = 5.0
_SETTLE_SECONDS = 0.2


class Dispatcher:
    """Releases held lanes, each in its own transaction."""

    def __init__(self, begin: Begin, seals: Seals, node: Node) -> None:
        self._begin = begin
        self._seals = seals
        self._node = node
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something came that may free a lane."""
        self._wake.set()

    async def run(self) -> None:
        """Release for ever."""
        while True:
            try:
                await self.catch_up_partners()
                await self.release()
            except LOST as error:
                log.warning("dispatcher_lost_database", error=type(error).__name__)
            except Exception:  # noqa: BLE001  (a defect in one lane must not stop the others for ever)
                log.error("dispatch_failed", exception=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._wake.wait()
                await asyncio.sleep(_SETTLE_SECONDS)  # the transaction that woke us commits meanwhile
            self._wake.clear()

    async def release(self) -> None:
        """Dispatch every lane that may go by itself."""
        async with self._begin() as (_, unit):
            lanes = await unit.messages.held_lanes()
        for lane in lanes:
            async with self._begin() as (work, unit):
                await tell(work, await dispatch_lane(unit, self._seals, self._node, lane, datetime.now(UTC)))

    async def catch_up_partners(self) -> None:
        """A partner that is new gets every broadcast from the first on, in lane order."""
        for partner in self._node.partners:
            async with self._begin() as (_, unit):
                lacking = await unit.broadcasts.lanes_lacking(node_agency(partner))
            for source, lane in lacking:
                async with self._begin() as (_, unit):
                    await fan_out(unit, self._node, source, lane, partner)
