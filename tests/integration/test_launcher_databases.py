"""Roles, templates and clones on a real Postgres; the migrations are stood in for by a recorder."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import databases
from deploy.local.databases import Job, Schema, create, database_url
from deploy.local.plan import Plan
from deploy.local.postgres import ADMIN, Server
from deploy.local.state import State
from tests.support.postgres import PostgresServer, running_postgres

KZ_UZ = Plan(("kz", "uz"), 9000)


class Deployment:
    """An installation's databases of one service; remembers which databases were migrated."""

    def __init__(self, state: State, server: Server) -> None:
        self.state = state
        self.server = server
        self.migrated: list[str] = []

    async def create(self, plan: Plan = KZ_UZ) -> list[str]:
        """Bring everything up to date; the databases that were migrated for it."""
        self.migrated = []
        await create(self.state, plan, self.server, ["referrals"], self._migrate)
        return sorted(self.migrated)

    async def _migrate(self, jobs: list[Job]) -> None:
        for _, urls in jobs:
            for kind, url in urls.items():
                self.migrated.append(url.rsplit("/", 1)[1])
                connection = await asyncpg.connect(url)
                await connection.execute(f"SET ROLE {kind}_owner")
                await connection.execute(f"CREATE TABLE IF NOT EXISTS secret (); GRANT SELECT ON secret TO {kind}_app")
                await connection.close()

    def url(self, node: str, kind: str) -> str:
        return database_url(self.state, self.server, node, kind)


@pytest.fixture
def empty() -> Iterator[PostgresServer]:
    """A server of its own: roles and templates are the whole server's."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def deployment(empty: PostgresServer, tmp_path: Path) -> Deployment:
    admin = await asyncpg.connect(empty.url("postgres"))
    await admin.execute(f"CREATE ROLE {ADMIN} LOGIN SUPERUSER")
    await admin.close()
    return Deployment(State(tmp_path), Server(empty.port, tmp_path, tmp_path, None, "unused"))


async def test_only_the_template_is_migrated_and_every_node_gets_a_clone(deployment: Deployment) -> None:
    assert await deployment.create() == ["template_referrals", "template_referrals_keys"]

    for node, kind in (("kz", "referrals"), ("uz", "referrals_keys")):
        connection = await asyncpg.connect(deployment.url(node, kind))
        assert await connection.fetch("SELECT * FROM secret") == []
        await connection.close()


async def test_a_second_start_migrates_nothing(deployment: Deployment) -> None:
    await deployment.create()

    assert await deployment.create() == []


async def test_a_country_added_later_is_cloned_from_the_same_template(deployment: Deployment) -> None:
    await deployment.create()

    assert await deployment.create(Plan(("kz", "uz", "kg"), 9000)) == []
    await (await asyncpg.connect(deployment.url("kg", "referrals"))).close()


async def test_new_migrations_reach_the_template_and_every_database_that_was_there(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deployment.create()
    upgraded = Schema("referrals", ("referrals", "referrals_keys"), "services/identity")
    monkeypatch.setitem(databases.SCHEMAS, "referrals", upgraded)

    migrated = await deployment.create()

    places = ("kz", "template", "uz")
    assert migrated == sorted(f"{place}_{kind}" for place in places for kind in ("referrals", "referrals_keys"))
    assert await deployment.create() == []


async def test_a_login_reaches_its_own_database_only_and_owns_nothing(deployment: Deployment) -> None:
    await deployment.create()

    connection = await asyncpg.connect(deployment.url("kz", "referrals"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE mine ()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SET ROLE referrals_owner")
    may = await connection.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    await connection.close()

    assert may is not None
    assert tuple(may) == (False, False)
    for other in ("uz_referrals", "kz_referrals_keys", "template_referrals"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(deployment.url("kz", "referrals").rsplit("/", 1)[0] + f"/{other}")
