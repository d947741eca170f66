"""A referral before it is sent: the only thing that is created by one statement."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.terms import Service, Urgency
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
