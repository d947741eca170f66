"""The wall, as the app role itself meets it."""

import asyncpg
import pytest

from services.chassis.database import Context, ContextSigner, Database
from services.referrals.storage.drafts import _INSERT
from tests.integration.referrals.nodes import KAMQOR, SAPAR, Journey, referral_body

TENANT = (
    "case_file",
    "identity_field",
    "consent_grant",
    "referral",
    "custody_entry",
    "deadline",
    "notice",
    "audit",
    "idempotency",
)


async def test_without_a_context_no_tenant_table_answers(journey: Journey) -> None:
    await journey.accepted()

    for table in TENANT:
        if not await journey.kz.admin(f"SELECT true FROM {table} LIMIT 1"):
            continue  # Postgres asks for the context with the first row
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await journey.kz.database.pool.fetch(f"SELECT * FROM {table}")


async def test_another_agency_sees_no_row_of_any_table(journey: Journey) -> None:
    await journey.accepted()

    async with journey.kz.database.transaction(Context(KAMQOR, "test")) as connection:
        for table in TENANT:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_another_agency_can_neither_write_for_nor_steal_a_row(journey: Journey) -> None:
    await journey.sent()

    async with journey.kz.database.transaction(Context(KAMQOR, "test")) as connection:
        assert await connection.execute("UPDATE referral SET status = 'closed'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with journey.kz.database.transaction(Context(KAMQOR, "test")) as connection:
            await connection.execute(
                "INSERT INTO case_file SELECT $1, gen_random_uuid(), 'c', 'female', NULL, 'unknown', NULL, '{}', NULL, "
                "'{}', 'low', 'normal', 'none', '{}', now(), 'x'",
                SAPAR,
            )


async def test_the_audit_can_only_be_added_to(journey: Journey) -> None:
    await journey.sent()

    for statement in ("UPDATE audit SET act = 'nothing'", "DELETE FROM audit", "DELETE FROM custody_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with journey.kz.database.transaction(Context(SAPAR, "test")) as connection:
                await connection.execute(statement)


async def test_every_tenant_table_forces_its_wall(journey: Journey) -> None:
    rows = await journey.kz.admin(
        "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agency_id' "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND relname <> 'agency' "
        "AND NOT (relrowsecurity AND relforcerowsecurity)"
    )

    assert [row["relname"] for row in rows] == []


class Liar(ContextSigner):
    """Signs for one agency whatever it is asked to sign for."""

    def sign(self, context: Context) -> str:
        return super().sign(Context(KAMQOR, context.principal))


async def test_the_hot_path_cannot_write_for_another_agency_than_its_context(journey: Journey) -> None:
    await journey.open_case()
    office = journey.kz.office
    liar = Database(journey.kz.main.app_url, Liar(bytes.fromhex("5a" * 32)), 2)
    await liar.open()
    honest, office.units.database = office.units.database, liar

    answer = await journey.kz.call("POST", "referrals", SAPAR, referral_body(journey.case_id))

    office.units.database = honest
    await liar.close()
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_case"
    assert (await journey.kz.admin("SELECT count(*) AS n FROM referral"))[0]["n"] == 0


async def test_the_hot_path_checks_rows_it_inserts_not_only_rows_it_reads(journey: Journey) -> None:
    signer = ContextSigner(bytes.fromhex("5a" * 32))
    await journey.open_case()
    writes = _INSERT[_INSERT.index("audited AS") : _INSERT.index("positioned AS")].rstrip().rstrip(",")
    statement = (
        "WITH context AS MATERIALIZED (SELECT set_config('safar.context', $1, true) AS entered), "
        "draft AS (SELECT gen_random_uuid() AS id FROM context), "
        + writes.replace("$2", "'kz.sapar-demo'")
        .replace("$16", "gen_random_uuid()")
        .replace("$13", "now()")
        .replace("$14", "'x'")
        .replace("$15", "NULL")
        + " SELECT 1"
    )

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await journey.kz.database.pool.fetch(statement, signer.sign(Context(KAMQOR, "x")))
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await journey.kz.database.pool.fetch(statement, "kz.sapar-demo|x|9999999999|forged")
    await journey.kz.database.pool.fetch(statement, signer.sign(Context(SAPAR, "x")))


async def test_the_hot_path_stays_within_its_context_once_postgres_keeps_its_plan(journey: Journey) -> None:
    await journey.open_case()
    body = referral_body(journey.case_id)
    office = journey.kz.office
    one = Database(journey.kz.main.app_url, ContextSigner(bytes.fromhex("5a" * 32)), 1)
    await one.open()
    several, office.units.database = office.units.database, one

    codes = [(await journey.kz.call("POST", "referrals", SAPAR, body)).status_code for _ in range(15)]
    await one.pool.execute("SET plan_cache_mode = force_generic_plan")
    codes += [(await journey.kz.call("POST", "referrals", SAPAR, body)).status_code for _ in range(3)]
    refused = await journey.kz.call("POST", "referrals", KAMQOR, body)

    office.units.database = several
    await one.close()
    assert codes == [201] * 18
    assert refused.json()["code"] == "unknown_case"


async def test_the_hot_path_leaves_no_context_behind(journey: Journey) -> None:
    await (await journey.open_case()).draft()

    for _ in range(30):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await journey.kz.database.pool.fetch("SELECT * FROM referral")


async def test_keys_of_other_agencies_are_behind_the_same_wall(journey: Journey) -> None:
    await journey.open_case()

    async with journey.kz.keys_database.transaction(Context(KAMQOR, "test")) as connection:
        assert await connection.fetchval("SELECT count(*) FROM data_key") == 0
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await journey.kz.keys_database.pool.fetch("SELECT * FROM data_key")
