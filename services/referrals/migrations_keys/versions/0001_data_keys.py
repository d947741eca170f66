"""Wrapped data keys, apart from everything they open: this database has its own, short backup window."""  # noqa: INP001  (numbered by order, not imported)

from alembic import op

from services.chassis.migrations import create_context, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_context(op, "referrals_keys")
    op.execute(
        """CREATE TABLE data_key (
            agency_id text NOT NULL, person_id uuid NOT NULL, version int NOT NULL DEFAULT 1,
            wrapped bytea, created_at timestamptz NOT NULL DEFAULT now(), destroyed_at timestamptz,
            PRIMARY KEY (agency_id, person_id),
            CONSTRAINT destroyed_means_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)))"""
    )
    protect(op, "data_key", "referrals_keys", grants="SELECT, INSERT, UPDATE")
