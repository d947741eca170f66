"""An agency's own copies of referrals: loaded whole under a lock, saved in few statements."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.problems import NotFoundError
from services.referrals.domain.errors import VersionChangedError
from services.referrals.domain.events import Acted, Event
from services.referrals.domain.referral import Referral
from services.referrals.storage.custody_entries import add_entries
from services.referrals.storage.people import StoredPeople
from services.referrals.storage.referral_rows import referral_of
from services.referrals.storage.timers import StoredTimers


class StoredReferrals:
    def __init__(self, connection: Connection, agency: str, people: StoredPeople, timers: StoredTimers) -> None:
        self._connection = connection
        self._agency = agency
        self._people = people
        self._timers = timers

    async def locked(self, referral_id: UUID, version: int | None = None) -> Referral:
        row = await self._connection.fetchrow(_LOCKED, self._agency, referral_id)
        if row is None:
            raise NotFoundError
        if version is not None and row["version"] != version:
            raise VersionChangedError
        return referral_of(row)

    async def exists(self, referral_id: UUID) -> bool:
        return bool(await self._connection.fetchval(_EXISTS, self._agency, referral_id))

    async def add(self, referral: Referral) -> None:
        preview, key = referral.preview, await self._people.key(referral.person_id)
        note = key.encrypt("referral", f"note/{referral.id}", preview.note) if key and preview.note else None
        await self._connection.execute(
            _ADD,
            self._agency,
            referral.id,
            referral.side,
            referral.partner,
            referral.status,
            referral.case_id,
            preview.code,
            preview.service,
            preview.urgency,
            preview.district,
            preview.age_band,
            preview.sex,
            preview.language,
            preview.interpreter_needed,
            preview.with_children,
            preview.exploitation,
            note,
            referral.service_offering_id,
            referral.redirected_from,
            referral.created_at,
        )

    async def note(self, referral: Referral) -> str | None:
        stored = await self._connection.fetchval(_NOTE, self._agency, referral.id)
        key = await self._people.key(referral.person_id) if stored else None
        return key.decrypt("referral", f"note/{referral.id}", stored) if key else None

    async def save(self, referral: Referral, events: Sequence[Event], now: datetime) -> None:
        """The copy, its new custody entries, and its deadlines."""
        referral.version += 1
        expected, consent = referral.expected(), referral.consent
        await self._connection.execute(
            _SAVE,
            self._agency,
            referral.id,
            referral.status,
            referral.version,
            consent.consent_grant_id if consent else None,
            consent.purpose if consent else None,
            sorted(consent.fields) if consent else None,
            consent.valid_until if consent else None,
            referral.own.number,
            referral.own.hash,
            referral.theirs.number,
            referral.theirs.hash,
            json.dumps(referral.codes),
            referral.sent_at,
            referral.acknowledged_at,
            referral.decided_at,
            referral.closed_at,
            referral.released_at,
            referral.access_closed_at,
            referral.last_act_at,
            referral.unread,
            expected.step,
            expected.move,
            expected.deadline.started_at if expected.deadline else None,
            expected.deadline.due_at if expected.deadline else None,
        )
        acts = [event for event in events if isinstance(event, Acted)]
        await add_entries(self._connection, self._agency, referral.person_id, acts, people=self._people, now=now)
        await self._timers.save(referral, now)

    async def open_under(self, consent_grant_id: UUID) -> Sequence[UUID]:
        rows = await self._connection.fetch(_OPEN_UNDER, self._agency, consent_grant_id)
        return [row["id"] for row in rows]

    async def receipted(self, event_id: UUID, received_at: datetime, opened_at: datetime | None) -> UUID | None:
        row = await self._connection.fetchrow(_RECEIPTED, self._agency, event_id, received_at, opened_at)
        found: UUID | None = row["referral_id"] if row and row["act"] == "sent" else None
        return found

    async def parked(self, event_id: UUID, reason: str) -> None:
        await self._connection.execute(_PARKED, self._agency, event_id, reason)


_LOCKED = """SELECT r.*, (SELECT json_agg(json_build_array(d.step, d.started_at, d.due_at) ORDER BY d.due_at)
  FROM deadline d WHERE d.agency_id = r.agency_id AND d.referral_id = r.id AND d.met_at IS NULL) AS running
FROM referral r WHERE r.agency_id = $1 AND r.id = $2 FOR UPDATE OF r"""
_EXISTS = "SELECT true FROM referral WHERE agency_id = $1 AND id = $2"
_ADD = """INSERT INTO referral (agency_id, id, side, partner_id, status, version, case_id, code, service, urgency,
district, age_band, sex, language, interpreter_needed, with_children, exploitation, note, service_offering_id,
redirected_from, created_at, move)
VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'none')"""
_NOTE = "SELECT note FROM referral WHERE agency_id = $1 AND id = $2"
_SAVE = """UPDATE referral SET status = $3, version = $4, consent_grant_id = coalesce($5, consent_grant_id),
consent_purpose = $6, consent_fields = $7, consent_valid_until = $8, own_number = $9, own_hash = $10,
their_number = $11, their_hash = $12, codes = $13, sent_at = $14, acknowledged_at = $15, decided_at = $16,
closed_at = $17, released_at = $18, access_closed_at = $19, last_act_at = $20, unread = $21, next_step = $22,
move = $23, due_from = $24, due_at = $25 WHERE agency_id = $1 AND id = $2"""
_OPEN_UNDER = """SELECT id FROM referral WHERE agency_id = $1 AND consent_grant_id = $2
AND status NOT IN ('draft', 'declined', 'redirected', 'withdrawn', 'consent_withdrawn', 'expired') ORDER BY id"""
_RECEIPTED = """UPDATE custody_entry SET received_at = least(received_at, $3), opened_at = least(opened_at, $4)
WHERE agency_id = $1 AND event_id = $2 AND author = $1 RETURNING referral_id, act"""
_PARKED = "UPDATE custody_entry SET parked_reason = $3 WHERE agency_id = $1 AND event_id = $2 AND author = $1"
