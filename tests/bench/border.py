"""The border at a fixed rate: commit in Kazakhstan to commit in Uzbekistan, and until the receipt is back."""

import asyncio

import asyncpg
import httpx

from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.installation import Installation

REFERRALS = 300
PER_SECOND = 20
_PATIENCE = 300


async def measure(installation: Installation) -> dict[str, object]:
    """p50 and p99 in milliseconds, one host, one clock."""
    await _drained(installation)
    async with httpx.AsyncClient(timeout=60) as http:
        cast = Cast(installation.addresses, http)
        stories = [Story(cast.first("kz"), cast.first("uz"), Plot()) for _ in range(REFERRALS)]
        for start in range(0, REFERRALS, 10):
            await asyncio.gather(*(_ready(story) for story in stories[start : start + 10]))
        await _send_at_rate(stories)
    await _drained(installation)
    sent = await _rows(installation, "kz", _SENT)
    applied = await _rows(installation, "uz", _APPLIED)
    receipted = await _rows(installation, "kz", _RECEIPTED)
    wanted = {story.referral_id for story in stories}
    sent = {event: at for event, (referral, at) in _by_referral(sent).items() if referral in wanted}
    return {
        "referrals": len(sent),
        "per_second": PER_SECOND,
        "commit_to_commit_ms": _percentiles(sent, {row["event_id"]: row["at"] for row in applied}),
        "commit_to_receipt_ms": _percentiles(sent, {row["event_id"]: row["at"] for row in receipted}),
    }


async def _drained(installation: Installation) -> None:
    """Wait until nothing is under way: what the creates told, or what was sent at the fixed rate."""
    quiet = 0
    async with asyncio.timeout(_PATIENCE):
        while quiet < 2:
            unsent = [len(await _rows(installation, node, _UNSENT)) for node in ("kz", "uz")]
            waiting = sum(one["pending"] for one in (await asyncio.to_thread(installation.status))["streams"])
            quiet = quiet + 1 if sum(unsent) + waiting == 0 else 0
            await asyncio.sleep(1)


async def _ready(story: Story) -> None:
    await story.draft()
    await story.consent()


async def _send_at_rate(stories: list[Story]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    sending = []
    for number, story in enumerate(stories):
        await asyncio.sleep(max(0, began + number / PER_SECOND - loop.time()))
        sending.append(asyncio.create_task(story.say(story.referring, "send")))
    await asyncio.gather(*sending)


def _by_referral(rows: list[asyncpg.Record]) -> dict[object, tuple[str, object]]:
    return {row["event_id"]: (row["lane"].split(":")[1], row["at"]) for row in rows}


def _percentiles(sent: dict[object, object], arrived: dict[object, object]) -> dict[str, float]:
    waits = sorted((arrived[event] - at).total_seconds() * 1000 for event, at in sent.items() if event in arrived)  # type: ignore[operator]
    if len(waits) < len(sent):
        raise RuntimeError(f"{len(sent) - len(waits)} of {len(sent)} messages did not arrive in time")
    return {"p50": round(waits[len(waits) // 2], 1), "p99": round(waits[int(len(waits) * 0.99)], 1)}


async def _rows(installation: Installation, node: str, query: str) -> list[asyncpg.Record]:
    base = str(installation.addresses["postgres"]["admin_url"]).rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{base}/{node}_referrals")
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


_UNSENT = "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"
_SENT = "SELECT event_id, lane, created_at AS at FROM outbox WHERE type = 'referral.sent.v1'"
_APPLIED = "SELECT event_id, applied_at AS at FROM inbox WHERE type = 'referral.sent.v1'"
_RECEIPTED = "SELECT event_id, opened_at AS at FROM custody_entry WHERE act = 'sent' AND opened_at IS NOT NULL"
