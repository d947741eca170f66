"""The registry of a node: agencies, people, keys, corridors."""

from alembic import op

from services.chassis.migrations import create_context, create_outbox, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_context(op, "identity")
    create_outbox(op, "identity")
    for statement in _TABLES:
        op.execute(statement)
    for table in ("agencies", "agency_keys", "agreements", "corridors"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO identity_app")
    for table in ("staff", "api_clients"):
        protect(op, table, "identity", grants="SELECT, INSERT, UPDATE")


_TABLES = (
    """CREATE TABLE agencies (
        agency_id text PRIMARY KEY, kind text NOT NULL, name_en text NOT NULL, name_ru text NOT NULL,
        district text, focal_point text, enrolled_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE staff (
        agency_id text NOT NULL, username text NOT NULL, name text NOT NULL, roles text[] NOT NULL,
        enrolled_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (agency_id, username))""",
    """CREATE TABLE api_clients (
        agency_id text NOT NULL, client_id text NOT NULL, roles text[] NOT NULL,
        registered_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (agency_id, client_id))""",
    """CREATE TABLE agency_keys (
        agency_id text NOT NULL, version int NOT NULL, suite text NOT NULL, sign_public bytea NOT NULL,
        seal_public bytea NOT NULL, valid_from timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (agency_id, version))""",
    """CREATE TABLE agreements (reference text PRIMARY KEY, title text NOT NULL, opened_on date NOT NULL)""",
    """CREATE TABLE corridors (
        origin text NOT NULL, destination text NOT NULL, agreement text NOT NULL REFERENCES agreements (reference),
        closed_on date, PRIMARY KEY (origin, destination))""",
)
