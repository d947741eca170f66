"""The public list. No tenant: everything here may be read by every agency, so no address has a column."""

import re
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from contracts.terms import AgencyKind, Country
from services.chassis.database import Connection
from services.directory.domain.needs import Narrowing
from services.directory.domain.ranking import Agency, Candidate
from services.directory.domain.service_offering import Capacity, PublicOffering, Texts
from services.directory.domain.words import keywords
from services.directory.storage.rows import PUBLIC_COLUMNS, listed, public_offering, public_values

_SIMILAR = "0.3"  # cross-script look-ups need 0.3, not the extension's 0.6 (directory-ui.md §2)
_FEWEST_ALIKE = "3.0"  # trigrams: two are any word's first two letters, and a folded "xxxx" is one letter
_BESIDE_BEST = "0.6"  # beside an exact hit a faint resemblance is noise; without one it is all there is
_WORDS = re.compile(r"[^\W_]+(?:['’ʻʼ‘`´][^\W_]+)*")
_MOST_WORDS = 12
_SHORT = 3

_COLUMNS = (*PUBLIC_COLUMNS, "keywords")
_NAMES, _PARAMETERS, _ASSIGNMENTS = listed(_COLUMNS)


class PublishedOfferingRows:
    """Rows of `published_offering`, with the names of their agencies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, offering: PublicOffering) -> bool:
        values = (*public_values(offering), keywords(offering))
        return await self._connection.fetchval(_PUT, *values) is not None

    async def take_off(self, service_offering_id: UUID, agency_id: str) -> None:
        await self._connection.execute(_TAKE_OFF, service_offering_id, agency_id)

    async def set_capacity(self, service_offering_id: UUID, agency_id: str, capacity: Capacity) -> None:
        said = (capacity.available, capacity.maximum, capacity.updated_at)
        await self._connection.execute(_SET_CAPACITY, service_offering_id, agency_id, *said)

    async def find(self, service_offering_id: UUID) -> Candidate | None:
        row = await self._connection.fetchrow(_FIND, service_offering_id)
        return _candidate(row, 1.0) if row else None

    async def candidates(self, narrowing: Narrowing, limit: int) -> Sequence[Candidate]:
        """Of each country, and of each agency in it, as many as of the others: no single one fills the list.

        A text without a letter or digit finds nothing, for something was asked.
        """
        words = await self._folded(narrowing.text)
        countries, districts = list(narrowing.countries), list(narrowing.districts)
        arguments = (words, narrowing.service, countries, districts, narrowing.agency_id, limit)
        rows = await self._connection.fetch(_BY_WORDS if narrowing.text.strip() else _ALL, *arguments)
        return [_candidate(row, row["relevance"]) for row in rows]

    async def by_country(self, narrowing: Narrowing) -> dict[Country, int]:
        words = await self._folded(narrowing.text)
        statement = _COUNT_BY_WORDS if narrowing.text.strip() else _COUNT_ALL
        service, districts = narrowing.service, list(narrowing.districts)
        rows = await self._connection.fetch(statement, words, service, [], districts, narrowing.agency_id)
        return {Country(row["country"]): row["offerings"] for row in rows}

    async def _folded(self, text: str) -> list[str]:
        """The words to look for, folded as the lists are; short ones only where there are no others, never a letter."""
        said = _WORDS.findall(text)[:_MOST_WORDS]
        if not said:
            return []
        folded: list[str] = await self._connection.fetchval(_FOLD_WORDS, said, _SIMILAR)
        words = [word for word in folded if len(word) > 1]
        return [word for word in words if len(word) >= _SHORT] or words


def _candidate(row: asyncpg.Record, relevance: float) -> Candidate:
    known = row["agency_kind"] is not None
    agency = Agency(
        row["agency_id"],
        Texts(row["agency_name_en"], row["agency_name_ru"]) if known else None,
        AgencyKind(row["agency_kind"]) if known else None,
    )
    return Candidate(public_offering(row), agency, relevance)


_READ = ", ".join(f"o.{name}" for name in PUBLIC_COLUMNS)
_SELECT = f"""SELECT {_READ}, a.name_en AS agency_name_en, a.name_ru AS agency_name_ru, a.kind AS agency_kind"""
_FROM = "FROM published_offering o LEFT JOIN agency a USING (agency_id)"
_FILTER = """WHERE a.suspended_at IS NULL AND ($2::text IS NULL OR o.service = $2)
AND (cardinality($3::text[]) = 0 OR o.country = ANY($3))
AND (cardinality($4::text[]) = 0 OR o.district = ANY($4))
AND ($5::text IS NULL OR o.agency_id = $5)"""
# Looked up once and word by word, whatever the planner thinks: other plans compare every word with every offering.
_ALIKE = f"""WHERE folded %> word
    AND word_similarity(word, folded) >= ({_FEWEST_ALIKE} / cardinality(show_trgm(word)))::real OFFSET 0"""
_HITS = f"""WITH hits AS MATERIALIZED (
SELECT found.id FROM unnest($1::text[]) AS word CROSS JOIN LATERAL (
    SELECT service_offering_id AS id FROM published_offering {_ALIKE}) AS found
UNION SELECT o.service_offering_id FROM published_offering o WHERE o.agency_id = ANY(ARRAY(
    SELECT found.agency_id FROM unnest($1::text[]) AS word CROSS JOIN LATERAL (
        SELECT agency_id FROM agency {_ALIKE}) AS found)))"""
_RELEVANCE = """(SELECT avg(greatest(word_similarity(word, o.folded), word_similarity(word, a.folded)))
FROM unnest($1::text[]) AS word)"""

# The planner holds a comparison of words for cheap: reading 20,000 offerings takes seconds, the index 10 ms.
_FOLD_WORDS = """SELECT ARRAY(SELECT fold(word) FROM unnest($1::text[]) AS word)
FROM set_config('pg_trgm.word_similarity_threshold', $2, true),
set_config('enable_seqscan', 'off', true) AS not_all,
set_config('enable_indexscan', 'off', true) AS nor_by_key"""
# Whose an id is outlives its offering: nobody takes it over once it is withdrawn.
_PUT = f"""WITH owner AS (
  INSERT INTO offering_owner AS w (service_offering_id, agency_id) VALUES ($1, $2)
  ON CONFLICT (service_offering_id) DO UPDATE SET agency_id = w.agency_id WHERE w.agency_id = excluded.agency_id
  RETURNING true)
