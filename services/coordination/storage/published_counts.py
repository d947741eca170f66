"""Published counts: what coordinators see."""

from collections.abc import Sequence

from contracts.terms import Country
from services.chassis.database import Connection
from services.coordination.domain.counts import Publication, PublishedCell
from services.coordination.storage.columns import PUBLISHED, REPLACED, WAITS, joined


class PublishedCountRows:
    """Reads and replaces published counts within a running transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, cells: Sequence[PublishedCell]) -> None:
        columns = (*PUBLISHED, "count", *WAITS)
        await self._connection.executemany(_PUT, [[getattr(cell, name) for name in columns] for cell in cells])

    async def note(self, publication: Publication) -> None:
        await self._connection.execute(_NOTE, publication.country, publication.as_of, publication.received_at)

    async def publications(self) -> Sequence[Publication]:
        rows = await self._connection.fetch("SELECT country, as_of, received_at FROM publications ORDER BY country")
        return [Publication(Country(row["country"]), row["as_of"], row["received_at"]) for row in rows]


_PUT = f"""INSERT INTO published_cells ({joined(PUBLISHED)}, count, {joined(WAITS)})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ({joined(PUBLISHED)}) {REPLACED}"""
_NOTE = """INSERT INTO publications (country, as_of, received_at) VALUES ($1, $2, $3)
ON CONFLICT (country) DO UPDATE SET as_of = EXCLUDED.as_of, received_at = EXCLUDED.received_at"""
