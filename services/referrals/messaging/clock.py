"""Time as a message: due deadlines, each in a transaction of its own, by one leader, exactly once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from services.chassis.database import LOST, NODE, Connection, Context, Database
from services.chassis.logs import Log
from services.chassis.work import Units, Work
from services.referrals.domain.ports import Desk
from services.referrals.domain.terms import Step
from services.referrals.usecases.end_access import end_access
from services.referrals.usecases.fire_deadline import fire_deadline

log = Log("clock")

_LEADER_LOCK = 0x5AFA0002
_TICK_SECONDS = 1.0
_BATCH = 100
_ASIDE_SECONDS = 60.0
_PURGE_EVERY = 3600
_ACCESS_EVERY = 60
_PURGE = "DELETE FROM idempotency WHERE created_at < now() - interval '2 days'"

Due = Callable[[Connection, int], Awaitable[Sequence[tuple[str, UUID, Step]]]]
Over = Callable[[Connection, int], Awaitable[Sequence[tuple[str, UUID]]]]


class Clock:
    """Looks every second. `find_due` names deadlines whose next stage has come, `find_over` consents that ran out."""

    def __init__(
        self, database: Database, units: Units, desk_of: Callable[[Work, str], Desk], find_due: Due, find_over: Over
    ) -> None:
        self._database = database
        self._units = units
        self._desk_of = desk_of
        self._find_due = find_due
        self._find_over = find_over
        self._aside: dict[tuple[str, UUID, Step], float] = {}  # what failed, and when it is tried again

    async def run(self) -> None:
        """Lead or wait to lead, for ever."""
        while True:
            try:
                async with self._database.pool.acquire() as connection:
                    await self._lead(connection)
            except LOST as error:
                log.warning("clock_lost_database", error=type(error).__name__)
                await asyncio.sleep(_TICK_SECONDS)

    async def tick(self) -> int:
        """Fire everything that is due now; how many fired."""
        fired, now = 0, time.monotonic()
        self._aside = {one: until for one, until in self._aside.items() if until > now}
        async with self._database.transaction(Context(NODE, "clock")) as connection:
            due = await self._find_due(connection, _BATCH + len(self._aside))
        for agency, referral_id, step in due:
            if (agency, referral_id, step) in self._aside:
                continue
            try:
                async with self._units.begin(Context(agency, "clock")) as work:
                    fired += await fire_deadline(self._desk_of(work, agency), referral_id, step)
            except Exception:  # noqa: BLE001  (one deadline's defect must not silence the others)
                log.error("deadline_failed", exception=True, referral_id=referral_id, step=step)
                self._aside[agency, referral_id, step] = now + _ASIDE_SECONDS
        return fired

    async def end_access(self) -> int:
        """Close what is held under consents whose period is over; how many were closed."""
        ended = 0
        async with self._database.transaction(Context(NODE, "clock")) as connection:
            over = await self._find_over(connection, _BATCH)
        for agency, referral_id in over:
            try:
                async with self._units.begin(Context(agency, "clock")) as work:
                    ended += await end_access(self._desk_of(work, agency), referral_id)
            except Exception:  # noqa: BLE001  (likewise)
                log.error("access_not_ended", exception=True, referral_id=referral_id)
        return ended

    async def purge(self) -> None:
        """Forget idempotency keys after two days."""
        async with self._database.transaction(Context(NODE, "clock")) as connection:
            await connection.execute(_PURGE)

    async def _lead(self, connection: Connection) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEADER_LOCK):
            await asyncio.sleep(_TICK_SECONDS)
        ticks = 0
        try:
            while True:
                await connection.fetchval("SELECT 1")  # the lead lives as long as this connection
                while await self.tick():
                    pass
                if ticks % _PURGE_EVERY == 0:
                    await self.purge()
                if ticks % _ACCESS_EVERY == 0:
                    await self.end_access()
                ticks += 1
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            if not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1)", _LEADER_LOCK)