INSERT INTO published_offering AS p ({_NAMES}) SELECT {_PARAMETERS} FROM owner
ON CONFLICT (service_offering_id) DO UPDATE SET {_ASSIGNMENTS} WHERE p.agency_id = excluded.agency_id
RETURNING true"""
_TAKE_OFF = "DELETE FROM published_offering WHERE service_offering_id = $1 AND agency_id = $2"
_SET_CAPACITY = """UPDATE published_offering SET available = $3, maximum = $4, capacity_updated_at = $5
WHERE service_offering_id = $1 AND agency_id = $2"""
_FIND = f"{_SELECT} {_FROM} WHERE o.service_offering_id = $1 AND a.suspended_at IS NULL"
# Of each country as many as of the others, and of each agency within it: neither can crowd out the rest.
_IN_TURN = """ORDER BY row_number() OVER (PARTITION BY country ORDER BY relevance DESC, nth, service_offering_id),
service_offering_id LIMIT $6"""
_NTH = "row_number() OVER (PARTITION BY agency_id ORDER BY relevance DESC, service_offering_id) AS nth"
_UNASKED = f"{_SELECT}, 1.0::float8 AS relevance {_FROM} {_FILTER} AND cardinality($1::text[]) = 0"
_ALL = f"SELECT * FROM (SELECT *, {_NTH} FROM ({_UNASKED}) AS found) AS numbered {_IN_TURN}"
_SCORED = f"""{_SELECT}, {_RELEVANCE} AS relevance
FROM hits JOIN published_offering o ON o.service_offering_id = hits.id
LEFT JOIN agency a USING (agency_id) {_FILTER}"""
_RELEVANT = f"""FROM (SELECT scored.*, max(relevance) OVER () AS best FROM ({_SCORED}) AS scored) AS found
WHERE relevance >= greatest({_SIMILAR}, {_BESIDE_BEST} * best)"""
_BY_WORDS = f"{_HITS} SELECT * FROM (SELECT *, {_NTH} {_RELEVANT}) AS numbered {_IN_TURN}"
_COUNT_ALL = f"SELECT o.country, count(*) AS offerings {_FROM} {_FILTER} AND cardinality($1::text[]) = 0 GROUP BY 1"
_COUNT_BY_WORDS = f"{_HITS} SELECT country, count(*) AS offerings {_RELEVANT} GROUP BY 1"
