"""Opens what arrived, lane by lane in order, each arrival in one transaction with all its effects."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from opentelemetry.trace import use_span

from contracts.envelope import CloudEvent
from contracts.terms import ReceiptStage
from services.chassis import telemetry
from services.chassis.database import LOST, UNSTORABLE, may_pass
from services.chassis.logs import Log
from services.chassis.work import Work
from services.notifications.domain.envelope import Opened, read_header
from services.notifications.domain.errors import EnvelopeRefusedError, NotYetError
from services.notifications.domain.messages import Arrival
from services.notifications.domain.node import Node
from services.notifications.domain.ports import Seals
from services.notifications.domain.receipts import Receipt
from services.notifications.messaging.units import Begin, Unit, tell
from services.notifications.usecases.dispatch_lane import dispatch_lane
from services.notifications.usecases.open_arrival import tell_arrival, verify_arrival
from services.notifications.usecases.record_receipt import record_receipt
from services.notifications.usecases.send_receipt import Stages, send_receipt

log = Log("opening")

_LANES_AT_ONCE = 4
_POLL_SECONDS = 1.0


class Opening:
    """Verifies and opens stored arrivals. What waits for a key is woken when the key has come."""

    def __init__(self, begin: Begin, seals: Seals, node: Node) -> None:
        self._begin = begin
        self._seals = seals
        self._node = node
        self._limits: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_LANES_AT_ONCE))
        self._busy: dict[tuple[str, str], bool] = {}  # lanes at work here; true when more came meanwhile

    async def run(self) -> None:
        """Open for ever what can be opened: after a start, after a key came, after a retry."""
        await self._again(wake_all=True)
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            await self._again(wake_all=False)

    async def sweep(self, *, wake_all: bool = False) -> None:
        """Open everything that is ready."""
        async with self._begin() as (_, unit):
            if wake_all:
                await unit.arrivals.wake_all()
            lanes = await unit.arrivals.ready_lanes()
        await self.open_lanes(lanes)

    async def open_lanes(self, lanes: Iterable[tuple[str, str]]) -> None:
        """Open these lanes side by side."""
        await asyncio.gather(*(self._open_lane(origin, lane) for origin, lane in lanes))

    async def _again(self, *, wake_all: bool) -> None:
        try:
            await self.sweep(wake_all=wake_all)
        except LOST as error:
            log.warning("opening_lost_database", error=type(error).__name__)

    async def _open_lane(self, origin: str, lane: str) -> None:
        if (origin, lane) in self._busy:
            self._busy[origin, lane] = True
            return
        self._busy[origin, lane] = True
        try:
            async with self._limits[origin]:  # a flood from one country keeps no other waiting
                while self._busy[origin, lane]:
                    self._busy[origin, lane] = False
                    while await self._open_next(origin, lane):
                        pass
        except Exception:  # noqa: BLE001  (one lane's defect must not stop the others; it is tried again)
            log.error("opening_failed", exception=True, origin=origin, lane=lane)
        finally:
            del self._busy[origin, lane]

    async def _open_next(self, origin: str, lane: str) -> bool:
        """Open the oldest; whether there was another behind it."""
        async with self._begin() as (work, unit):
            await unit.messages.lock(f"arrival|{origin}|{lane}")
            found = await unit.arrivals.next_stored(origin, lane)
            if found is None:
                return False
            arrival, at, is_last = found
            try:
                async with work.connection.transaction():
                    await self._open(work, unit, arrival, at)
            except NotYetError as error:
                await self._wait(work, unit, arrival, at, error)
            except Exception as error:
                if may_pass(error):
                    raise
                reason = _reason(error)
                await unit.arrivals.refuse(arrival.arrival_id, reason)
                log.error("dead_letter", origin=origin, reason=reason, size=len(arrival.data))
            return not is_last

    async def _open(self, work: Work, unit: Unit, arrival: Arrival, at: datetime) -> None:
        verified = await verify_arrival(unit, self._seals, self._node, arrival, at)
        if verified.event is not None:
            await self._take_event(work, unit, arrival, verified.opened, verified.event, at)
        elif verified.receipt is not None:
            await self._take_receipt(work, unit, verified.opened, verified.receipt)
        await unit.arrivals.settle(arrival.arrival_id, receipted=verified.event is not None)

    async def _take_event(
        self, work: Work, unit: Unit, arrival: Arrival, opened: Opened, event: CloudEvent, at: datetime
    ) -> None:
        span = telemetry.linked_span("border receive", event.traceparent, **{"safar.type": event.type})
        with use_span(span, end_on_exit=True, record_exception=False):
            here = telemetry.current_traceparent()
            await tell_arrival(unit, event.model_copy(update={"traceparent": here}), opened, at)
            stages: Stages = ((ReceiptStage.OPENED, datetime.now(UTC)),)
            if not arrival.receipted:
                stages = ((ReceiptStage.RECEIVED, at), *stages)
            await self._receipt(work, unit, arrival, stages)

    async def _take_receipt(self, work: Work, unit: Unit, opened: Opened, receipt: Receipt) -> None:
        span = telemetry.linked_span("border receipt", receipt.traceparent)
        with use_span(span, end_on_exit=True, record_exception=False):
            await tell(work, await record_receipt(unit, opened, receipt))

    async def _wait(self, work: Work, unit: Unit, arrival: Arrival, at: datetime, error: NotYetError) -> None:
        if not arrival.receipted:
            await self._receipt(work, unit, arrival, ((ReceiptStage.RECEIVED, at),))
        await unit.arrivals.wait(arrival.arrival_id, error.reason, error.waiting_for)
        log.warning("arrival_waits", origin=arrival.origin, reason=error.reason)

    async def _receipt(self, work: Work, unit: Unit, arrival: Arrival, stages: Stages) -> None:
        header = read_header(arrival.data)
        here = telemetry.current_traceparent()
        lane = await send_receipt(unit, self._node, arrival, header, stages, here)
        await tell(work, await dispatch_lane(unit, self._seals, self._node, lane, datetime.now(UTC)))


def _reason(error: Exception) -> str:
    """Why an arrival is a dead letter. What nobody foresaw is one too: tried for ever, it would hold up its lane."""
    if isinstance(error, EnvelopeRefusedError):
        return error.reason
    if isinstance(error, UNSTORABLE):
        return "cannot_be_stored"
    log.error("opening_defect", exception=True, error=type(error).__name__)
    return "defect"
