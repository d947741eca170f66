"""An event's id is its sender's: another's event under the same id is another event."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE envelope DROP CONSTRAINT envelope_event_id_recipient_direction_key")
    op.execute("ALTER TABLE envelope ADD UNIQUE (event_id, sender, recipient, direction)")
