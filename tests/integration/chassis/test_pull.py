"""The pull request that stands at the server: nothing waits for a window, nothing is lost between two of them."""

import asyncio

import nats.errors
import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from services.chassis.bus import Bus
from services.chassis.pull import Pull
from tests.support.nats import NatsServer

LONG = 30.0
SHORT = 0.02


async def _publish(bus: Bus, *numbers: int) -> None:
    for number in numbers:
        await bus.publish("event.node.sample.x", str(number).encode(), {})


async def _taken(pull: Pull, batch: int, wait: float) -> list[int]:
    messages = await pull.fetch(batch, wait)
    for message in messages:
        await message.ack()
    return [int(message.data) for message in messages]


async def test_a_message_is_handed_out_at_once_however_earlier_windows_ended(bus: Bus) -> None:
    """nats-py's fetch held 14 of these 60 until its window was over."""
    async with bus.bound("EVENTS", "sample") as pull:
        for number in range(60):
            assert await _taken(pull, 100, SHORT) == []
            waiting = asyncio.create_task(_taken(pull, 100, LONG if number % 2 else 1.0))
            await asyncio.sleep(0.001 * (number % 5))
            await _publish(bus, number)
            async with asyncio.timeout(LONG / 3):
                assert await waiting == [number]


async def test_every_message_comes_once_and_in_order_over_many_requests(bus: Bus) -> None:
    publishing = asyncio.create_task(_publish(bus, *range(300)))
    seen: list[int] = []

    async with bus.bound("EVENTS", "sample") as pull, asyncio.timeout(20):
        while len(seen) < 300:
            seen += await _taken(pull, 7, 0.05)
    await publishing

    assert seen == list(range(300))


async def test_what_a_killed_process_had_in_hand_comes_again_at_once(bus: Bus) -> None:
    await _publish(bus, *range(5))
    async with bus.bound("EVENTS", "sample") as killed:
        assert len(await killed.fetch(3, 5)) == 3  # never acknowledged

    async with bus.bound("EVENTS", "sample") as pull, asyncio.timeout(LONG / 3):
        assert await _taken(pull, 100, 5) + await _taken(pull, 100, 0.5) == [0, 1, 2, 3, 4]


async def test_whoever_waits_is_told_that_the_broker_came_back(bus: Bus, broker: NatsServer) -> None:
    """Else nothing comes until the window is over: the broker that held the request is another one now."""
    async with bus.bound("EVENTS", "sample") as pull:
        waiting = asyncio.create_task(pull.fetch(10, 600))
        await asyncio.sleep(0.1)

        broker.kill()
        await asyncio.to_thread(broker.start)

        async with asyncio.timeout(LONG):
            with pytest.raises(nats.errors.Error):
                await waiting
    await _publish(bus, 1)
    async with bus.bound("EVENTS", "sample") as pull:
        assert await _taken(pull, 10, LONG) == [1]


async def test_a_consumer_that_is_gone_is_said(bus: Bus) -> None:
    async with bus.bound("EVENTS", "sample") as pull:
        waiting = asyncio.create_task(pull.fetch(10, LONG))
        await asyncio.sleep(0.1)

        await bus.jetstream.delete_consumer("EVENTS", "sample")

        with pytest.raises(nats.errors.Error):
            await waiting
        with pytest.raises(nats.errors.Error):
            await pull.fetch(10, LONG)


async def test_a_consumer_that_is_not_there_yet_is_said_and_waited_for(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    async def taken() -> list[int]:
        async with bus.bound("EVENTS", "late") as pull:
            return await _taken(pull, 1, LONG)

    waiting = asyncio.create_task(taken())
    await asyncio.sleep(0.1)
    await bus.jetstream.add_consumer("EVENTS", ConsumerConfig(durable_name="late", ack_policy=AckPolicy.EXPLICIT))
    await _publish(bus, 1)

    async with asyncio.timeout(LONG / 3):
        assert await waiting == [1]
    assert "consumer_missing" in caplog.messages
