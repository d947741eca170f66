"""Browser sessions and sign-ins under way: hashes of ids, and sealed content."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE session (
            id_hash bytea PRIMARY KEY, sealed bytea NOT NULL, started_at timestamptz NOT NULL DEFAULT now(),
            seen_at timestamptz NOT NULL DEFAULT now(), ends_at timestamptz NOT NULL)"""
    )
    op.execute("CREATE INDEX session_ends ON session (ends_at)")
    op.execute(
        """CREATE TABLE sign_in (
            id_hash bytea PRIMARY KEY, sealed bytea NOT NULL, begun_at timestamptz NOT NULL DEFAULT now())"""
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON session, sign_in TO gateway_app")
