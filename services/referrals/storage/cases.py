"""Cases of one agency."""

from datetime import datetime
from uuid import UUID

from contracts.terms import AgeBand, ExploitationForm, IdentityField, Language, Risk, Service, Sex, Urgency
from services.chassis.database import Connection
from services.referrals.domain.case import Case, new_code

_TRIES_PER_LENGTH = 5


class StoredCases:
    def __init__(self, connection: Connection, agency: str) -> None:
        self._connection = connection
        self._agency = agency

    async def free_code(self, node: str, year: int) -> str:
        """A code that no case of this node has; longer once the short ones are mostly taken."""
        for length in (4, 5, 6, 7, 8):
            for _ in range(_TRIES_PER_LENGTH):
                code = new_code(node, year, length)
                if await self._connection.fetchval(_TAKE_CODE, code):
                    return code
        raise RuntimeError("no free case code")

    async def add(self, case: Case) -> None:
        await self._connection.execute(
            _ADD,
            self._agency,
            case.id,
            case.code,
            case.sex,
            case.birth_year,
            case.age_band,
            case.district,
            list(case.languages),
            case.with_children,
            list(case.needs),
            case.risk,
            case.urgency,
            case.exploitation,
            sorted(case.identity_fields),
            case.created_at,
            case.created_by,
        )

    async def find(self, case_id: UUID) -> Case | None:
        row = await self._connection.fetchrow(_FIND, self._agency, case_id)
        if row is None:
            return None
        return Case(
            id=row["id"],
            agency=self._agency,
            code=row["code"],
            sex=Sex(row["sex"]),
            birth_year=row["birth_year"],
            age_band=AgeBand(row["age_band"]),
            district=row["district"],
            languages=tuple(Language(one) for one in row["languages"]),
            with_children=row["with_children"],
            needs=tuple(Service(one) for one in row["needs"]),
            risk=Risk(row["risk"]),
            urgency=Urgency(row["urgency"]),
            exploitation=ExploitationForm(row["exploitation"]),
            created_at=row["created_at"],
            created_by=row["created_by"],
            erased_at=row["erased_at"],
            identity_fields=frozenset(IdentityField(one) for one in row["identity_fields"]),
        )

    async def mark_erased(self, case_id: UUID, at: datetime) -> None:
        await self._connection.execute(_ERASED, self._agency, case_id, at)


_TAKE_CODE = "INSERT INTO case_code (code) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
_ADD = """INSERT INTO case_file (agency_id, id, code, sex, birth_year, age_band, district, languages, with_children,
needs, risk, urgency, exploitation, identity_fields, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"""
_FIND = "SELECT * FROM case_file WHERE agency_id = $1 AND id = $2"
_ERASED = "UPDATE case_file SET erased_at = $3, identity_fields = '{}' WHERE agency_id = $1 AND id = $2"
