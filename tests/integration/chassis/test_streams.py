"""Streams as deployment makes them: they keep what somebody has still to read, and lose nothing while they are made."""

import asyncio
import json
from collections.abc import AsyncIterator

import nats
import pytest_asyncio
from nats.aio.client import Client
from nats.js.api import StreamConfig

from deploy.local.plan import Plan
from deploy.local.streams import Stream, apply, declared
from tests.support.nats import NatsServer

STREAMS = {stream.name: stream for stream in declared(Plan(("kz", "uz")), "uz")}
FROM_KZ, EVENTS = STREAMS["FROM_KZ"], STREAMS["EVENTS"]


@pytest_asyncio.fixture
async def client(broker: NatsServer) -> AsyncIterator[Client]:
    made = await nats.connect(broker.url, nkeys_seed_str=broker.seed_file.read_text().strip())
    yield made
    await made.close()


async def read(client: Client, stream: Stream, durable: str) -> list[str]:
    """Read and acknowledge all that is there."""
    subscription = await client.jetstream().pull_subscribe_bind(durable=durable, stream=stream.name)
    subjects = []
    try:
        while True:
            for message in await subscription.fetch(100, timeout=0.5):
                subjects.append(message.subject)
                await message.ack_sync()
    except TimeoutError:
        return subjects


async def kept(client: Client, stream: Stream) -> int:
    return int((await client.jetstream().stream_info(stream.name)).state.messages)


async def test_what_every_reader_has_read_is_gone_and_what_one_has_not_stays(client: Client) -> None:
    await apply(client, FROM_KZ)
    jetstream = client.jetstream()
    for number in range(50):
        await jetstream.publish(f"from.KZ.identity.{number}", b"{}")
        await jetstream.publish(f"from.KZ.nobody.{number}", b"{}")

    assert await kept(client, FROM_KZ) == 50
    for durable in ("directory", "referrals"):
        subjects = await read(client, FROM_KZ, durable)
        assert len(subjects) == 50
        assert all(subject.startswith("event.inbound.identity.") for subject in subjects)
    assert await kept(client, FROM_KZ) == 50
    await read(client, FROM_KZ, "notifications")
    assert await kept(client, FROM_KZ) == 0


async def test_what_is_published_while_a_stream_is_made_reaches_every_reader(client: Client) -> None:
    published, made = 0, asyncio.Event()

    async def publish() -> None:
        nonlocal published
        while not made.is_set():
            try:
                await client.jetstream().publish("event.node.identity.x", b"{}", timeout=1)
            except nats.errors.Error:
                continue
            published += 1

    publishing = asyncio.create_task(publish())
    await asyncio.sleep(0.2)
    await apply(client, EVENTS)
    made.set()
    await publishing

    assert published
    for durable in ("directory", "referrals", "notifications"):
        assert len(await read(client, EVENTS, durable)) == published


async def test_a_stream_of_an_older_version_drops_what_was_read_and_keeps_the_rest(client: Client) -> None:
    jetstream = client.jetstream()
    older = EVENTS.configuration | {"retention": "limits"}
    answer = await client.request("$JS.API.STREAM.CREATE.EVENTS", json.dumps(older).encode())
    assert "error" not in json.loads(answer.data)
    assert (await jetstream.stream_info("EVENTS")).config.retention == StreamConfig(retention="limits").retention
    for name, consumer in EVENTS.consumers.items():
        wanted = {"stream_name": "EVENTS", "config": consumer, "action": ""}
        await client.request(f"$JS.API.CONSUMER.CREATE.EVENTS.{name}", json.dumps(wanted).encode())
    for number in range(20):
        await jetstream.publish(f"event.node.identity.{number}", b"{}")
    for durable in ("directory", "referrals"):
        await read(client, EVENTS, durable)

    await apply(client, EVENTS)
    await apply(client, EVENTS)

    assert len(await read(client, EVENTS, "notifications")) == 20
    assert await kept(client, EVENTS) == 0
