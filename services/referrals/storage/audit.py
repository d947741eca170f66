"""Who saw and did what. The app role can only add to it, and an agency reads its own."""

from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.ids import uuid7
from services.referrals.domain.referral import Actor
from services.referrals.domain.terms import Purpose


async def record(
    connection: Connection,
    agency: str,
    actor: Actor,
    at: datetime,
    *,
    act: str,
    subject: tuple[str, UUID],
    purpose: Purpose | None,
) -> None:
    await connection.execute(RECORD, agency, uuid7(), at, actor.subject, actor.role, act, purpose, *subject)


RECORD = """INSERT INTO audit (agency_id, id, at, principal, role, act, purpose, subject_kind, subject_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
