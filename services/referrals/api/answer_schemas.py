"""The shapes of answers, for the API description. `answers.py` builds them; tests hold every answer against these."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import AgencyId
from contracts.terms import (
    AgeBand,
    ConsentGivenBy,
    Country,
    CustodyAct,
    DeclineReason,
    ExploitationForm,
    IdentityField,
    Language,
    NotDeliveredReason,
    Outcome,
    ReferralStatus,
    Risk,
    Role,
    Service,
    Sex,
    Urgency,
    WithdrawalReason,
)
from services.referrals.domain.terms import ConsentStatus, Move, RecordedHow, Side, Stage, Step, Verb, WithheldReason

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Item = TypeVar("Item", bound="Answer")


class Answer(BaseModel):
    """Base: every member is always there, null where it is not known or does not apply; times are UTC."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """Send `next_cursor` back as `cursor` for the next page; null on the last."""

    items: list[Item]
    next_cursor: str | None


class NoteChecked(Answer):
    """The text names nobody who is recorded in the case."""

    case_id: UUID


class CaseCreated(Answer):
    case_id: UUID
    code: Annotated[str, Field(examples=["KZ-7H3P-26"], description="What people call the case; says nothing of whom.")]
    created_at: datetime


class CaseItem(CaseCreated):
    sex: Sex
    age_band: AgeBand | None
    birth_year: int | None
    district: str | None
    languages: list[Language]
    with_children: bool | None
    needs: list[Service]
    risk: Risk
    urgency: Urgency
    exploitation: ExploitationForm
    referrals: int
    drafts: int
    erased: bool


class CaseReferral(Answer):
    referral_id: UUID
    status: ReferralStatus
    service: Service
    receiving_agency: AgencyId
    created_at: datetime


class WithheldField(Answer):
    field: IdentityField
    why: WithheldReason


class ConsentGrantAnswer(Answer):
    consent_grant_id: UUID
    case_id: UUID
    receiving_agency: AgencyId
    purpose: Service
    fields: list[IdentityField]
    withheld: list[WithheldField]
    valid_until: datetime
    given_by: ConsentGivenBy
    explanation_language: Language
    interpreter: bool
    recorded_how: RecordedHow
    status: ConsentStatus
    recorded_at: datetime
    recorded_by: Annotated[str | None, Field(description="The name of the member of staff, as shown to colleagues.")]
    withdrawn_at: datetime | None


class CaseDetail(CaseItem):
    identity_fields: Annotated[list[IdentityField], Field(description="Which are recorded, never what they say.")]
    referrals: list[CaseReferral]  # type: ignore[assignment]  # a list counts them, the case names them
    consent_grants: list[ConsentGrantAnswer]


class Beneficiary(Answer):
    """Read on purpose; the reading is in the audit."""

    case_id: UUID
    code: str
    identity: dict[IdentityField, str]


class Erased(Answer):
    case_id: UUID
    erased_at: datetime


class ConsentWithdrawn(Answer):
    consent_grant_id: UUID
    status: ConsentStatus
    withdrawn_at: datetime
    referrals: Annotated[list[UUID], Field(description="Those that ended by it.")]


class ReferralCreated(Answer):
    referral_id: UUID
    status: Literal["draft"]
    version: int
    created_at: datetime


class Done(Answer):
    """The state after a verb; `version` is also the ETag."""

    referral_id: UUID
    status: ReferralStatus
    version: int


class PartnerNames(Answer):
    en: str
    ru: str


class NextDeadline(Answer):
    kind: Step
    due_at: datetime
    started_at: datetime
    elapsed_share: Annotated[float, Field(ge=0, description="0 at the start, 1 when it is due, more when it is late.")]
    overdue: bool
    escalated_to: Stage | None
    escalated_at: datetime | None


class ReferralItem(Answer):
    """One line of a list, from the own agency's side."""

    referral_id: UUID
    code: str
    side: Side
    status: ReferralStatus
    version: int
    unread: bool
    service: Service
    urgency: Urgency
    case_id: Annotated[UUID | None, Field(description="Null on the receiving side: the case is the other agency's.")]
    sex: Sex | None
    age_band: AgeBand | None
    district: str | None
    with_children: bool | None
    move: Move
    in_queue_since: Annotated[datetime | None, Field(description="An own act has no receipt of the other side yet.")]
    created_at: datetime
    sent_at: datetime | None
    last_act_at: datetime | None
    outcome: Outcome | None
    partner_agency: AgencyId
    partner_country: Country
    partner_names: PartnerNames | None
    next_action: Annotated[Step | Literal["send"] | None, Field(description="Null when nothing is expected.")]
    next_deadline: NextDeadline | None


