"""Staff and API clients: rows of an agency, behind row-level security."""

from collections.abc import Collection, Iterable

from contracts.terms import Role
from services.chassis.database import Connection
from services.identity.domain.agencies import ApiClient, Staff


class PeopleRepository:
    """The agency of the connection's context, and nobody else's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find_staff(self, username: str) -> Staff | None:
        row = await self._connection.fetchrow(
            "SELECT username, name, agency_id, roles FROM staff WHERE username = $1", username
        )
        return Staff(row[0], row[1], row[2], _roles(row[3])) if row else None

    async def all_staff(self) -> list[Staff]:
        rows = await self._connection.fetch("SELECT username, name, agency_id, roles FROM staff ORDER BY username")
        return [Staff(row[0], row[1], row[2], _roles(row[3])) for row in rows]

    async def save_staff(self, staff: Staff) -> None:
        await self._connection.execute(
            """INSERT INTO staff (agency_id, username, name, roles) VALUES ($1, $2, $3, $4)
            ON CONFLICT (agency_id, username) DO UPDATE SET name = $3, roles = $4""",
            staff.agency_id,
            staff.username,
            staff.name,
            _codes(staff.roles),
        )

    async def keep_only(self, staff: Collection[str], clients: Collection[str]) -> int:
        """Forget everybody else of the agency; how many that were."""
        removed = await self._connection.fetchval(_KEEP_ONLY, list(staff), list(clients))
        return int(removed)

    async def find_client(self, client_id: str) -> ApiClient | None:
        row = await self._connection.fetchrow(
            "SELECT client_id, agency_id, roles FROM api_clients WHERE client_id = $1", client_id
        )
        return ApiClient(row[0], row[1], _roles(row[2])) if row else None

    async def save_client(self, client: ApiClient) -> None:
        await self._connection.execute(
            """INSERT INTO api_clients (agency_id, client_id, roles) VALUES ($1, $2, $3)
            ON CONFLICT (agency_id, client_id) DO UPDATE SET roles = $3""",
            client.agency_id,
            client.client_id,
            _codes(client.roles),
        )


_KEEP_ONLY = """WITH people AS (DELETE FROM staff WHERE username <> ALL($1::text[]) RETURNING 1),
systems AS (DELETE FROM api_clients WHERE client_id <> ALL($2::text[]) RETURNING 1)
SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM systems)"""


def _codes(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)


def _roles(codes: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(code) for code in codes)
