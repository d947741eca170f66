"""200 referrals while the link is black-holed, a node is killed, and the relay is killed between publish and ack."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest

from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.databases import databases
from tests.support.installation import Installation, running_installation
from tests.support.postgres import free_port
from tests.support.proxy import Mode, Proxy

PORT = 18700
REFERRALS = 200


@pytest.fixture
async def proxied() -> AsyncIterator[tuple[Installation, Proxy, Cast]]:
    """Two countries; Uzbekistan's leaf link goes through a proxy that the test can cut."""
    hub_leaf = PORT + 20 * 6 + 9
    proxy = Proxy(free_port(), hub_leaf)
    await proxy.start()
    starting = running_installation("kz,uz", PORT, SAFAR_LEAF_PROXY_UZ=f"127.0.0.1:{proxy.port}")
    installation = await asyncio.to_thread(starting.__enter__)
    try:
        async with httpx.AsyncClient(timeout=60) as http:
            yield installation, proxy, Cast(installation.addresses, http)
    finally:
        proxy.set(Mode.UP)
        await asyncio.to_thread(starting.__exit__, None, None, None)
        await proxy.stop()


async def test_every_referral_arrives_once_and_in_order_whatever_is_cut_or_killed(
    proxied: tuple[Installation, Proxy, Cast],
) -> None:
    installation, proxy, cast = proxied
    stories = [Story(cast.first("kz"), cast.first("uz"), Plot()) for _ in range(REFERRALS)]
    backlog: list[int] = []

    sending = asyncio.create_task(_send_all(stories))
    await asyncio.sleep(1)
    proxy.set(Mode.BLACK_HOLE)
    await asyncio.sleep(2)
    backlog.append(await asyncio.to_thread(_backlog, installation))
    installation.kill("kz.notifications")
    proxy.set(Mode.UP)
    unacknowledged = await _arrived_and_not_acknowledged(installation)
    proxy.set(Mode.BLACK_HOLE)
    await asyncio.sleep(2)
    backlog.append(await asyncio.to_thread(_backlog, installation))
    proxy.reset()
    proxy.set(Mode.UP)
    _kill_the_node(installation, "uz")
    assert not sending.done()
    await sending
    installation.kill("kz.notifications")

    applied = await _applied(installation, sum(len(one) for one in _told(stories).values()))
    assert min(backlog) > 0
    assert unacknowledged
    assert applied == _told(stories)
    assert await _copies(installation) == {
        referral_id: "withdrawn" if len(told) > 1 else "delivered" for referral_id, told in applied.items()
    }
    assert await asyncio.to_thread(_given_up, installation) == []


def _told(stories: list[Story]) -> dict[str, list[int]]:
    """By referral, the sequences of what its referring agency says: every other one is withdrawn once it is sent."""
    return {story.referral_id: [1] if number % 2 else [1, 2] for number, story in enumerate(stories)}


async def _send_all(stories: list[Story]) -> None:
    limit = asyncio.Semaphore(8)

    async def send(number: int, story: Story) -> None:
        async with limit:
            await story.draft()
            await story.consent()
            await story.say(story.referring, "send")
            await asyncio.sleep(0.4)
            if number % 2 == 0:
                await story.say(story.referring, "withdraw", reason="sent_in_error")

    await asyncio.gather(*(send(number, story) for number, story in enumerate(stories)))


def _backlog(installation: Installation) -> int:
    streams = installation.status()["streams"]
    return sum(one["pending"] for one in streams if one["node"] == "kz" and one["stream"].startswith("OUT_UZ"))


def _kill_the_node(installation: Installation, node: str) -> None:
    for part in ("nats", "notifications", "referrals", "directory", "identity", "coordination"):
        installation.kill(f"{node}.{part}")


async def _arrived_and_not_acknowledged(installation: Installation) -> set[UUID]:
    """Envelopes that are over the border while the relay which carried them was killed before it knew."""
    near = await asyncpg.connect(dict(databases(installation, "kz"))["kz_notifications"])
    far = await asyncpg.connect(dict(databases(installation, "uz"))["uz_notifications"])
    try:
        carried = {row["posted_id"] for row in await near.fetch("SELECT posted_id FROM message WHERE state = 'sealed'")}
        async with asyncio.timeout(5):
            while True:
                arrived = {row["envelope_id"] for row in await far.fetch("SELECT envelope_id FROM arrival")}
                if arrived & carried:
                    return arrived & carried
                await asyncio.sleep(0.1)
    finally:
        await near.close()
        await far.close()


async def _applied(installation: Installation, expected: int) -> dict[str, list[int]]:
    """By referral, the sequences that the receiving side applied, in the order of applying."""
    connection = await asyncpg.connect(dict(databases(installation, "uz"))["uz_referrals"])
    try:
        async with asyncio.timeout(120):
            while True:
                rows = await connection.fetch(_APPLIED)
                if len(rows) >= expected:
                    break
                await asyncio.sleep(0.5)
    finally:
        await connection.close()
    applied: dict[str, list[int]] = {}
    for row in rows:
        applied.setdefault(row["referral_id"], []).append(row["sequence"])
    return applied


async def _copies(installation: Installation) -> dict[str, str]:
    """By referral, the status of the receiving agency's copy."""
    connection = await asyncpg.connect(dict(databases(installation, "uz"))["uz_referrals"])
    try:
        rows = await connection.fetch("SELECT id, status FROM referral WHERE side = 'receiving'")
    finally:
        await connection.close()
    return {str(row["id"]): row["status"] for row in rows}


def _given_up(installation: Installation) -> list[str]:
    """The services with a parked lane or a dead letter."""
    return [one["id"] for one in installation.status()["databases"] if one["parked"] or one["dead_letters"]]


_APPLIED = """SELECT split_part(lane, ':', 2) AS referral_id, sequence FROM inbox
WHERE source = '/kz/referrals' AND applied_at IS NOT NULL ORDER BY applied_at"""
