"""The declared tables: what migrations must reach. Nothing at run time imports this."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """This service's own catalogue, apart from other services'."""

    metadata = MetaData()


def _at(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable))


def _texts(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(ARRAY(Text), nullable=nullable))


def _codes() -> Any:
    return Field(sa_column=Column(JSONB, nullable=False))


def _bytes(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=nullable))


class CaseCodeRow(Table, table=True):
    __tablename__ = "case_code"
    code: str = Field(primary_key=True)


class CaseFileRow(Table, table=True):
    __tablename__ = "case_file"
    agency_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code: str
    sex: str
    birth_year: int | None
    age_band: str
    district: str | None
    languages: list[str] = _texts()
    with_children: bool | None
    needs: list[str] = _texts()
    risk: str
    urgency: str
    exploitation: str
    identity_fields: list[str] = _texts()
    created_at: datetime = _at()
    created_by: str
    erased_at: datetime | None = _at(nullable=True)


class IdentityFieldRow(Table, table=True):
    """Ciphertext only; the key is in another database."""

    __tablename__ = "identity_field"
    agency_id: str = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True)
    ciphertext: bytes = _bytes()


class ConsentGrantRow(Table, table=True):
    __tablename__ = "consent_grant"
    agency_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    case_id: UUID
    receiving_agency: str
    purpose: str
    fields_: list[str] = Field(sa_column=Column("fields", ARRAY(Text), nullable=False))
    withheld: dict[str, str] = _codes()
    valid_until: datetime = _at()
    given_by: str
    explanation_language: str
    interpreter: bool
    recorded_how: str
    recorded_at: datetime = _at()
    recorded_by: str
    recorder_name: str | None
    withdrawn_at: datetime | None = _at(nullable=True)


class ReferralRow(Table, table=True):
    __tablename__ = "referral"
    agency_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    side: str
    partner_id: str
    status: str
    version: int
    case_id: UUID | None
    code: str
    service: str
    urgency: str
    district: str | None
    age_band: str
    sex: str
    language: str | None
    interpreter_needed: bool | None
    with_children: bool | None
    exploitation: str
    note: bytes | None = _bytes(nullable=True)
    service_offering_id: UUID | None
    redirected_from: UUID | None
    consent_grant_id: UUID | None
    consent_purpose: str | None
    consent_fields: list[str] | None = _texts(nullable=True)
    consent_valid_until: datetime | None = _at(nullable=True)
    own_number: int
    own_hash: str
    their_number: int
    their_hash: str
    codes: dict[str, str] = _codes()
    created_at: datetime = _at()
    created_by: str | None
    sent_at: datetime | None = _at(nullable=True)
    acknowledged_at: datetime | None = _at(nullable=True)
    decided_at: datetime | None = _at(nullable=True)
    closed_at: datetime | None = _at(nullable=True)
    released_at: datetime | None = _at(nullable=True)
    access_closed_at: datetime | None = _at(nullable=True)
    last_act_at: datetime | None = _at(nullable=True)
    unread: bool
    next_step: str | None
    move: str
    due_from: datetime | None = _at(nullable=True)
    due_at: datetime | None = _at(nullable=True)


class CustodyEntryRow(Table, table=True):
    __tablename__ = "custody_entry"
    agency_id: str = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    author: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    act: str
    actor_role: str | None
    at: datetime = _at()
    previous: str
    hash: str
    event_id: UUID
    actor_name: str | None
    codes: dict[str, str] = _codes()
    text: bytes | None = _bytes(nullable=True)
    received_at: datetime | None = _at(nullable=True)
    opened_at: datetime | None = _at(nullable=True)
    parked_reason: str | None


class DeadlineRow(Table, table=True):
    __tablename__ = "deadline"
    agency_id: str = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    step: str = Field(primary_key=True)
    side: str
    started_at: datetime = _at()
    due_at: datetime = _at()
    fired: str | None
    fired_at: datetime | None = _at(nullable=True)
    next_fire_at: datetime | None = _at(nullable=True)
    met_at: datetime | None = _at(nullable=True)


class AccessEndRow(Table, table=True):
    __tablename__ = "access_end"
    agency_id: str = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    ends_at: datetime = _at()


class NoticeRow(Table, table=True):
    __tablename__ = "notice"
    agency_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    referral_id: UUID
    step: str
    stage: str
    at: datetime = _at()


class AuditRow(Table, table=True):
    __tablename__ = "audit"
    agency_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    at: datetime = _at()
    principal: str
    role: str | None
    act: str
    purpose: str | None
    subject_kind: str
    subject_id: UUID


class IdempotencyRow(Table, table=True):
    __tablename__ = "idempotency"
    agency_id: str = Field(primary_key=True)
    principal: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: bytes = _bytes()
    answer: str
    created_at: datetime = _at()


class AgencyRow(Table, table=True):
    __tablename__ = "agency"
    agency_id: str = Field(primary_key=True)
    country: str | None
    kind: str
    name_en: str
    name_ru: str
    suspended: bool


class CorridorRow(Table, table=True):
    __tablename__ = "corridor"
    origin: str = Field(primary_key=True)
    destination: str = Field(primary_key=True)
    told_by: str = Field(primary_key=True)
    open: bool
