"""The hot path: a draft with its audit entry, its counted fact and its idempotency key is one statement.

The statement sets the signed tenant context itself. A CTE that inserts sees it at once; the case is read laterally
to the context, so that its row-level security runs after it. Both fail closed: without context, Postgres raises.
"""

import asyncpg

from services.chassis.database import Context, Database
from services.chassis.ids import uuid7
from services.chassis.outbox import OutboxRow
from services.referrals.domain.draft import Draft, DraftOutcome, Remembered


async def insert_draft(
    database: Database, draft: Draft, fact: OutboxRow, *, note: bytes | None, remembered: Remembered | None
) -> DraftOutcome:
    """Store a draft; `fact` lacks what only the case knows, the statement adds it."""
    context = database.signed(Context(draft.agency, draft.actor.subject))
    try:
        row = await database.pool.fetchrow(_INSERT, context, *_values(draft, fact, note, remembered))
    except asyncpg.UniqueViolationError:
        return DraftOutcome.REPEATED
    database.hint()
    assert row is not None  # noqa: S101  (an aggregate always has a row)
    if not row["cases"]:
        return DraftOutcome.NO_CASE
    if not row["agencies"]:
        return DraftOutcome.NO_AGENCY
    return DraftOutcome.CREATED if row["drafts"] else DraftOutcome.NOT_REDIRECTED


def _values(draft: Draft, fact: OutboxRow, note: bytes | None, remembered: Remembered | None) -> tuple[object, ...]:
    kept = (remembered.route, remembered.key, remembered.body_hash, remembered.answer) if remembered else (None,) * 4
    return (
        draft.agency,
        draft.id,
        draft.case_id,
        draft.receiving_agency,
        draft.service,
        draft.urgency,
        draft.service_offering_id,
        draft.interpreter_needed,
        note,
        draft.redirected_from,
        draft.consent_grant_id,
        draft.created_at,
        draft.actor.subject,
        draft.actor.role,
        uuid7(),
        fact.lane,
        fact.event.id,
        fact.event.type,
        fact.subject,
        fact.event.traceparent,
        fact.payload.decode(),
        *kept,
    )


_INSERT = """
WITH context AS MATERIALIZED (SELECT set_config('safar.context', $1, true) AS entered),
found AS MATERIALIZED (
  SELECT c.* FROM context, LATERAL (
    SELECT code, sex, age_band, district, languages, with_children, exploitation FROM case_file
    WHERE agency_id = $2 AND id = $4 AND erased_at IS NULL AND context.entered <> '' OFFSET 0) c),
partner AS MATERIALIZED (
  SELECT agency_id FROM agency WHERE agency_id = $5 AND agency_id <> $2 AND NOT suspended
    AND country IS NOT NULL AND agency_id NOT LIKE '%.node'),
earlier AS MATERIALIZED (
  SELECT r.* FROM context, LATERAL (
    SELECT true AS there FROM referral WHERE agency_id = $2 AND id = $11 AND case_id = $4 AND side = 'referring'
      AND status = 'redirected' AND context.entered <> '' OFFSET 0) r WHERE $11::uuid IS NOT NULL),
draft AS (
  INSERT INTO referral (agency_id, id, side, partner_id, status, version, case_id, code, service, urgency, district,
    age_band, sex, language, interpreter_needed, with_children, exploitation, note, service_offering_id,
    redirected_from, consent_grant_id, created_at, created_by, next_step, move)
  SELECT $2, $3, 'referring', $5, 'draft', 1, $4, f.code, $6, $7, f.district, f.age_band, f.sex, f.languages[1], $9,
    f.with_children, f.exploitation, $10, $8, $11, $12, $13, $14, 'send', 'mine' FROM found f, partner
  WHERE $11::uuid IS NULL OR EXISTS (SELECT FROM earlier)
  RETURNING id),
audited AS (
  INSERT INTO audit (agency_id, id, at, principal, role, act, subject_kind, subject_id)
  SELECT $2, $16, $13, $14, $15, 'create_referral', 'referral', id FROM draft),
positioned AS (INSERT INTO outbox_position (lane, last_sequence) SELECT $17, 1 FROM draft),
told AS (
  INSERT INTO outbox (lane, sequence, event_id, type, subject, traceparent, payload)
  SELECT $17, 1, $18, $19, $20, $21, convert_to(($22::jsonb || jsonb_build_object('data', ($22::jsonb -> 'data')
    || jsonb_build_object('sex', f.sex, 'age_band', f.age_band, 'exploitation', f.exploitation)))::text, 'UTF8')
  FROM found f, draft),
remembered AS (
  INSERT INTO idempotency (agency_id, principal, route, key, body_hash, answer, created_at)
  SELECT $2, $14, $23::text, $24::text, $25::bytea, $26::text, $13 FROM draft WHERE $23::text IS NOT NULL)
SELECT (SELECT count(*) FROM found) AS cases, (SELECT count(*) FROM partner) AS agencies, count(*) AS drafts FROM draft
"""
