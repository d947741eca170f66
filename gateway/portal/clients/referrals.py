"""The referrals service: cases, consent, referrals."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from gateway.portal.clients.api import Api, segment

_S = "referrals"


class Answer(BaseModel):
    """Base of what a service answers: fields we do not know are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Deadline(Answer):
    kind: str
    due_at: datetime
    started_at: datetime
    overdue: bool = False
    escalated_to: str | None = None
    escalated_at: datetime | None = None


class Item(Answer):
    """A referral as it stands in a list."""

    referral_id: str
    code: str
    side: Literal["referring", "receiving"]
    status: str
    version: int = 1
    partner_agency: str
    partner_country: str
    partner_names: dict[str, str] | None = None
    service: str
    urgency: str
    case_id: str | None = None
    sex: str | None = None
    age_band: str | None = None
    district: str | None = None
    with_children: bool | None = None
    next_action: str | None = None
    move: Literal["mine", "theirs", "none"] = "none"
    next_deadline: Deadline | None = None
    in_queue_since: datetime | None = None
    created_at: datetime
    sent_at: datetime | None = None
    outcome: str | None = None


class Grant(Answer):
    consent_grant_id: str
    case_id: str | None = None
    receiving_agency: str | None = None
    purpose: str
    fields: list[str] = []
    valid_until: datetime
    status: str = "valid"
    recorded_at: datetime | None = None


class Verb(Answer):
    verb: str
    possible: bool
    why: str | None = None


class Identity(Answer):
    state: str = "withheld"
    released_at: datetime | None = None


class Notice(Answer):
    step: str
    stage: str
    at: datetime


class Referral(Item):
    """A referral in full, as this side knows it."""

    referring_agency: str
    receiving_agency: str
    language: str | None = None
    interpreter_needed: bool | None = None
    exploitation: str | None = None
    note: str | None = None
    service_offering_id: str | None = None
    redirected_to: str | None = None
    redirected_to_names: dict[str, str] | None = None
    decline_reason: str | None = None
    not_delivered_reason: str | None = None
    withdrawal_reason: str | None = None
    case_holder: str | None = None
    consent: Grant | None = None
    identity: Identity = Identity()
    verbs: list[Verb] = []
    notices: list[Notice] = []


class Entry(Answer):
    """An entry of the custody log."""

    number: int
    side: Literal["referring", "receiving"]
    own: bool
    act: str
    at: datetime
    actor_role: str | None = None
    actor_name: str | None = None
    codes: dict[str, Any] = {}
    text: str | None = None
    text_closed: bool = False
    parked_reason: str | None = None
    received_at: datetime | None = None
    opened_at: datetime | None = None
    travel_seconds: float | None = None
    waited: bool = False
    took_seconds: float | None = None
    allowed_seconds: float | None = None


class Silence(Answer):
    stage: str
    at: datetime
    done: bool = False


class Expected(Answer):
    act: str
    by: str
    move: str = "theirs"
    started_at: datetime
    due_at: datetime
    if_silent: list[Silence] = []


class Timeline(Answer):
    head: str | None = None
    entries: list[Entry] = []
    expected_next: Expected | None = None


class CaseReferral(Answer):
    referral_id: str
    status: str
    service: str
    receiving_agency: str
    created_at: datetime


class CaseItem(Answer):
    case_id: str
    code: str
    sex: str
    age_band: str | None = None
    birth_year: int | None = None
    district: str | None = None
    languages: list[str] = []
    with_children: bool | None = None
    needs: list[str] = []
    risk: str
    urgency: str
    exploitation: str
    created_at: datetime
    drafts: int = 0
    erased: bool = False


class Case(CaseItem):
    identity_fields: list[str] = []
    referrals: list[CaseReferral] = []
    consent_grants: list[Grant] = []


async def referrals(api: Api, **query: Any) -> list[Item]:
    found = await api.get(_S, "/v1/referrals", {"limit": 100, **query})
    return [Item.model_validate(one) for one in found["items"]]


async def page(api: Api, cursor: str = "", **query: Any) -> tuple[list[Item], str]:
    """Referrals, and where the next page begins ("" at the end)."""
    found = await api.get(_S, "/v1/referrals", {"limit": 100, "cursor": cursor or None, **query})
    return [Item.model_validate(one) for one in found["items"]], found.get("next_cursor") or ""


async def referral(api: Api, referral_id: str) -> Referral:
    return Referral.model_validate(await api.get(_S, f"/v1/referrals/{segment(referral_id)}"))


async def timeline(api: Api, referral_id: str) -> Timeline:
    return Timeline.model_validate(await api.get(_S, f"/v1/referrals/{segment(referral_id)}/timeline"))


async def identity(api: Api, referral_id: str) -> tuple[dict[str, str], str | None]:
    found = await api.get(_S, f"/v1/referrals/{segment(referral_id)}/identity", {"purpose": "casework"})
    return found["identity"], found.get("valid_until")


async def act(api: Api, referral_id: str, verb: str, body: dict[str, Any]) -> None:
    """Do `verb` to a referral."""
    await api.post(_S, f"/v1/referrals/{segment(referral_id)}/{verb}", body)


async def create_referral(api: Api, body: dict[str, Any], key: str) -> str:
    return str((await api.post(_S, "/v1/referrals", body, key=key))["referral_id"])


async def check_note(api: Api, case_id: str, note: str) -> None:
    """Raise ApiError where the note names the person of the case."""
    await api.post(_S, f"/v1/cases/{segment(case_id)}/check_note", {"note": note})


async def record_consent(api: Api, body: dict[str, Any], key: str) -> str:
    return str((await api.post(_S, "/v1/consent_grants", body, key=key))["consent_grant_id"])


async def withdraw_consent(api: Api, consent_grant_id: str) -> None:
    await api.post(_S, f"/v1/consent_grants/{segment(consent_grant_id)}/withdraw")


async def consent(api: Api, consent_grant_id: str) -> Grant:
    return Grant.model_validate(await api.get(_S, f"/v1/consent_grants/{segment(consent_grant_id)}"))


async def cases(api: Api, cursor: str | None) -> tuple[list[CaseItem], str | None]:
    found = await api.get(_S, "/v1/cases", {"cursor": cursor, "limit": 50})
    return [CaseItem.model_validate(one) for one in found["items"]], found.get("next_cursor")


async def cases_without_referral(api: Api) -> list[CaseItem]:
    """Of the newest hundred, those for which nothing was sent or drafted yet."""
    found = await api.get(_S, "/v1/cases", {"limit": 100})
    waiting = [one for one in found["items"] if not (one["referrals"] or one["drafts"] or one["erased"])]
    return [CaseItem.model_validate(one) for one in waiting]


async def case(api: Api, case_id: str) -> Case:
    return Case.model_validate(await api.get(_S, f"/v1/cases/{segment(case_id)}"))


async def create_case(api: Api, body: dict[str, Any], key: str) -> str:
    return str((await api.post(_S, "/v1/cases", body, key=key))["case_id"])


async def beneficiary(api: Api, case_id: str) -> dict[str, str]:
    """What names the person; the reading is audited."""
    found = await api.get(_S, f"/v1/cases/{segment(case_id)}/beneficiary", {"purpose": "casework"})
    names: dict[str, str] = found["identity"]
    return names
