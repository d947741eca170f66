"""The border relay (nats.md §1, §2): one message in flight a lane, acknowledged only after the far side's PubAck."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import nats.errors
from nats.aio.msg import Msg
from nats.js.errors import APIError

from services.chassis.bus import REQUEST_SECONDS, Bus, RefusedError
from services.chassis.consumer import bury
from services.chassis.database import LOST
from services.chassis.logs import Log
from services.notifications.domain.envelope import read_header
from services.notifications.domain.errors import EnvelopeRefusedError
from services.notifications.domain.events import DeliveryParked
from services.notifications.domain.messages import Hold
from services.notifications.domain.ports import Seals
from services.notifications.domain.routes import border_subject, is_node
from services.notifications.messaging.units import Begin, tell
from services.notifications.usecases.renew_envelope import renew_envelope

log = Log("border_relay")

DURABLE = "relay"
_BATCH = 256
_LONGEST_PAUSE = 5.0
_RENEW_BEFORE = timedelta(hours=1)
_MESSAGE_TOO_LARGE = 10054
_LOST = (*LOST, nats.errors.Error)


class BorderRelay:
    """Carries OUT_<destination> to the other side. One active instance: `run` belongs under `lead`."""

    def __init__(
        self,
        bus: Bus,
        begin: Begin,
        seals: Seals,
        destination: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bus = bus
        self._begin = begin
        self._seals = seals
        self._stream = f"OUT_{destination.upper()}"
        self._clock = clock

    async def run(self) -> None:
        """Carry for ever; after any lost connection, start again with the oldest that is not acknowledged."""
        while True:
            try:
                async with self._bus.bound(self._stream, DURABLE) as pull:
                    while True:
                        await self.carry(await pull.fetch(_BATCH, REQUEST_SECONDS))
            except _LOST as error:
                log.warning("border_relay_rebinds", stream=self._stream, error=type(error).__name__)
                await asyncio.sleep(1)

    async def carry(self, messages: Sequence[Msg]) -> None:
        """Carry a batch, lanes side by side; what was parked since it was posted stays here, and what is not ours."""
        for stray in [message for message in messages if not _is_ours(message)]:
            async with self._begin() as (work, _):
                await bury(work.connection, stray, "malformed")
            await stray.ack()
        messages = [message for message in messages if _is_ours(message)]
        if not messages:
            return
        parked = await self._parked(messages)
        lanes: dict[str, list[Msg]] = {}
        for message in sorted(messages, key=lambda one: one.metadata.sequence.stream):
            if _posted_id(message) in parked:
                await message.ack()
            else:
                lanes.setdefault(message.subject, []).append(message)
        crossed = await asyncio.gather(*(self._carry_lane(lane) for lane in lanes.values()))
        done = [message for lane in crossed for message in lane]
        if done:
            async with self._begin() as (_, unit):
                await unit.messages.mark_crossed([_posted_id(message) for message in done])
        for message in done:  # who is killed before this carries them again: the far side knows the Nats-Msg-Id
            await message.ack()

    async def _parked(self, messages: Sequence[Msg]) -> set[UUID]:
        async with self._begin() as (_, unit):
            return await unit.messages.held_among([_posted_id(message) for message in messages])

    async def _carry_lane(self, messages: Sequence[Msg]) -> list[Msg]:
        crossed: list[Msg] = []
        for number, message in enumerate(messages):
            try:
                await self._carry_one(message, messages[number:])
            except RefusedError as error:
                await self._park(message, error.reason)
                for rest in messages[number:]:
                    await rest.ack()
                break
            crossed.append(message)
        return crossed

    async def _carry_one(self, message: Msg, ours: Sequence[Msg]) -> None:
        pause = 0.2
        while True:
            try:
                await self._publish(message)
            except _LOST as error:
                log.warning("border_waits", stream=self._stream, error=type(error).__name__)
                for one in ours:
                    await _quietly(one.in_progress)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    async def _publish(self, message: Msg) -> None:
        envelope_id, data = _posted_id(message), message.data
        if read_header(data).expires < (self._clock() + _RENEW_BEFORE).timestamp():
            async with self._begin() as (_, unit):
                renewed = await renew_envelope(unit, self._seals, envelope_id)
            if renewed is None:
                return  # the other side confirmed it long ago
            envelope_id, data = renewed.envelope_id, renewed.data
        try:
            await self._bus.publish(border_subject(message.subject), data, {"Nats-Msg-Id": str(envelope_id)})
        except APIError as error:
            if error.err_code == _MESSAGE_TOO_LARGE:
                raise RefusedError("too_large") from error
            raise

    async def _park(self, message: Msg, reason: str) -> None:
        async with self._begin() as (work, unit):
            parked = await unit.messages.park_posted(_posted_id(message), Hold.BORDER_REFUSED)
            for told in parked:
                await unit.envelopes.park(told, Hold.BORDER_REFUSED)
            agencies = [told for told in parked if not is_node(told.sender)]
            await tell(work, [DeliveryParked(told, Hold.BORDER_REFUSED) for told in agencies])
        log.error("border_lane_parked", stream=self._stream, reason=reason, messages=len(parked))


def _posted_id(message: Msg) -> UUID:
    return UUID((message.headers or {})["Safar-Id"])


def _is_ours(message: Msg) -> bool:
    """Whether it is an envelope as the exchange posts them; who holds the border's key can write others."""
    try:
        read_header(message.data)
        return bool(_posted_id(message))
    except (KeyError, ValueError, EnvelopeRefusedError):
        return False


async def _quietly(action: Callable[[], Awaitable[object]]) -> None:
    try:
        await action()
    except nats.errors.Error as error:
        log.warning("border_touch_failed", error=type(error).__name__)
