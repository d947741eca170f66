"""A NATS server of one test's own, to be killed at will."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from services.chassis.bus import Bus
from tests.support.nats import NatsServer


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest_asyncio.fixture
async def bus(broker: NatsServer) -> AsyncIterator[Bus]:
    """A stream and a consumer on it, both of one test's own."""
    made = await Bus.connect(broker.url, broker.seed_file, None, "sample")
    await made.jetstream.add_stream(StreamConfig("EVENTS", subjects=["event.>"]))
    await made.jetstream.add_consumer("EVENTS", ConsumerConfig(durable_name="sample", ack_policy=AckPolicy.EXPLICIT))
    yield made
    await made.close()
