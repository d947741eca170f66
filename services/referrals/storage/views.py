"""What lists and pages show: read models, one statement each, never an identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from services.chassis.database import Connection
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.listing import ReferralFilter
from services.referrals.storage.consent_grants import grant_of
from services.referrals.storage.custody_entries import text_of
from services.referrals.storage.people import StoredPeople
from services.referrals.storage.person_keys import DataKey

Row: TypeAlias = Any


class Views:
    """Reads for one agency, in its transaction."""

    def __init__(self, connection: Connection, agency: str, people: StoredPeople) -> None:
        self._connection = connection
        self._people = people
        self._agency = agency

    async def referrals(self, wanted: ReferralFilter) -> list[Row]:
        """One row more than the limit when there is a next page."""
        values: list[Any] = [self._agency]

        def value(one: Any) -> str:
            values.append(one)
            return f"${len(values)}"

        where = ["r.agency_id = $1"]
        if wanted.role:
            where.append(f"r.side = {value(wanted.role)}")
        if wanted.statuses:
            where.append(f"r.status = ANY({value(list(wanted.statuses))}::text[])")
        if wanted.move:
            where.append(f"r.move = {value(wanted.move)}")
        if wanted.case_id:
            where.append(f"r.case_id = {value(wanted.case_id)}")
        if wanted.due_before:
            where.append(f"r.due_at < {value(wanted.due_before)}")
        if wanted.by_due:
            where.append("r.due_at IS NOT NULL")
        if wanted.after:
            due, last = wanted.after
            after = f"(r.due_at, r.id) > ({value(due)}, {value(last)})" if wanted.by_due else f"r.id < {value(last)}"
            where.append(after)
        order = "r.due_at, r.id" if wanted.by_due else "r.id DESC"
        page = f"WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {value(wanted.limit + 1)}"
        return list(await self._connection.fetch(f"{_ITEM} {page}", *values))

    async def referral(self, referral_id: UUID) -> Row | None:
        return await self._connection.fetchrow(f"{_ITEM} {_ONE}", self._agency, referral_id)

    async def mark_read(self, referral_id: UUID) -> None:
        await self._connection.execute(_READ, self._agency, referral_id)

    async def entries(self, referral_id: UUID) -> list[Row]:
        """The merged custody log in its one order."""
        return list(await self._connection.fetch(_ENTRIES, self._agency, referral_id))

    async def notices_of(self, referral_id: UUID) -> list[Row]:
        return list(await self._connection.fetch(_NOTICES_OF, self._agency, referral_id))

    async def notices(self, after: UUID | None, limit: int) -> list[Row]:
        return list(await self._connection.fetch(_NOTICES, self._agency, after, limit + 1))

    async def audit(self, after: UUID | None, limit: int) -> list[Row]:
        return list(await self._connection.fetch(_AUDIT, self._agency, after, limit + 1))

    async def cases(self, after: UUID | None, limit: int) -> list[Row]:
        return list(await self._connection.fetch(_CASES, self._agency, after, limit + 1))

    async def case(self, case_id: UUID) -> Row | None:
        return await self._connection.fetchrow(_CASE, self._agency, case_id)

    async def referrals_of_case(self, case_id: UUID) -> list[Row]:
        return list(await self._connection.fetch(_OF_CASE, self._agency, case_id))

    async def consents_of_case(self, case_id: UUID) -> list[ConsentGrant]:
        return [grant_of(row) for row in await self._connection.fetch(_CONSENTS, self._agency, case_id)]

    async def texts(self, referral: Row, entries: Sequence[Row]) -> "StoredTexts":
        """The note and the entries' texts; the key is asked for only when there is something to decrypt."""
        if referral["note"] is None and all(one["text"] is None for one in entries):
            return StoredTexts(None, None)
        key = await self._people.key(referral["case_id"] or referral["id"])
        if key is None or referral["note"] is None:
            return StoredTexts(None, key)
        return StoredTexts(key.decrypt("referral", f"note/{referral['id']}", referral["note"]), key)


@dataclass(frozen=True)
class StoredTexts:
    note: str | None
    key: DataKey | None

    def of(self, entry: Row) -> str | None:
        return text_of(entry, self.key)


_ITEM = """SELECT r.*, a.country AS partner_country, a.name_en, a.name_ru, d.fired, d.fired_at,
  b.name_en AS advised_en, b.name_ru AS advised_ru,
  r.codes ->> 'outcome' AS outcome, g.withdrawn_at AS consent_withdrawn_at, c.erased_at,
  g.purpose AS grant_purpose, g.fields AS grant_fields, g.valid_until AS grant_valid_until,
  (SELECT min(e.at) FROM custody_entry e WHERE e.agency_id = r.agency_id AND e.referral_id = r.id
    AND e.author = r.agency_id AND e.received_at IS NULL) AS in_queue_since
FROM referral r
LEFT JOIN agency a ON a.agency_id = r.partner_id
LEFT JOIN agency b ON b.agency_id = r.codes ->> 'redirected_to'
LEFT JOIN deadline d ON d.agency_id = r.agency_id AND d.referral_id = r.id AND d.step = r.next_step AND d.met_at IS NULL
LEFT JOIN consent_grant g ON g.agency_id = r.agency_id AND g.id = r.consent_grant_id
LEFT JOIN case_file c ON c.agency_id = r.agency_id AND c.id = r.case_id"""
_ONE = "WHERE r.agency_id = $1 AND r.id = $2"
_READ = "UPDATE referral SET unread = false WHERE agency_id = $1 AND id = $2 AND unread"
_ENTRIES = """SELECT * FROM custody_entry WHERE agency_id = $1 AND referral_id = $2
ORDER BY at, author COLLATE "C", number"""
_NOTICES_OF = "SELECT step, stage, at FROM notice WHERE agency_id = $1 AND referral_id = $2 ORDER BY at, id"
_NOTICES = """SELECT n.id, n.referral_id, r.code, n.step, n.stage, n.at FROM notice n
JOIN referral r ON r.agency_id = n.agency_id AND r.id = n.referral_id
WHERE n.agency_id = $1 AND ($2::uuid IS NULL OR n.id < $2) ORDER BY n.id DESC LIMIT $3"""
_AUDIT = """SELECT id, at, principal, role, act, purpose, subject_kind, subject_id FROM audit
WHERE agency_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"""
_CASE_COLUMNS = """SELECT c.*, (SELECT count(*) FROM referral r
  WHERE r.agency_id = c.agency_id AND r.case_id = c.id) AS referrals,
(SELECT count(*) FROM referral r WHERE r.agency_id = c.agency_id AND r.case_id = c.id AND r.status = 'draft') AS drafts
FROM case_file c"""
_CASES = f"""{_CASE_COLUMNS} WHERE c.agency_id = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3"""
_CASE = f"{_CASE_COLUMNS} WHERE c.agency_id = $1 AND c.id = $2"
_OF_CASE = """SELECT id, status, service, partner_id, created_at FROM referral
WHERE agency_id = $1 AND case_id = $2 ORDER BY id DESC LIMIT 200"""
_CONSENTS = "SELECT * FROM consent_grant WHERE agency_id = $1 AND case_id = $2 ORDER BY id DESC LIMIT 200"
