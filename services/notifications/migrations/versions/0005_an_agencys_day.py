"""What an agency sent to a country today."""

from alembic import op

from services.chassis.migrations import protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE agency_day (
            agency_id text NOT NULL, destination text NOT NULL, day date NOT NULL, sent bigint NOT NULL,
            PRIMARY KEY (agency_id, destination))"""
    )
    protect(op, "agency_day", "notifications", system=True)
