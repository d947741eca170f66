"""One active border relay: two at once put 1,695 messages out of order (nats.md §2)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from services.chassis.database import LOST, Database
from services.chassis.logs import Log
from services.chassis.tasks import end

log = Log("leader")

_BORDER_LOCK = 0x5AFA0002
_CHECK_SECONDS = 2.0


async def lead(database: Database, work: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Do the work while this process holds the lock, for ever; a lost database connection stops the work."""
    while True:
        try:
            async with database.pool.acquire() as connection:
                while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _BORDER_LOCK):
                    await asyncio.sleep(_CHECK_SECONDS / 2)
                await _while_leading(connection, work)
        except LOST as error:
            log.warning("lead_lost", error=type(error).__name__)
            await asyncio.sleep(1)


async def _while_leading(
    connection: asyncpg.pool.PoolConnectionProxy, work: Sequence[Callable[[], Awaitable[None]]]
) -> None:
    tasks = [asyncio.ensure_future(one()) for one in work]
    try:
        while True:
            await connection.fetchval("SELECT true")
            done, _ = await asyncio.wait(tasks, timeout=_CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        await end(tasks)
        with contextlib.suppress(*LOST):  # with the connection the lock is gone as well
            await connection.execute("SELECT pg_advisory_unlock($1)", _BORDER_LOCK)
