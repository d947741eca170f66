"""The smallest service: one tenant table, outbox, inbox."""

from alembic import op

from services.chassis.migrations import create_context, create_inbox, create_outbox, index_parked, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_context(op, "sample")
    create_outbox(op, "sample")
    index_parked(op)
    create_inbox(op, "sample")
    op.execute("CREATE TABLE thing (agency_id text NOT NULL, id int NOT NULL, PRIMARY KEY (agency_id, id))")
    protect(op, "thing", "sample")
    op.execute("CREATE TABLE due (agency_id text NOT NULL, id int NOT NULL)")
    protect(op, "due", "sample", system=True)
    op.execute(
        "CREATE TABLE applied (n bigint GENERATED ALWAYS AS IDENTITY, sequence int NOT NULL, lane text NOT NULL)"
    )
    op.execute("GRANT SELECT, INSERT ON applied TO sample_app")
