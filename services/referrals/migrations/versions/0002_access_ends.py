"""When a receiving agency's access ends by itself; of referrals that were received before, reading alone ends."""

from alembic import op

from services.chassis.migrations import protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE access_end (
            agency_id text NOT NULL, referral_id uuid NOT NULL, ends_at timestamptz NOT NULL,
            PRIMARY KEY (agency_id, referral_id),
            FOREIGN KEY (agency_id, referral_id) REFERENCES referral (agency_id, id))"""
    )
    op.execute("CREATE INDEX access_end_due ON access_end (ends_at)")
    protect(op, "access_end", "referrals", system=True)
