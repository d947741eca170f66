"""Cases, consent grants, copies of referrals, custody log, deadlines, audit."""

from alembic import op

from services.chassis.migrations import create_context, create_inbox, create_outbox, protect

revision = "0001"
down_revision = None

_TABLES = (
    "CREATE TABLE case_code (code text PRIMARY KEY)",
    """CREATE TABLE case_file (
        agency_id text NOT NULL, id uuid NOT NULL, code text NOT NULL,
        sex text NOT NULL, birth_year int, age_band text NOT NULL, district text, languages text[] NOT NULL,
        with_children boolean, needs text[] NOT NULL, risk text NOT NULL, urgency text NOT NULL,
        exploitation text NOT NULL, identity_fields text[] NOT NULL,
        created_at timestamptz NOT NULL, created_by text NOT NULL, erased_at timestamptz,
        PRIMARY KEY (agency_id, id))""",
    """CREATE TABLE identity_field (
        agency_id text NOT NULL, person_id uuid NOT NULL, field text NOT NULL, ciphertext bytea NOT NULL,
        PRIMARY KEY (agency_id, person_id, field))""",
    """CREATE TABLE consent_grant (
        agency_id text NOT NULL, id uuid NOT NULL, case_id uuid NOT NULL, receiving_agency text NOT NULL,
        purpose text NOT NULL, fields text[] NOT NULL, withheld jsonb NOT NULL, valid_until timestamptz NOT NULL,
        given_by text NOT NULL, explanation_language text NOT NULL, interpreter boolean NOT NULL,
        recorded_how text NOT NULL, recorded_at timestamptz NOT NULL, recorded_by text NOT NULL, recorder_name text,
        withdrawn_at timestamptz,
        PRIMARY KEY (agency_id, id), FOREIGN KEY (agency_id, case_id) REFERENCES case_file (agency_id, id))""",
    """CREATE TABLE referral (
        agency_id text NOT NULL, id uuid NOT NULL, side text NOT NULL, partner_id text NOT NULL, status text NOT NULL,
        version int NOT NULL, case_id uuid, code text NOT NULL, service text NOT NULL, urgency text NOT NULL,
        district text, age_band text NOT NULL, sex text NOT NULL, language text, interpreter_needed boolean,
        with_children boolean, exploitation text NOT NULL, note bytea, service_offering_id uuid, redirected_from uuid,
        consent_grant_id uuid, consent_purpose text, consent_fields text[], consent_valid_until timestamptz,
        own_number int NOT NULL DEFAULT 0, own_hash text NOT NULL DEFAULT repeat('0', 64),
        their_number int NOT NULL DEFAULT 0, their_hash text NOT NULL DEFAULT repeat('0', 64),
        codes jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL, created_by text,
        sent_at timestamptz, acknowledged_at timestamptz, decided_at timestamptz, closed_at timestamptz,
        released_at timestamptz, access_closed_at timestamptz, last_act_at timestamptz,
        unread boolean NOT NULL DEFAULT false, next_step text, move text NOT NULL, due_from timestamptz,
        due_at timestamptz,
        PRIMARY KEY (agency_id, id), FOREIGN KEY (agency_id, case_id) REFERENCES case_file (agency_id, id))""",
    """CREATE TABLE custody_entry (
        agency_id text NOT NULL, referral_id uuid NOT NULL, author text NOT NULL, number int NOT NULL,
        act text NOT NULL, actor_role text, at timestamptz NOT NULL, previous text NOT NULL, hash text NOT NULL,
        event_id uuid NOT NULL, actor_name text, codes jsonb NOT NULL, text bytea,
        received_at timestamptz, opened_at timestamptz, parked_reason text,
        PRIMARY KEY (agency_id, referral_id, author, number),
        FOREIGN KEY (agency_id, referral_id) REFERENCES referral (agency_id, id))""",
    """CREATE TABLE deadline (
        agency_id text NOT NULL, referral_id uuid NOT NULL, step text NOT NULL, side text NOT NULL,
        started_at timestamptz NOT NULL, due_at timestamptz NOT NULL,
        fired text, fired_at timestamptz, next_fire_at timestamptz, met_at timestamptz,
        PRIMARY KEY (agency_id, referral_id, step),
        FOREIGN KEY (agency_id, referral_id) REFERENCES referral (agency_id, id))""",
    """CREATE TABLE notice (
        agency_id text NOT NULL, id uuid NOT NULL, referral_id uuid NOT NULL, step text NOT NULL, stage text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (agency_id, id), FOREIGN KEY (agency_id, referral_id) REFERENCES referral (agency_id, id))""",
    """CREATE TABLE audit (
        agency_id text NOT NULL, id uuid NOT NULL, at timestamptz NOT NULL, principal text NOT NULL, role text,
        act text NOT NULL, purpose text, subject_kind text NOT NULL, subject_id uuid NOT NULL,
        PRIMARY KEY (agency_id, id))""",
    """CREATE TABLE idempotency (
        agency_id text NOT NULL, principal text NOT NULL, route text NOT NULL, key text NOT NULL,
        body_hash bytea NOT NULL, answer text NOT NULL, created_at timestamptz NOT NULL,
        PRIMARY KEY (agency_id, principal, route, key))""",
    """CREATE TABLE agency (
        agency_id text PRIMARY KEY, country text, kind text NOT NULL, name_en text NOT NULL, name_ru text NOT NULL,
        suspended boolean NOT NULL DEFAULT false)""",
    """CREATE TABLE corridor (
        origin text NOT NULL, destination text NOT NULL, told_by text NOT NULL, open boolean NOT NULL,
        PRIMARY KEY (origin, destination, told_by))""",
)
_INDEXES = (
    "CREATE INDEX consent_grant_case ON consent_grant (agency_id, case_id)",
    "CREATE INDEX referral_by_status ON referral (agency_id, side, status, id)",
    "CREATE INDEX referral_by_side ON referral (agency_id, side, id)",
    "CREATE INDEX referral_by_due ON referral (agency_id, due_at, id) WHERE due_at IS NOT NULL",
    "CREATE INDEX referral_by_case ON referral (agency_id, case_id)",
    "CREATE INDEX referral_by_consent ON referral (agency_id, consent_grant_id) WHERE consent_grant_id IS NOT NULL",
    "CREATE INDEX custody_entry_event ON custody_entry (agency_id, event_id)",
    "CREATE INDEX custody_entry_under_way ON custody_entry (agency_id, referral_id) WHERE received_at IS NULL",
    "CREATE INDEX deadline_to_fire ON deadline (next_fire_at) WHERE met_at IS NULL",
    "CREATE INDEX notice_by_referral ON notice (agency_id, referral_id)",
    "CREATE INDEX idempotency_age ON idempotency (created_at)",
)
_TENANT = ("case_file", "identity_field", "consent_grant", "referral", "custody_entry")


def upgrade() -> None:
    create_context(op, "referrals")
    create_outbox(op, "referrals")
    create_inbox(op, "referrals")
    for statement in _TABLES + _INDEXES:
        op.execute(statement)
    for table in _TENANT:
        protect(op, table, "referrals", grants="SELECT, INSERT, UPDATE")
    protect(op, "notice", "referrals", grants="SELECT, INSERT")
    protect(op, "audit", "referrals", grants="SELECT, INSERT")
    protect(op, "deadline", "referrals", grants="SELECT, INSERT, UPDATE", system=True)
    protect(op, "idempotency", "referrals", grants="SELECT, INSERT, UPDATE, DELETE", system=True)
    op.execute("GRANT DELETE ON identity_field TO referrals_app")
    op.execute("GRANT INSERT, SELECT ON case_code TO referrals_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON agency, corridor TO referrals_app")
