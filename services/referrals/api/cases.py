"""Cases, beneficiaries and consent grants."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.chassis.ids import uuid7
from services.chassis.problems import NotFoundError
from services.referrals.api import answer_schemas as shapes
from services.referrals.api import answers, schemas
from services.referrals.api.guards import Acting, Doors, Key, Officer, Opened, actor_of, body_hash, read_cursor
from services.referrals.api.replies import GONE, PRIVATE, create_once, reply
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.errors import NamesThePersonError
from services.referrals.domain.terms import Purpose
from services.referrals.usecases.check_note import check_note
from services.referrals.usecases.create_case import NewCase, create_case
from services.referrals.usecases.erase_beneficiary import erase_beneficiary
from services.referrals.usecases.read_beneficiary import read_beneficiary
from services.referrals.usecases.record_consent_grant import record_consent_grant
from services.referrals.usecases.withdraw_consent import withdraw_consent_grant

router = APIRouter(prefix="/v1", tags=["cases"])

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.post("/cases", status_code=201, name="create_case", response_model=shapes.CaseCreated)
async def post_case(body: schemas.CreateCase, principal: Acting, office: Doors, key: Key) -> Response:
    async def create(opened: Opened) -> dict[str, Any]:
        told = body.beneficiary.model_dump() | body.model_dump(exclude={"beneficiary"})
        case = await create_case(opened.desk, actor_of(principal), NewCase(id=uuid7(), **told))
        return {"case_id": case.id, "code": case.code, "created_at": case.created_at}

    return await create_once(office, principal, "create_case", key, body_hash(body), create)


@router.get("/cases", name="list_cases", response_model=shapes.Page[shapes.CaseItem])
async def get_cases(principal: Acting, office: Doors, cursor: Cursor = None, limit: Limit = 50) -> Response:
    after = read_cursor("cases", cursor)
    async with office.begin(principal) as opened:
        rows = await opened.reading.cases(after[1] if after else None, limit)
    return reply(answers.page("cases", [answers.case_item(row) for row in rows], rows, limit))


@router.get("/cases/{case_id}", name="read_case", response_model=shapes.CaseDetail)
async def get_case(case_id: UUID, principal: Acting, office: Doors) -> Response:
    async with office.begin(principal) as opened:
        row = await opened.reading.case(case_id)
        if row is None:
            raise NotFoundError
        referrals = await opened.reading.referrals_of_case(case_id)
        grants = await opened.reading.consents_of_case(case_id)
        now = opened.desk.now()
    more = {
        "identity_fields": row["identity_fields"],
        "referrals": [answers.case_referral(one) for one in referrals],
        "consent_grants": [answers.consent(one, now) for one in grants],
    }
    return reply(answers.case_item(row) | more)


@router.get("/cases/{case_id}/beneficiary", name="read_beneficiary", response_model=shapes.Beneficiary, responses=GONE)
async def get_beneficiary(
    case_id: UUID, principal: Acting, office: Doors, purpose: Purpose = Purpose.CASEWORK
) -> Response:
    async with office.begin(principal) as opened:
        case, identity = await read_beneficiary(opened.desk, actor_of(principal), case_id, purpose)
    return reply({"case_id": case.id, "code": case.code, "identity": identity}, headers=PRIVATE)


@router.post("/cases/{case_id}/erase_beneficiary", name="erase_beneficiary", response_model=shapes.Erased)
async def post_erasure(case_id: UUID, principal: Officer, office: Doors, _: schemas.Nothing | None = None) -> Response:
    async with office.begin(principal) as opened:
        erased_at = await erase_beneficiary(opened.desk, actor_of(principal), case_id)
    return reply({"case_id": case_id, "erased_at": erased_at})


@router.post("/consent_grants", status_code=201, name="record_consent_grant", response_model=shapes.ConsentGrantAnswer)
async def post_consent_grant(body: schemas.RecordConsentGrant, principal: Acting, office: Doors, key: Key) -> Response:
    async def create(opened: Opened) -> dict[str, Any]:
        now = opened.desk.now()
        told = body.model_dump(exclude={"fields", "withheld"})
        grant = ConsentGrant(
            id=uuid7(),
            agency=principal.agency,
            fields=frozenset(body.fields),
            withheld={one.field: one.why for one in body.withheld},
            recorded_at=now,
            recorded_by=principal.subject,
            recorder_name=principal.name,
            **told,
        )
        return answers.consent(await record_consent_grant(opened.desk, actor_of(principal), grant), now)

    return await create_once(office, principal, "record_consent_grant", key, body_hash(body), create)


@router.post("/cases/{case_id}/check_note", name="check_note", response_model=shapes.NoteChecked)
async def post_note(case_id: UUID, body: schemas.CheckNote, principal: Acting, office: Doors) -> Response:
    """Before it is read aloud, and before a consent is recorded for it."""
    async with office.begin(principal) as opened:
        named = await check_note(opened.desk, actor_of(principal), case_id, body.note)
    if named:
        raise NamesThePersonError(named)
    return reply({"case_id": case_id})


@router.get("/consent_grants/{consent_grant_id}", name="read_consent_grant", response_model=shapes.ConsentGrantAnswer)
async def get_consent_grant(consent_grant_id: UUID, principal: Acting, office: Doors) -> Response:
    async with office.begin(principal) as opened:
        grant = await opened.desk.consents.find(consent_grant_id)
        if grant is None:
            raise NotFoundError
        return reply(answers.consent(grant, opened.desk.now()))


@router.post(
    "/consent_grants/{consent_grant_id}/withdraw", name="withdraw_consent_grant", response_model=shapes.ConsentWithdrawn
)
async def post_consent_withdrawal(
    consent_grant_id: UUID, principal: Acting, office: Doors, _: schemas.Nothing | None = None
) -> Response:
    async with office.begin(principal) as opened:
        grant, ended = await withdraw_consent_grant(opened.desk, actor_of(principal), consent_grant_id)
        now = opened.desk.now()
    more = {"withdrawn_at": grant.withdrawn_at, "referrals": ended}
    return reply({"consent_grant_id": grant.id, "status": grant.status(now)} | more)
