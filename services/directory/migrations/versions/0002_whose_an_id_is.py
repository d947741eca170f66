"""Whose an offering's id is, also when it is withdrawn; of those withdrawn before, this is not known any more."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE TABLE offering_owner (service_offering_id uuid PRIMARY KEY, agency_id text NOT NULL)")
    op.execute("INSERT INTO offering_owner SELECT service_offering_id, agency_id FROM published_offering")
    op.execute("GRANT SELECT, INSERT, UPDATE ON offering_owner TO directory_app")
