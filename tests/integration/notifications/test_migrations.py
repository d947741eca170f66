"""The migrations reach the tables that are declared, and no tenant table stands outside the wall."""

from services.notifications.storage import tables
from tests.support.postgres import PostgresServer


async def test_migrations_reach_the_declared_tables(postgres: PostgresServer) -> None:
    database = (await postgres.database("notifications")).connect(2)
    await database.open()
    declared = {
        name: {column.name: bool(column.nullable) for column in table.columns}
        for name, table in tables.Table.metadata.tables.items()
    }

    rows = await database.pool.fetch(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_name = ANY($1)",
        list(declared),
    )
    walled = await database.pool.fetch("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    await database.close()

    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["is_nullable"] == "YES"
    assert found == declared
    assert {row["relname"] for row in walled} == {"message", "envelope", "arrival", "agency_day"}
