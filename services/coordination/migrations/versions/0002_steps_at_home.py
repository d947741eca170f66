"""The country's own coordinators are shown counts in steps too; what they see is filled by the next publication."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE changed_referrals ADD COLUMN view text NOT NULL DEFAULT 'region'")
    op.execute("ALTER TABLE changed_referrals ALTER COLUMN view DROP DEFAULT")
    op.execute("ALTER TABLE changed_referrals DROP CONSTRAINT changed_referrals_pkey")
    op.execute("ALTER TABLE changed_referrals ADD PRIMARY KEY (view, referral_id)")
