"""The migrations reach the tables that are declared."""

from sqlmodel import SQLModel

from services.directory.storage import tables
from tests.integration.directory.conftest import DirectoryNode


async def test_migrations_reach_the_declared_tables(kz: DirectoryNode) -> None:
    rows = await kz.database.pool.fetch(
        "SELECT table_name, column_name, is_nullable, is_generated FROM information_schema.columns "
        "WHERE table_name = ANY($1)",
        list(_declared()),
    )

    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        nullable = row["is_nullable"] == "YES" and row["is_generated"] == "NEVER"
        found.setdefault(row["table_name"], {})[row["column_name"]] = nullable

    assert found == _declared()


def test_no_column_of_the_public_list_could_hold_an_address() -> None:
    public = set(SQLModel.metadata.tables[tables.PublishedOfferingRow.__tablename__].columns.keys())

    assert not {name for name in public if "private" in name or "address" in name or "contact" in name}


def _declared() -> dict[str, dict[str, bool]]:
    classes = (tables.AgencyRow, tables.OfferingOwnerRow, tables.PublishedOfferingRow, tables.ServiceOfferingRow)
    return {
        one.__tablename__: {
            column.name: bool(column.nullable) and column.computed is None
            for column in SQLModel.metadata.tables[one.__tablename__].columns
        }
        for one in classes
    }
