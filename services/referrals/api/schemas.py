"""Request bodies. Answers are built by `answers.py`; their shapes are in `answer_schemas.py`."""

import re
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from contracts.districts import district_of
from contracts.envelope import AgencyId, Instant, clean_text
from contracts.terms import (
    AgeBand,
    ConsentGivenBy,
    DeclineReason,
    ExploitationForm,
    IdentityField,
    Language,
    NotDeliveredReason,
    Outcome,
    Risk,
    Service,
    Sex,
    Urgency,
    WithdrawalReason,
)
from services.chassis.problems import FieldError
from services.referrals.domain.case import age_band_of
from services.referrals.domain.terms import RecordedHow, ServiceResult, WithheldReason

_Codes = TypeVar("_Codes", bound=tuple[object, ...])


def _known_district(code: str) -> str:
    if district_of(code) is None:
        raise FieldError("", "There is no such district", "Use a code of /v1/districts.")
    return code


def _each_once(named: _Codes) -> _Codes:
    if len(set(named)) < len(named):
        raise FieldError("", "The same is named twice", "Name each once.")
    return named


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Text = Annotated[str, Field(max_length=2000), AfterValidator(clean_text)]
Said = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(clean_text), Field(min_length=1)]
District = Annotated[
    str,
    Field(pattern=r"^(KZ|KG|TJ|TM|UZ)-[A-Z0-9]{1,3}$", description="A code of /v1/districts (ISO 3166-2)."),
    AfterValidator(_known_district),
]


class Body(BaseModel):
    """Base of all bodies: a field nobody knows is an error, not a loss."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BeneficiaryBody(Body):
    """`identity` is encrypted field by field; the rest are codes. Give `birth_year` or `age_band`, or neither."""

    identity: dict[IdentityField, Said] = Field(default_factory=dict)
    sex: Sex = Sex.UNKNOWN
    birth_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    age_band: AgeBand | None = None
    district: District | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=7), AfterValidator(_each_once)] = ()
    with_children: StrictBool | None = None

    @model_validator(mode="after")
    def _a_birth_date_is_a_date(self) -> "BeneficiaryBody":
        said = self.identity.get(IdentityField.BIRTH_DATE)
        if said is None:
            return self
        field, remedy = "identity.birth_date", "Write year-month-day, as in 1998-04-02."
        if not _DAY.fullmatch(said):
            raise FieldError(field, "This is no date", remedy)
        try:
            born = date.fromisoformat(said)
        except ValueError:
            raise FieldError(field, "There is no such day", remedy) from None
        if not date(1900, 1, 1) <= born <= date.today():  # noqa: DTZ011  (a day, any zone)
            raise FieldError(field, "The day lies in the future or before 1900", remedy)
        if self.birth_year not in {None, born.year}:
            raise FieldError("birth_year", "identity.birth_date names another year", "Give one of the two.")
        ages = {age_band_of(born.year + late, date.today()) for late in (0, 1)}  # noqa: DTZ011  (a day, any zone)
        if self.age_band not in {None, AgeBand.UNKNOWN, *ages}:
            raise FieldError("age_band", "identity.birth_date says another age", "Give one of the two.")
        return self

    @model_validator(mode="after")
    def _one_age(self) -> "BeneficiaryBody":
        if self.birth_year is not None and self.age_band is not None:
            raise FieldError("age_band", "There is a birth_year too", "Give birth_year or age_band, not both.")
        if self.birth_year is not None and self.birth_year > date.today().year:  # noqa: DTZ011  (a year, any zone)
            raise FieldError("birth_year", "The year lies in the future", "Give the year of birth, or age_band.")
        return self


class CreateCase(Body):
    """`urgency` sets the deadlines, so nobody else chooses it."""

    beneficiary: BeneficiaryBody
    needs: Annotated[tuple[Service, ...], Field(min_length=1, max_length=14), AfterValidator(_each_once)]
    risk: Risk = Risk.UNKNOWN
    urgency: Urgency
    exploitation: ExploitationForm = ExploitationForm.UNKNOWN


class CheckNote(Body):
    """A text that would go with a preview."""

    note: Said


class Withheld(Body):
    field: IdentityField
    why: WithheldReason


class RecordConsentGrant(Body):
    """What the beneficiary agreed to, for one receiving agency, until a day at most one year away."""

    case_id: UUID
    receiving_agency: AgencyId
    purpose: Service
    fields: Annotated[tuple[IdentityField, ...], Field(max_length=9), AfterValidator(_each_once)]
    withheld: Annotated[tuple[Withheld, ...], Field(max_length=9)] = ()
    valid_until: Instant
    given_by: ConsentGivenBy
    explanation_language: Language
    interpreter: StrictBool = False
    recorded_how: RecordedHow = RecordedHow.SPOKEN


class CreateReferral(Body):
    """A draft. `note` goes with the preview: no names in it. `urgency` sets the deadlines."""

    case_id: UUID
    receiving_agency: AgencyId
    service: Service
    urgency: Urgency
    service_offering_id: UUID | None = None
    consent_grant_id: UUID | None = None
    interpreter_needed: StrictBool | None = None
    note: Text | None = None
    redirected_from: UUID | None = None


class Nothing(Body):
    """A verb without particulars: `{}` or no body."""


class SendReferral(Body):
    """Without an id the newest valid consent for that agency and service is used."""

    consent_grant_id: UUID | None = None


class GiveInformation(Body):
    answer: Said


class WithdrawReferral(Body):
    reason: WithdrawalReason


class RequestInformation(Body):
    question: Said


class AcceptReferral(Body):
    note: Text | None = None


class DeclineReferral(Body):
    reason: DeclineReason
    note: Text | None = None


class RedirectReferral(Body):
    to_agency: AgencyId
    note: Text | None = None


class RecordService(Body):
    """`reason` belongs to `not_delivered` alone."""

    result: ServiceResult
    reason: NotDeliveredReason | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _reason_when_not_delivered(self) -> "RecordService":
        if self.result is ServiceResult.NOT_DELIVERED and self.reason is None:
            raise FieldError("reason", "Nothing says why it was not delivered", "Give a reason with not_delivered.")
        if self.result is not ServiceResult.NOT_DELIVERED and self.reason is not None:
            raise FieldError("reason", "It belongs to not_delivered", "Leave the reason out.")
        return self


class CloseReferral(Body):
    outcome: Outcome
    feedback: Text | None = None
