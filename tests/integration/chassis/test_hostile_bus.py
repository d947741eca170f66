"""On a bus on which others speak, nothing that they write silences a reader."""

import asyncio

import nats.errors
import pytest
from nats.aio.msg import Msg

from services.chassis.bus import Bus


async def _raw(bus: Bus, subject: bytes, headers: bytes = b"") -> None:
    sizes = b" %d %d" % (len(headers), len(headers) + 1) if headers else b" 1"
    verb = b"HPUB " if headers else b"PUB "
    await bus.client._send_command(verb + subject + sizes + b"\r\n" + headers + b"x\r\n")
    await bus.client._flush_pending()


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        (b"event.\xff\xfe", b""),
        (b"event.a\x00b", b""),
        (b"event.a", b"NATS/1.0 \xff\xfe\xfd boom\r\n\r\n"),
        (b"event.a", b"NATS/1.0 100 \xff\xfe\r\n\r\n"),
        (b"event.a", b"NATS/1.0 404 No Messages\r\n\r\n"),
        (b"event.a", b"NATS/1.0\r\nX: \xff\xfe\r\n\r\n"),
        (b"event.a", b"NATS/1.0"),
    ],
)
async def test_a_message_that_cannot_be_decoded_is_handed_out_and_its_neighbours_too(
    bus: Bus, subject: bytes, headers: bytes
) -> None:
    await _raw(bus, subject, headers)
    await bus.publish("event.good", b"y", {})

    async with bus.bound("EVENTS", "sample") as pull, asyncio.timeout(10):
        seen: list[Msg] = []
        while len(seen) < 2:
            seen += await pull.fetch(10, 5)

    assert [message.data[-1:] for message in seen] == [b"x", b"y"]
    assert seen[0].subject.isprintable()


async def test_a_reader_whose_reading_broke_connects_anew(bus: Bus) -> None:
    async def broken(_: bytes) -> None:
        bus.client._ps.parse = working
        raise RuntimeError

    async with bus.bound("EVENTS", "sample") as pull:
        working, bus.client._ps.parse = bus.client._ps.parse, broken
        async with asyncio.timeout(20):
            with pytest.raises(nats.errors.Error):
                await pull.fetch(1, 60)

    async with bus.bound("EVENTS", "sample") as pull, asyncio.timeout(10):
        await bus.publish("event.good", b"y", {})
        assert [message.data for message in await pull.fetch(1, 5)] == [b"y"]


@pytest.mark.parametrize(
    "answer",
    [b"", b"junk", b"[]", b'{"error": 1}', b'{"error": {}}', b'{"stream": 1}', b"\xff", b"[" * 100_000],
    ids=lambda answer: repr(answer[:12]),
)
async def test_an_answer_that_acknowledges_nothing_counts_as_none(bus: Bus, answer: bytes) -> None:
    """Across the border the other side's node answers, whatever it likes."""

    async def respond(message: Msg) -> None:
        await message.respond(answer)

    await bus.client.subscribe("elsewhere", cb=respond)

    with pytest.raises(nats.errors.Error):
        await bus.publish("elsewhere", b"x", {})