class ReferralConsent(Answer):
    consent_grant_id: UUID | None
    purpose: Service | None
    fields: list[IdentityField]
    valid_until: datetime
    status: ConsentStatus


class IdentityState(Answer):
    state: Literal["withheld", "released", "closed", "erased", "expired"]
    released_at: datetime | None


class PossibleVerb(Answer):
    verb: Verb
    possible: bool
    why: Annotated[Literal["not_in_this_state"], Field(description="Only where it is not possible.")] = (
        "not_in_this_state"
    )


class Notice(Answer):
    """Somebody was told that an answer is late."""

    step: Step
    stage: Stage
    at: datetime


class NoticeItem(Notice):
    notice_id: UUID
    referral_id: UUID
    code: str


class ReferralDetail(ReferralItem):
    service_offering_id: UUID | None
    language: Language | None
    interpreter_needed: bool | None
    exploitation: ExploitationForm
    redirected_from: UUID | None
    decline_reason: DeclineReason | None
    not_delivered_reason: NotDeliveredReason | None
    withdrawal_reason: WithdrawalReason | None
    redirected_to: AgencyId | None
    redirected_to_names: PartnerNames | None
    referring_agency: AgencyId
    receiving_agency: AgencyId
    note: str | None
    case_holder: AgencyId
    consent: ReferralConsent | None
    identity: IdentityState
    verbs: Annotated[list[PossibleVerb], Field(description="Of the own side alone.")]
    notices: list[Notice]


class CustodyCodes(Answer):
    """What an act says in codes; only the members that it has."""

    reason: str = ""
    to_agency: str = ""
    outcome: str = ""
    fields: list[IdentityField] = []


class CustodyEntry(Answer):
    number: Annotated[int, Field(description="In the merged log.")]
    author: AgencyId
    author_number: Annotated[int, Field(description="In its author's own chain.")]
    side: Side
    own: bool
    act: CustodyAct
    at: datetime
    actor_role: Role | None
    actor_name: str | None
    hash: Hash
    previous: Hash
    codes: CustodyCodes
    text: str | None
    text_closed: Annotated[bool, Field(description="There was a text, and its key is gone or not open to us.")]
    received_at: Annotated[datetime | None, Field(description="When it reached the other side, by signed receipt.")]
    opened_at: datetime | None
    parked_reason: str | None
    travel_seconds: int | None
    waited: bool
    took_seconds: int | None
    allowed_seconds: int | None


class IfSilent(Answer):
    stage: Stage
    at: datetime
    done: bool


class Expected(Answer):
    act: Step
    by: AgencyId
    move: Move
    started_at: datetime
    due_at: datetime
    overdue: bool
    if_silent: list[IfSilent]


class Timeline(Answer):
    """The merged custody log; `head` is the same on both sides once every message has arrived."""

    referral_id: UUID
    code: str
    status: ReferralStatus
    referring_agency: AgencyId
    receiving_agency: AgencyId
    head: Hash | None
    entries: list[CustodyEntry]
    expected_next: Expected | None
    notices: list[Notice]


class ReleasedIdentity(Answer):
    """Read on purpose; the reading is in the audit."""

    referral_id: UUID
    identity: dict[IdentityField, str]
    valid_until: datetime | None


class AuditItem(Answer):
    audit_id: UUID
    at: datetime
    principal: str
    role: Role | None
    act: str
    purpose: str | None
    subject_kind: str
    subject_id: UUID
