"""A referral before it is sent: the only thing that is created by one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from contracts.terms import IdentityField, Service, Urgency
from services.referrals.domain.referral import Actor


@dataclass(frozen=True)
class Draft:
    id: UUID
    agency: str
    actor: Actor
    case_id: UUID
    receiving_agency: str
    service: Service
    urgency: Urgency
    service_offering_id: UUID | None
    consent_grant_id: UUID | None
    interpreter_needed: bool | None
    note: str | None
    redirected_from: UUID | None
    created_at: datetime


class DraftOutcome(Enum):
    """What became of a draft that was to be stored."""

    CREATED = "created"
    NO_CASE = "no_case"
    NO_AGENCY = "no_agency"
    NOT_REDIRECTED = "not_redirected"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Remembered:
    """An answer kept under its idempotency key."""

    route: str
    key: str
    body_hash: bytes
    answer: str


class Drafts(Protocol):
    async def identity(self, draft: Draft) -> Mapping[IdentityField, str]:
        """What is recorded of the person of the draft's case; nothing where there is none."""
        ...

    async def insert(self, draft: Draft, remembered: Remembered | None) -> DraftOutcome: ...
