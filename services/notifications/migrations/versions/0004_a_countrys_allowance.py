"""What a country makes this node hold, and what came from it today."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE link ADD COLUMN day date, ADD COLUMN taken bigint NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX arrival_held ON arrival (origin) INCLUDE (size) WHERE state <> 'opened'")
