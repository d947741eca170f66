"""Consent grants of one agency."""

import json
from typing import Any
from uuid import UUID

from contracts.terms import ConsentGivenBy, IdentityField, Language, Service
from services.chassis.database import Connection
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.terms import RecordedHow, WithheldReason


class StoredConsentGrants:
    def __init__(self, connection: Connection, agency: str) -> None:
        self._connection = connection
        self._agency = agency

    async def add(self, grant: ConsentGrant) -> None:
        await self._connection.execute(
            _ADD,
            self._agency,
            grant.id,
            grant.case_id,
            grant.receiving_agency,
            grant.purpose,
            sorted(grant.fields),
            json.dumps(grant.withheld),
            grant.valid_until,
            grant.given_by,
            grant.explanation_language,
            grant.interpreter,
            grant.recorded_how,
            grant.recorded_at,
            grant.recorded_by,
            grant.recorder_name,
        )

    async def find(self, grant_id: UUID) -> ConsentGrant | None:
        return self._grant(await self._connection.fetchrow(_FIND, self._agency, grant_id))

    async def shared(self, grant_id: UUID) -> ConsentGrant | None:
        return self._grant(await self._connection.fetchrow(f"{_FIND} FOR SHARE", self._agency, grant_id))

    async def locked(self, grant_id: UUID) -> ConsentGrant | None:
        return self._grant(await self._connection.fetchrow(f"{_FIND} FOR UPDATE", self._agency, grant_id))

    async def newest(self, case_id: UUID, receiving_agency: str, purpose: Service) -> UUID | None:
        found: UUID | None = await self._connection.fetchval(_NEWEST, self._agency, case_id, receiving_agency, purpose)
        return found

    async def of_referral(self, referral_id: UUID) -> UUID | None:
        found: UUID | None = await self._connection.fetchval(_OF_REFERRAL, self._agency, referral_id)
        return found

    async def not_withdrawn(self, case_id: UUID) -> list[UUID]:
        """The consents of a case that nobody has withdrawn, whatever their period."""
        rows = await self._connection.fetch(_NOT_WITHDRAWN, self._agency, case_id)
        return [row["id"] for row in rows]

    async def save(self, grant: ConsentGrant) -> None:
        await self._connection.execute(_SAVE, self._agency, grant.id, grant.withdrawn_at)

    def _grant(self, row: Any) -> ConsentGrant | None:
        return None if row is None else grant_of(row)


def grant_of(row: Any) -> ConsentGrant:
    """The grant in a row of `consent_grant`."""
    withheld = json.loads(row["withheld"])
    return ConsentGrant(
        id=row["id"],
        agency=row["agency_id"],
        case_id=row["case_id"],
        receiving_agency=row["receiving_agency"],
        purpose=Service(row["purpose"]),
        fields=frozenset(IdentityField(one) for one in row["fields"]),
        withheld={IdentityField(one): WithheldReason(why) for one, why in withheld.items()},
        valid_until=row["valid_until"],
        given_by=ConsentGivenBy(row["given_by"]),
        explanation_language=Language(row["explanation_language"]),
        interpreter=row["interpreter"],
        recorded_how=RecordedHow(row["recorded_how"]),
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        recorder_name=row["recorder_name"],
        withdrawn_at=row["withdrawn_at"],
    )


_ADD = """INSERT INTO consent_grant (agency_id, id, case_id, receiving_agency, purpose, fields, withheld, valid_until,
given_by, explanation_language, interpreter, recorded_how, recorded_at, recorded_by, recorder_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"""
_FIND = "SELECT * FROM consent_grant WHERE agency_id = $1 AND id = $2"
_NEWEST = """SELECT id FROM consent_grant WHERE agency_id = $1 AND case_id = $2 AND receiving_agency = $3
AND purpose = $4 AND withdrawn_at IS NULL AND valid_until > now() ORDER BY recorded_at DESC LIMIT 1"""
_OF_REFERRAL = "SELECT consent_grant_id FROM referral WHERE agency_id = $1 AND id = $2 AND side = 'referring'"
_NOT_WITHDRAWN = """SELECT id FROM consent_grant WHERE agency_id = $1 AND case_id = $2 AND withdrawn_at IS NULL
ORDER BY id"""
_SAVE = "UPDATE consent_grant SET withdrawn_at = $3 WHERE agency_id = $1 AND id = $2"
