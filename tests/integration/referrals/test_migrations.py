"""Migrations reach the declared tables, column by column."""

from services.referrals.storage.tables import Table
from tests.integration.referrals.nodes import Journey

_TYPES = {
    "type_decorator": "text",  # SQLModel's AutoString
    "text": "text",
    "uuid": "uuid",
    "integer": "integer",
    "boolean": "boolean",
    "JSONB": "jsonb",
    "datetime": "timestamp with time zone",
    "large_binary": "bytea",
    "ARRAY": "ARRAY",
}


async def test_migrations_reach_the_declared_tables(journey: Journey) -> None:
    rows = await journey.kz.admin(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    )
    infrastructure = {"alembic_version", "outbox", "outbox_position", "inbox", "inbox_position", "dead_letter"}
    reached = {
        (row["table_name"], row["column_name"], row["data_type"], row["is_nullable"] == "YES")
        for row in rows
        if row["table_name"] not in infrastructure
    }

    declared = {
        (table.name, column.name, _TYPES[column.type.__visit_name__], bool(column.nullable))
        for table in Table.metadata.tables.values()
        for column in table.columns
    }

    assert declared == reached
