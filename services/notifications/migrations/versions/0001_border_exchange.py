"""The border exchange: messages on their way, envelopes as agencies see them, arrivals, the key directory."""

from alembic import op

from services.chassis.migrations import create_context, create_inbox, create_outbox, protect

revision = "0001"
down_revision = None

SERVICE = "notifications"


def upgrade() -> None:
    create_context(op, SERVICE)
    create_outbox(op, SERVICE)
    create_inbox(op, SERVICE)
    for statement in _TABLES:
        op.execute(statement)
    for table in ("message", "envelope", "arrival"):
        protect(op, table, SERVICE, system=True)
    for table in ("sealing", "replay_guard", "broadcast", "broadcast_sent", "link"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE}_app")
    for table in ("agency", "agency_key", "corridor"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {SERVICE}_app")
    op.execute(f"GRANT UPDATE ON dead_letter TO {SERVICE}_app")


_TABLES = (
    # The body is encrypted under the node's transport key, and gone once the other side has opened it.
    """CREATE TABLE message (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, agency_id text NOT NULL,
        kind text NOT NULL, lane text NOT NULL, destination text NOT NULL, event_id uuid NOT NULL,
        event_type text NOT NULL, subject text NOT NULL, recipient text NOT NULL, body bytea NOT NULL,
        state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'sealed', 'crossed')), reason text,
        posted_id uuid, queued_at timestamptz NOT NULL DEFAULT now(), held_at timestamptz,
        UNIQUE (event_id, recipient))""",
    "CREATE INDEX message_held ON message (lane, number) WHERE state = 'held'",
    "CREATE INDEX message_waiting ON message (destination, queued_at) WHERE state <> 'crossed'",
    "CREATE INDEX message_posted ON message (posted_id)",
    """CREATE TABLE envelope (
        id uuid PRIMARY KEY, agency_id text NOT NULL,
        direction text NOT NULL CHECK (direction IN ('outbound', 'inbound')), event_id uuid NOT NULL,
        event_type text NOT NULL, subject text NOT NULL, sender text NOT NULL, recipient text NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'parked', 'sent', 'received', 'opened')), reason text,
        queued_at timestamptz, sent_at timestamptz, received_at timestamptz, opened_at timestamptz,
        UNIQUE (event_id, recipient, direction))""",
    "CREATE INDEX envelope_subject ON envelope (agency_id, subject)",
    """CREATE TABLE sealing (
        envelope_id uuid PRIMARY KEY, event_id uuid NOT NULL, recipient text NOT NULL, digest text NOT NULL,
        sealed_at timestamptz NOT NULL)""",
    """CREATE TABLE replay_guard (
        issuer text NOT NULL, envelope_id uuid NOT NULL, opened_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (issuer, envelope_id))""",
    """CREATE TABLE arrival (
        id uuid PRIMARY KEY, agency_id text NOT NULL, origin text NOT NULL, envelope_id uuid, digest text NOT NULL,
        lane text NOT NULL, position bigint NOT NULL, sender text, recipient text, size int NOT NULL, payload bytea,
        state text NOT NULL CHECK (state IN ('stored', 'waiting', 'dead', 'opened')), reason text, waiting_for text,
        receipted boolean NOT NULL DEFAULT false, received_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz, UNIQUE (origin, digest))""",
    "CREATE INDEX arrival_stored ON arrival (origin, lane, position) WHERE state = 'stored'",
    "CREATE INDEX arrival_unopened ON arrival (received_at) WHERE state IN ('waiting', 'dead')",
    """CREATE TABLE broadcast (
        source text NOT NULL, lane text NOT NULL, sequence int NOT NULL, event_id uuid NOT NULL, body bytea NOT NULL,
        PRIMARY KEY (source, lane, sequence))""",
    """CREATE TABLE broadcast_sent (
        source text NOT NULL, lane text NOT NULL, sequence int NOT NULL, recipient text NOT NULL,
        PRIMARY KEY (source, lane, sequence, recipient))""",
    "CREATE TABLE agency (agency_id text PRIMARY KEY, suspended boolean NOT NULL DEFAULT false)",
    """CREATE TABLE agency_key (
        agency_id text NOT NULL, version int NOT NULL, suite text NOT NULL, sign_public bytea NOT NULL,
        seal_public bytea NOT NULL, valid_from timestamptz NOT NULL, PRIMARY KEY (agency_id, version))""",
    """CREATE TABLE corridor (
        origin text NOT NULL, destination text NOT NULL, is_open boolean NOT NULL,
        PRIMARY KEY (origin, destination))""",
    "CREATE TABLE link (node text PRIMARY KEY, heard_at timestamptz NOT NULL)",
)
