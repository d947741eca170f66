"""The wall: a tenant sees and writes its own rows only, and cannot pretend to be another."""

import asyncpg
import pytest

from services.chassis.database import NODE, Context, ContextSigner, Database
from tests.support.postgres import ROOT, PostgresServer

SAMPLE = ROOT / "tests/support/sample_migrations"
SAPAR = Context("kz.sapar-demo", "one")
KAMQOR = Context("kz.kamqor-demo", "two")


@pytest.fixture
async def database(postgres: PostgresServer):
    made = (await postgres.database("sample", SAMPLE)).connect()
    await made.open()
    yield made
    await made.close()


async def _insert(database: Database, context: Context, agency: str, number: int) -> None:
    async with database.transaction(context) as connection:
        await connection.execute("INSERT INTO thing VALUES ($1, $2)", agency, number)


async def test_a_tenant_reads_only_its_own_rows(database: Database) -> None:
    await _insert(database, SAPAR, "kz.sapar-demo", 1)
    await _insert(database, KAMQOR, "kz.kamqor-demo", 2)

    async with database.transaction(SAPAR) as connection:
        rows = await connection.fetch("SELECT id FROM thing")

    assert [row["id"] for row in rows] == [1]


async def test_a_tenant_cannot_write_a_row_of_another(database: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _insert(database, SAPAR, "kz.kamqor-demo", 1)


async def test_without_a_context_a_tenant_table_raises(database: Database) -> None:
    await _insert(database, SAPAR, "kz.sapar-demo", 1)

    async with database.plain() as connection:
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await connection.fetch("SELECT id FROM thing")


async def test_the_context_ends_with_its_transaction(database: Database) -> None:
    await _insert(database, SAPAR, "kz.sapar-demo", 1)

    for _ in range(10):
        async with database.plain() as connection:
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await connection.fetch("SELECT id FROM thing")


@pytest.mark.parametrize(
    "forged", ["kz.kamqor-demo|two|9999999999|" + "0" * 64, "kz.kamqor-demo", "kz.kamqor-demo|two"]
)
async def test_a_forged_context_is_refused(database: Database, forged: str) -> None:
    await _insert(database, KAMQOR, "kz.kamqor-demo", 2)

    async with database.transaction(SAPAR) as connection:
        await connection.execute("SELECT set_config('safar.context', $1, true)", forged)
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await connection.fetch("SELECT id FROM thing")


async def test_an_expired_context_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.database.time.time", lambda: 1_000_000)

    async with database.transaction(SAPAR) as connection:
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await connection.fetch("SELECT id FROM thing")


async def test_the_signing_key_cannot_be_read_or_replaced(database: Database) -> None:
    for statement in ("SELECT * FROM safar.context_key", "SELECT safar.install_context_key('00')"):
        async with database.plain() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_signing_key_of_ones_own_is_not_taken_for_the_nodes(database: Database) -> None:
    await _insert(database, KAMQOR, "kz.kamqor-demo", 2)
    key = b"\x01" * 64
    pads = [bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C)]
    forged = ContextSigner(key).sign(KAMQOR)

    async with database.transaction(SAPAR) as connection:
        await connection.execute("CREATE TEMP TABLE context_key (inner_pad bytea, outer_pad bytea)")
        await connection.execute("GRANT SELECT ON context_key TO PUBLIC")
        await connection.execute("INSERT INTO context_key VALUES ($1, $2)", *pads)
        await connection.execute("SELECT set_config('safar.context', $1, true)", forged)
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="refused"):
            await connection.fetch("SELECT id FROM thing")


async def test_the_nodes_own_work_passes_only_policies_made_for_it(database: Database) -> None:
    async with database.transaction(SAPAR) as connection:
        await connection.execute("INSERT INTO due VALUES ('kz.sapar-demo', 1)")
        await connection.execute("INSERT INTO thing VALUES ('kz.sapar-demo', 1)")

    async with database.transaction(Context(NODE, "clock")) as connection:
        due = await connection.fetch("SELECT * FROM due")
        things = await connection.fetch("SELECT * FROM thing")

    assert len(due) == 1
    assert things == []


async def test_the_app_role_cannot_bypass_the_wall(database: Database) -> None:
    async with database.plain() as connection:
        role = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        owned = await connection.fetchval(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user"
        )

    assert tuple(role.values()) == (False, False, False)
    assert owned == 0
