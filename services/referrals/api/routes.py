"""Referrals: drafts, lists, pages, timelines; notices and the audit."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.envelope import Instant
from contracts.terms import ReferralStatus
from services.chassis.ids import uuid7
from services.chassis.problems import NotFoundError
from services.referrals.api import answer_schemas as shapes
from services.referrals.api import answers, schemas
from services.referrals.api.cases import Cursor, Limit
from services.referrals.api.guards import Acting, Doors, Key, Officer, Opened, actor_of, body_hash, read_cursor
from services.referrals.api.replies import GONE, PRIVATE, WITH_ETAG, reply, text_of
from services.referrals.domain.draft import Draft, Remembered
from services.referrals.domain.listing import ReferralFilter
from services.referrals.domain.terms import Move, Purpose, Side
from services.referrals.usecases.create_referral import create_referral
from services.referrals.usecases.read_identity import read_identity

router = APIRouter(prefix="/v1", tags=["referrals"])

_ORDER = "`due` lists what has a deadline, the next one first, and nothing else."


@router.post("/referrals", status_code=201, name="create_referral", response_model=shapes.ReferralCreated)
async def post_referral(body: schemas.CreateReferral, principal: Acting, office: Doors, key: Key) -> Response:
    now = datetime.now(UTC)
    draft = Draft(id=uuid7(), agency=principal.agency, actor=actor_of(principal), created_at=now, **dict(body))
    answer = text_of({"referral_id": draft.id, "status": "draft", "version": 1, "created_at": now})
    if key is None:
        await create_referral(office.drafts, draft, None)
        return reply(answer, 201)
    remembered = Remembered("create_referral", key, body_hash(body), answer)
    if await create_referral(office.drafts, draft, remembered):
        return reply(answer, 201)
    async with office.begin(principal) as opened:
        before = await opened.replay(remembered.route, key, remembered.body_hash)
    return reply(before or answer, 201)


@router.get("/referrals", name="list_referrals", response_model=shapes.Page[shapes.ReferralItem])
async def get_referrals(
    principal: Acting,
    office: Doors,
    role: Side | None = None,
    status: Annotated[list[ReferralStatus] | None, Query()] = None,
    move: Move | None = None,
    due_before: Instant | None = None,
    case_id: UUID | None = None,
    order: Annotated[Literal["newest", "due"], Query(description=_ORDER)] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    by_due, listed = order == "due", f"referrals {order}"
    after = read_cursor(listed, cursor)
    wanted = ReferralFilter(role, status or (), move, case_id, due_before, by_due, after, limit)
    async with office.begin(principal) as opened:
        rows = await opened.reading.referrals(wanted)
    now = answers.now()
    items = [answers.referral_item(row, now) for row in rows]
    return reply(answers.page(listed, items, rows, limit, by_due=by_due))


@router.get("/referrals/{referral_id}", name="read_referral", response_model=shapes.ReferralDetail, responses=WITH_ETAG)
async def get_referral(referral_id: UUID, principal: Acting, office: Doors) -> Response:
    async with office.begin(principal) as opened:
        row = await _found(opened, referral_id)
        notices = await opened.reading.notices_of(referral_id)
        texts = await opened.reading.texts(row, ())
        if row["unread"]:
            await opened.reading.mark_read(referral_id)
    detail = answers.referral_detail(row, notices, texts.note, answers.now())
    return reply(detail, headers={"ETag": f'"{row["version"]}"'})


@router.get("/referrals/{referral_id}/timeline", name="read_timeline", response_model=shapes.Timeline)
async def get_timeline(referral_id: UUID, principal: Acting, office: Doors) -> Response:
    async with office.begin(principal) as opened:
        row = await _found(opened, referral_id)
        notices = await opened.reading.notices_of(referral_id)
        entries = [
            dict(one) | {"codes_read": json.loads(one["codes"])} for one in await opened.reading.entries(referral_id)
        ]
        texts = await opened.reading.texts(row, entries)
    return reply(answers.timeline(row, entries, notices, texts, answers.now()))


@router.get(
    "/referrals/{referral_id}/identity", name="read_identity", response_model=shapes.ReleasedIdentity, responses=GONE
)
async def get_identity(
    referral_id: UUID, principal: Acting, office: Doors, purpose: Purpose = Purpose.CASEWORK
) -> Response:
    async with office.begin(principal) as opened:
        referral, identity = await read_identity(opened.desk, actor_of(principal), referral_id, purpose)
    until = referral.consent.valid_until if referral.consent else None
    return reply({"referral_id": referral.id, "identity": identity, "valid_until": until}, headers=PRIVATE)


@router.get("/notices", name="list_notices", response_model=shapes.Page[shapes.NoticeItem])
async def get_notices(principal: Acting, office: Doors, cursor: Cursor = None, limit: Limit = 50) -> Response:
    after = read_cursor("notices", cursor)
    async with office.begin(principal) as opened:
        rows = await opened.reading.notices(after[1] if after else None, limit)
    return reply(answers.page("notices", [answers.notice_item(row) for row in rows], rows, limit))


@router.get("/audit", name="list_audit", response_model=shapes.Page[shapes.AuditItem])
async def get_audit(principal: Officer, office: Doors, cursor: Cursor = None, limit: Limit = 50) -> Response:
    after = read_cursor("audit", cursor)
    async with office.begin(principal) as opened:
        rows = await opened.reading.audit(after[1] if after else None, limit)
    return reply(answers.page("audit", [answers.audit_item(row) for row in rows], rows, limit))


async def _found(opened: Opened, referral_id: UUID) -> dict[str, Any]:
    row = await opened.reading.referral(referral_id)
    if row is None:
        raise NotFoundError
    return dict(row) | {"codes_read": json.loads(row["codes"])}
