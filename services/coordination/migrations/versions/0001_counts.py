"""Counts of a country by agency, and of the region by country."""

from alembic import op

from services.chassis.migrations import create_context, create_inbox, create_outbox, protect

revision = "0001"
down_revision = None

_KEY = """month text NOT NULL, origin text NOT NULL, destination text NOT NULL, service text NOT NULL,
        sex text NOT NULL, age_band text NOT NULL, status text NOT NULL"""
_COUNTED = """count int NOT NULL CHECK (count >= 0),
        acknowledge_hours int[] NOT NULL, decide_hours int[] NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()"""
_NAMES = "month, origin, destination, service, sex, age_band, status"


def upgrade() -> None:
    create_context(op, "coordination")
    create_outbox(op, "coordination")
    create_inbox(op, "coordination")
    for statement in _TABLES:
        op.execute(statement)
    protect(op, "count_cells", "coordination", grants="SELECT, INSERT, UPDATE", system=True)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON changed_cells TO coordination_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON changed_referrals TO coordination_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON published_cells, publications TO coordination_app")


_TABLES = (
    f"""CREATE TABLE count_cells (
        agency_id text NOT NULL, side text NOT NULL, {_KEY}, urgency text NOT NULL, exploitation text NOT NULL,
        {_COUNTED}, PRIMARY KEY (agency_id, side, {_NAMES}, urgency, exploitation))""",
    f"CREATE INDEX count_cells_published ON count_cells ({_NAMES}) WHERE side = 'referring'",
    f"""CREATE TABLE changed_cells (
        {_KEY}, changed_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY ({_NAMES}))""",
    "CREATE TABLE changed_referrals (referral_id uuid PRIMARY KEY)",
    f"CREATE TABLE published_cells ({_KEY}, {_COUNTED}, PRIMARY KEY ({_NAMES}))",
    """CREATE TABLE publications (
        country text PRIMARY KEY, as_of timestamptz NOT NULL, received_at timestamptz NOT NULL)""",
)
