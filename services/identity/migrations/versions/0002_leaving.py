"""Agencies can be suspended; staff and API clients can leave."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE agencies ADD COLUMN suspended_at timestamptz")
    op.execute("GRANT DELETE ON staff, api_clients TO identity_app")
