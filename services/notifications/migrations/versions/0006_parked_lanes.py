"""The relay finds parked lanes by an index, whatever the planner knows of the outbox."""

from alembic import op

from services.chassis.migrations import index_parked

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    index_parked(op)
