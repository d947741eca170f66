from services.coordination.storage.tables import Table
from tests.support.postgres import PostgresServer

CHASSIS = ["alembic_version", "outbox", "outbox_position", "inbox", "inbox_position", "dead_letter"]


async def test_migrations_reach_the_declared_tables(postgres: PostgresServer) -> None:
    database = (await postgres.database("coordination")).connect()
    await database.open()

    rows = await database.pool.fetch(
        """SELECT c.relname, a.attname, NOT a.attnotnull AS nullable, format_type(a.atttypid, NULL) AS type
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
          AND NOT c.relname = ANY($1)""",
        CHASSIS,
    )
    await database.close()

    declared = {
        (table.name, column.name, bool(column.nullable), _type(str(column.type)))
        for table in Table.metadata.tables.values()
        for column in table.columns
    }
    assert {tuple(row) for row in rows} == declared


async def test_the_count_of_an_agency_is_behind_the_wall(postgres: PostgresServer) -> None:
    database = (await postgres.database("coordination")).connect()
    await database.open()

    walled = await database.pool.fetchrow(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'count_cells'"
    )
    await database.close()

    assert tuple(walled) == (True, True)


def _type(name: str) -> str:
    known = {
        "TEXT": "text",
        "INTEGER": "integer",
        "DATETIME": "timestamp with time zone",
        "ARRAY": "integer[]",
        "UUID": "uuid",
    }
    return known[name] if name in known else f"{known[name.removesuffix('[]')]}[]"
