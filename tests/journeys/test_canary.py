"""A name put into a beneficiary is found nowhere it does not belong."""

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack

import asyncpg
import pytest

from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.databases import databases, dump
from tests.support.installation import Installation

CANARY = "Canary Zimorodok-Primerova"
QUESTION = "question-vesna-0173"
_EVENT = "SELECT event_id FROM custody_entry WHERE referral_id = $1 AND act = $2"
_ENVELOPE = "SELECT envelope_id FROM sealing WHERE event_id = $1"


@pytest.fixture(scope="module")
async def served(cast: Cast) -> Story:
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name=CANARY))
    story.record()
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "request_information", question=QUESTION)
    await story.seen_by(story.referring, "information_requested")
    await story.say(story.referring, "give_information", answer=QUESTION)
    await story.seen_by(story.receiving, "acknowledged")
    await story.say(story.receiving, "accept")
    await story.identity_seen()
    return story


def _variants(text: str) -> list[bytes]:
    return [form.encode(coding) for form in (text, text.lower()) for coding in ("utf-8", "utf-16-le")]


async def test_the_canary_arrived_where_it_belongs(served: Story) -> None:
    released = await served.identity_seen()

    assert released["identity"]["full_name"] == CANARY


async def test_the_canary_is_in_no_log_and_no_trace(installation: Installation, served: Story) -> None:
    written = await _written(installation)

    assert "logs/kz.referrals.log" in _found(written, '"kz.referrals"')
    assert _found(written, CANARY, QUESTION) == set()


async def test_the_canary_is_in_no_broker_storage_while_messages_wait(installation: Installation, cast: Cast) -> None:
    """Each receiver on the way is stopped in turn, and what waits for it searched: it is there, under ids alone."""
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name=CANARY))
    await story.send()
    await story.say(story.receiving, "acknowledge")

    with ExitStack() as receiving, ExitStack() as border_in, ExitStack() as border_out:
        with installation.stopped("kz.referrals"):
            await story.say(story.receiving, "accept", note=QUESTION)
            accepted = await _told_as(installation, "uz_referrals", _EVENT, story.referral_id, "accepted")
            waiting = [await _waiting(installation, "kz", "FROM_UZ", accepted)]
            receiving.enter_context(installation.stopped("uz.referrals"))
            border_in.enter_context(installation.stopped("uz.notifications"))
            border_out.enter_context(installation.stopped("kz.notifications"))
        released = await _told_as(installation, "kz_referrals", _EVENT, story.referral_id, "identity_released")
        waiting.append(await _waiting(installation, "kz", "EVENTS", released))
        border_out.close()
        sealed = await _told_as(installation, "kz_notifications", _ENVELOPE, released)
        waiting.append(await _waiting(installation, "uz", "IN_KZ", sealed))
        border_in.close()
        waiting.append(await _waiting(installation, "uz", "FROM_KZ", released))
    await story.identity_seen()

    assert _found(waiting, CANARY, QUESTION) == set()


async def _written(installation: Installation) -> list[tuple[str, bytes]]:
    """Every file, once the traces tell of the release of the identity."""
    release = {"traces/uz.notifications.jsonl", "traces/uz.referrals.jsonl"}
    async with asyncio.timeout(20):
        while True:
            written = list(installation.texts())
            if release <= _found(written, "referral.identity_released.v1"):
                return written
            await asyncio.sleep(0.5)


async def _told_as(installation: Installation, database: str, query: str, *values: str) -> str:
    """The id that a query finds, once there is one."""
    connection = await asyncpg.connect(dict(databases(installation, database[:2]))[database])
    try:
        async with asyncio.timeout(20):
            while (found := await connection.fetchval(query, *values)) is None:
                await asyncio.sleep(0.1)
        return str(found)
    finally:
        await connection.close()


async def _waiting(installation: Installation, node: str, stream: str, known: str) -> tuple[str, bytes]:
    """The files of a stream, once what is told under a known id waits in them."""
    store = installation.state / "nodes" / node / "nats" / "store"
    async with asyncio.timeout(20):
        while True:
            content = b"".join(path.read_bytes() for path in store.glob(f"*/*/streams/{stream}/msgs/*.blk"))
            if known.encode() in content:
                return f"{node} {stream}", content
            await asyncio.sleep(0.1)


def _found(texts: Iterable[tuple[str, bytes]], *wanted: str) -> set[str]:
    return {name for name, content in texts if any(n in content for text in wanted for n in _variants(text))}


@pytest.mark.parametrize("node", ["kz", "uz", "kg", "region"])
async def test_the_canary_is_in_no_database_in_plain(installation: Installation, served: Story, node: str) -> None:
    found = [name for name, content in dump(installation, node) if any(n in content for n in _variants(CANARY))]

    assert found == []


async def test_the_region_holds_no_referral_at_all(installation: Installation, served: Story) -> None:
    needles = [served.referral_id.encode(), served.case_id.encode(), served.code.encode()]

    held = [name for name, content in dump(installation, "region") if any(needle in content for needle in needles)]

    assert held == []
