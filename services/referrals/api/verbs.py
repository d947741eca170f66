"""What is done to a referral: one address a verb."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.chassis.auth import Principal
from services.referrals.api import answers, schemas
from services.referrals.api.answer_schemas import Done
from services.referrals.api.guards import Acting, Doors, Office, Version, actor_of
from services.referrals.api.replies import WITH_ETAG, reply
from services.referrals.domain.ports import Desk
from services.referrals.domain.referral import Actor, Referral
from services.referrals.usecases.accept_referral import accept_referral
from services.referrals.usecases.acknowledge_referral import acknowledge_referral
from services.referrals.usecases.close_referral import close_referral
from services.referrals.usecases.decline_referral import decline_referral
from services.referrals.usecases.give_information import give_information
from services.referrals.usecases.record_service import record_service
from services.referrals.usecases.redirect_referral import redirect_referral
from services.referrals.usecases.request_information import request_information
from services.referrals.usecases.send_referral import send_referral
from services.referrals.usecases.start_service import start_service
from services.referrals.usecases.withdraw_consent import withdraw_consent
from services.referrals.usecases.withdraw_referral import withdraw_referral

router = APIRouter(prefix="/v1/referrals/{referral_id}", tags=["referrals"], responses=WITH_ETAG)


@dataclass(frozen=True)
class Attempt:
    """A verb about to be tried: by whom, on which referral, in which version they saw."""

    referral_id: UUID
    principal: Principal
    office: Office
    version: int | None

    async def run(self, verb: Callable[[Desk, Actor], Awaitable[Referral]]) -> Response:
        """Do it in one transaction and answer with the new state."""
        async with self.office.begin(self.principal) as opened:
            referral = await verb(opened.desk, actor_of(self.principal))
        return reply(answers.done(referral), headers={"ETag": f'"{referral.version}"'})


async def _attempt(referral_id: UUID, principal: Acting, office: Doors, version: Version) -> Attempt:
    return Attempt(referral_id, principal, office, version)


Trying = Annotated[Attempt, Depends(_attempt)]


@router.post("/send", name="send_referral", response_model=Done)
async def post_send(trying: Trying, body: schemas.SendReferral | None = None) -> Response:
    named = body.consent_grant_id if body else None
    return await trying.run(lambda desk, actor: send_referral(desk, actor, trying.referral_id, trying.version, named))


@router.post("/give_information", name="give_information", response_model=Done)
async def post_information(trying: Trying, body: schemas.GiveInformation) -> Response:
    return await trying.run(
        lambda desk, actor: give_information(desk, actor, trying.referral_id, trying.version, body.answer)
    )


@router.post("/withdraw", name="withdraw_referral", response_model=Done)
async def post_withdrawal(trying: Trying, body: schemas.WithdrawReferral) -> Response:
    return await trying.run(
        lambda desk, actor: withdraw_referral(desk, actor, trying.referral_id, trying.version, body.reason)
    )


@router.post("/withdraw_consent", name="withdraw_consent", response_model=Done)
async def post_consent_withdrawal(trying: Trying, _: schemas.Nothing | None = None) -> Response:
    return await trying.run(lambda desk, actor: withdraw_consent(desk, actor, trying.referral_id, trying.version))


@router.post("/acknowledge", name="acknowledge_referral", response_model=Done)
async def post_acknowledgement(trying: Trying, _: schemas.Nothing | None = None) -> Response:
    return await trying.run(lambda desk, actor: acknowledge_referral(desk, actor, trying.referral_id, trying.version))


@router.post("/request_information", name="request_information", response_model=Done)
async def post_question(trying: Trying, body: schemas.RequestInformation) -> Response:
    return await trying.run(
        lambda desk, actor: request_information(desk, actor, trying.referral_id, trying.version, body.question)
    )


@router.post("/accept", name="accept_referral", response_model=Done)
async def post_acceptance(trying: Trying, body: schemas.AcceptReferral | None = None) -> Response:
    note = body.note if body else None
    return await trying.run(lambda desk, actor: accept_referral(desk, actor, trying.referral_id, trying.version, note))


@router.post("/decline", name="decline_referral", response_model=Done)
async def post_refusal(trying: Trying, body: schemas.DeclineReferral) -> Response:
    return await trying.run(
        lambda desk, actor: decline_referral(desk, actor, trying.referral_id, trying.version, body.reason, body.note)
    )


@router.post("/redirect", name="redirect_referral", response_model=Done)
async def post_redirection(trying: Trying, body: schemas.RedirectReferral) -> Response:
    return await trying.run(
        lambda desk, actor: redirect_referral(
            desk, actor, trying.referral_id, trying.version, body.to_agency, body.note
        )
    )


@router.post("/start_service", name="start_service", response_model=Done)
async def post_start(trying: Trying, _: schemas.Nothing | None = None) -> Response:
    return await trying.run(lambda desk, actor: start_service(desk, actor, trying.referral_id, trying.version))


@router.post("/record_service", name="record_service", response_model=Done)
async def post_service(trying: Trying, body: schemas.RecordService) -> Response:
    return await trying.run(
        lambda desk, actor: record_service(desk, actor, trying.referral_id, trying.version, body.reason, body.note)
    )


@router.post("/close", name="close_referral", response_model=Done)
async def post_closure(trying: Trying, body: schemas.CloseReferral) -> Response:
    return await trying.run(
        lambda desk, actor: close_referral(desk, actor, trying.referral_id, trying.version, body.outcome, body.feedback)
    )
