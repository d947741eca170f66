"""Deadlines and the notices they cause."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.ids import uuid7
from services.referrals.domain.deadlines import Deadline, Timer, next_stage
from services.referrals.domain.referral import Referral
from services.referrals.domain.terms import Side, Stage, Step


class StoredTimers:
    def __init__(self, connection: Connection, agency: str) -> None:
        self._connection = connection
        self._agency = agency

    async def due(self, referral_id: UUID, step: Step, now: datetime) -> Timer | None:
        row = await self._connection.fetchrow(_LOCK, self._agency, referral_id, step, now)
        if row is None:
            return None
        side = Side(row["side"])
        stage = next_stage(step, side, Stage(row["fired"]) if row["fired"] else None)
        return Timer(step, side, Deadline(step, row["started_at"], row["due_at"]), stage) if stage else None

    async def fired(self, referral_id: UUID, timer: Timer, at: datetime) -> None:
        after = next_stage(timer.step, timer.side, timer.stage)
        wait = timer.deadline.at(after) if after else None
        key = (self._agency, referral_id)
        await self._connection.execute(_NOTICE, *key, uuid7(), timer.step, timer.stage, at)
        await self._connection.execute(_FIRED, *key, timer.step, timer.stage, at, wait)

    async def save(self, referral: Referral, now: datetime) -> None:
        """Begin the steps that run now, end those that do not; a step that goes on keeps its stages."""
        running = list(referral.deadlines.values())
        steps = [one.step.value for one in running]
        await self._connection.execute(_MET, self._agency, referral.id, steps, now)
        rows = [
            (self._agency, referral.id, one.step, referral.side, one.started_at, one.due_at, one.at(Stage.REMINDER))
            for one in running
        ]
        if rows:
            await self._connection.executemany(_BEGIN, rows)


async def find_due(connection: Connection, limit: int) -> Sequence[tuple[str, UUID, Step]]:
    """What the clock should look at; needs the node's own context."""
    rows = await connection.fetch(_DUE, limit)
    return [(row["agency_id"], row["referral_id"], Step(row["step"])) for row in rows]


_LOCK = """SELECT side, started_at, due_at, fired FROM deadline
WHERE agency_id = $1 AND referral_id = $2 AND step = $3 AND met_at IS NULL AND next_fire_at <= $4 FOR UPDATE"""
_NOTICE = """INSERT INTO notice (agency_id, referral_id, id, step, stage, at) VALUES ($1, $2, $3, $4, $5, $6)"""
_FIRED = """UPDATE deadline SET fired = $4, fired_at = $5, next_fire_at = $6
WHERE agency_id = $1 AND referral_id = $2 AND step = $3"""
_MET = """UPDATE deadline SET met_at = $4
WHERE agency_id = $1 AND referral_id = $2 AND met_at IS NULL AND step <> ALL($3::text[])"""
_BEGIN = """INSERT INTO deadline AS d (agency_id, referral_id, step, side, started_at, due_at, next_fire_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (agency_id, referral_id, step) DO UPDATE SET started_at = excluded.started_at, due_at = excluded.due_at,
next_fire_at = excluded.next_fire_at, fired = NULL, fired_at = NULL, met_at = NULL WHERE d.met_at IS NOT NULL"""
_DUE = """SELECT agency_id, referral_id, step FROM deadline
WHERE met_at IS NULL AND next_fire_at <= now() ORDER BY next_fire_at LIMIT $1"""
