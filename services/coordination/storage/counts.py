"""A country's counts by agency."""

from collections.abc import Sequence

import asyncpg

from contracts.terms import AgeBand, Country, ReferralStatus, Service, Sex
from services.chassis.database import Connection
from services.coordination.domain.counts import Fact, PublishedCell, View, bucket
from services.coordination.domain.ports import OwnCount
from services.coordination.storage.columns import OWN, PUBLISHED, REPLACED, WAITS, added, joined, summed

_ONE_PUBLISHER = 0x5AFA0002


class CountRows:
    """Reads and moves counts within a running transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, fact: Fact) -> None:
        waits = bucket(fact.hours_to_acknowledge), bucket(fact.hours_to_decide)
        await self._connection.execute(_ADD, *(getattr(fact, name) for name in OWN), *waits)

    async def take(self, fact: Fact) -> bool:
        """One fewer; False when nobody was counted there."""
        result = await self._connection.execute(_TAKE, *(getattr(fact, name) for name in OWN))
        return bool(result == "UPDATE 1")

    async def mark_changed(self, fact: Fact) -> None:
        """The region hears of what this country refers; what it receives, the other country tells."""
        if View.REGION in fact.views:
            await self._connection.execute(_CHANGED, *(getattr(fact, name) for name in PUBLISHED))

    async def note_changed_referral(self, fact: Fact) -> None:
        if fact.views:
            await self._connection.execute(_NOTE_REFERRAL, fact.referral_id, list(fact.views))

    async def is_only_publisher(self) -> bool:
        return bool(await self._connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _ONE_PUBLISHER))

    async def changed_referrals(self, view: View) -> int:
        return int(await self._connection.fetchval("SELECT count(*) FROM changed_referrals WHERE view = $1", view))

    async def forget_changed_referrals(self, view: View) -> None:
        await self._connection.execute("DELETE FROM changed_referrals WHERE view = $1", view)

    async def publish_at_home(self) -> None:
        await self._connection.execute(_PUBLISH_AT_HOME)

    async def take_changed(self, most: int) -> Sequence[PublishedCell]:
        taken = await self._connection.fetch(_TAKE_CHANGED, most)
        columns = [[row[name] for row in taken] for name in PUBLISHED]
        return [published_cell(row) for row in await self._connection.fetch(_NOW, *columns)]

    async def of_agency(self) -> Sequence[OwnCount]:
        """The counts of the agency in whose context the transaction runs."""
        rows = await self._connection.fetch(_OF_AGENCY)
        return [OwnCount(row["side"], row["month"], row["service"], row["status"], row["count"]) for row in rows]


def published_cell(row: asyncpg.Record) -> PublishedCell:
    return PublishedCell(
        month=row["month"],
        origin=Country(row["origin"]),
        destination=Country(row["destination"]),
        service=Service(row["service"]),
        sex=Sex(row["sex"]),
        age_band=AgeBand(row["age_band"]),
        status=ReferralStatus(row["status"]),
        count=row["count"],
        acknowledge_hours=tuple(row["acknowledge_hours"]),
        decide_hours=tuple(row["decide_hours"]),
    )


def _places(first: int, names: tuple[str, ...]) -> str:
    return ", ".join(f"${first + index}" for index in range(len(names)))


_MATCH = " AND ".join(f"{name} = ${index}" for index, name in enumerate(OWN, 1))
_WAIT_PLACES = _places(len(OWN) + 1, WAITS)
_ARRAYS = ", ".join(f"${index}::text[]" for index in range(1, len(PUBLISHED) + 1))

_ADD = f"""INSERT INTO count_cells AS c ({joined(OWN)}, count, {joined(WAITS)})
VALUES ({_places(1, OWN)}, 1, {_WAIT_PLACES})
ON CONFLICT ({joined(OWN)}) DO UPDATE SET count = c.count + 1, updated_at = now(),
  acknowledge_hours = {added("acknowledge_hours")}, decide_hours = {added("decide_hours")}"""
_TAKE = f"UPDATE count_cells SET count = count - 1, updated_at = now() WHERE {_MATCH} AND count > 0"

# DO UPDATE, not DO NOTHING: it waits for a publisher that is taking the row, and makes that one wait for us.
_CHANGED = f"""INSERT INTO changed_cells ({joined(PUBLISHED)}) VALUES ({_places(1, PUBLISHED)})
ON CONFLICT ({joined(PUBLISHED)}) DO UPDATE SET changed_at = clock_timestamp()"""
_NOTE_REFERRAL = """INSERT INTO changed_referrals (view, referral_id) SELECT unnest($2::text[]), $1
ON CONFLICT DO NOTHING"""
_TAKE_CHANGED = f"""DELETE FROM changed_cells WHERE ({joined(PUBLISHED)}) IN
(SELECT {joined(PUBLISHED)} FROM changed_cells ORDER BY changed_at LIMIT $1 FOR UPDATE)
RETURNING {joined(PUBLISHED)}"""
_NOW = f"""SELECT {joined(PUBLISHED)}, sum(count)::int AS count,
  {summed("acknowledge_hours")} AS acknowledge_hours, {summed("decide_hours")} AS decide_hours
FROM count_cells JOIN unnest({_ARRAYS}) AS k ({joined(PUBLISHED)}) USING ({joined(PUBLISHED)})
WHERE side = 'referring' GROUP BY {joined(PUBLISHED)}"""
# Both ends of an inland referral count it; what comes in across a border only the receiving end does.
_PUBLISH_AT_HOME = f"""INSERT INTO published_cells ({joined(PUBLISHED)}, count, {joined(WAITS)})
SELECT {joined(PUBLISHED)}, sum(count)::int, {summed("acknowledge_hours")}, {summed("decide_hours")}
FROM count_cells WHERE side = 'referring' OR origin <> destination GROUP BY {joined(PUBLISHED)}
ON CONFLICT ({joined(PUBLISHED)}) {REPLACED}"""
_OF_AGENCY = """SELECT side, month, service, status, sum(count)::int AS count FROM count_cells
WHERE count > 0 AND agency_id = (SELECT safar.agency())
GROUP BY side, month, service, status ORDER BY side, month, service, status"""
