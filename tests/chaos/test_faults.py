"""200 referrals while the link is black-holed, a node is killed, and the relay is killed between publish and ack."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

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
    await asyncio.sleep(4)
    backlog.append(await asyncio.to_thread(_backlog, installation))
    proxy.reset()
    proxy.set(Mode.UP)
    await asyncio.to_thread(_kill_the_node, installation, "uz")
    await sending
    for _ in range(3):
        await asyncio.to_thread(installation.kill, "kz.notifications")
        await asyncio.sleep(2)

    arrived = await _arrived(installation, REFERRALS)
    assert max(backlog) > 0
    assert sorted(arrived) == sorted(story.referral_id for story in stories)
    assert await _everything_was_applied_once_and_in_order(installation)


async def _send_all(stories: list[Story]) -> None:
    limit = asyncio.Semaphore(8)

    async def send(story: Story) -> None:
        async with limit:
            await story.draft()
            await story.consent()
            await story.say(story.referring, "send")
            await asyncio.sleep(0.05)

    await asyncio.gather(*(send(story) for story in stories))


def _backlog(installation: Installation) -> int:
    streams = installation.status()["streams"]
    return sum(one["pending"] for one in streams if one["node"] == "kz" and one["stream"].startswith("OUT_UZ"))


def _kill_the_node(installation: Installation, node: str) -> None:
    for part in ("nats", "notifications", "referrals", "directory", "identity", "coordination"):
        installation.kill(f"{node}.{part}")


async def _arrived(installation: Installation, expected: int) -> list[str]:
    connection = await asyncpg.connect(dict(databases(installation, "uz"))["uz_referrals"])
    try:
        async with asyncio.timeout(120):
            while True:
                rows = await connection.fetch("SELECT id FROM referral WHERE side = 'receiving'")
                if len(rows) >= expected:
                    return [str(row["id"]) for row in rows]
                await asyncio.sleep(0.5)
    finally:
        await connection.close()


async def _everything_was_applied_once_and_in_order(installation: Installation) -> bool:
    connection = await asyncpg.connect(dict(databases(installation, "uz"))["uz_referrals"])
    try:
        lanes = await connection.fetch(
            """SELECT array_agg(sequence ORDER BY sequence) AS seen, array_agg(applied_at ORDER BY sequence) AS at
            FROM inbox WHERE source = '/kz/referrals' GROUP BY lane"""
        )
        parked = await connection.fetchval("SELECT count(*) FROM inbox WHERE parked_code IS NOT NULL")
    finally:
        await connection.close()
    gapless = all(lane["seen"] == list(range(1, len(lane["seen"]) + 1)) for lane in lanes)
    ordered = all(before <= after for lane in lanes for before, after in pairwise(lane["at"]))
    return gapless and ordered and parked == 0 and len(lanes) > 0
