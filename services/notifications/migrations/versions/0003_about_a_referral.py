"""What a message is about: its subject also names the author, since each author has a lane of its own."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE envelope ADD COLUMN about text GENERATED ALWAYS AS (split_part(subject, ':', 1)) STORED")
    op.execute("DROP INDEX envelope_subject")
    op.execute("CREATE INDEX envelope_about ON envelope (agency_id, about)")
