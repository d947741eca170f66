"""What a beneficiary agreed to: one purpose, one receiving agency, some fields, until a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.terms import ConsentGivenBy, IdentityField, Language, Service
from services.referrals.domain.errors import UnfitConsentError, WrongStateError
from services.referrals.domain.referral import Receipt
from services.referrals.domain.terms import ConsentStatus, RecordedHow, WithheldReason

LONGEST = timedelta(days=366)


@dataclass
class ConsentGrant:
    id: UUID
    agency: str
    case_id: UUID
    receiving_agency: str
    purpose: Service
    fields: frozenset[IdentityField]
    withheld: Mapping[IdentityField, WithheldReason]
    valid_until: datetime
    given_by: ConsentGivenBy
    explanation_language: Language
    interpreter: bool
    recorded_how: RecordedHow
    recorded_at: datetime
    recorded_by: str
    recorder_name: str | None = None
    withdrawn_at: datetime | None = None

    def status(self, now: datetime) -> ConsentStatus:
        """Valid only while neither withdrawn nor over."""
        if self.withdrawn_at is not None:
            return ConsentStatus.WITHDRAWN
        return ConsentStatus.VALID if now < self.valid_until else ConsentStatus.EXPIRED

    def lets_through(self, now: datetime, case_id: UUID | None, agency: str, service: Service) -> bool:
        """Whether this consent covers that case, receiving agency and service now."""
        fits = (self.case_id, self.receiving_agency, self.purpose) == (case_id, agency, service)
        return fits and self.status(now) is ConsentStatus.VALID

    def receipt(self) -> Receipt:
        """What the other side is told: never what is withheld, never by whom."""
        return Receipt(self.id, self.purpose, self.fields, self.valid_until)

    def withdraw(self, now: datetime) -> None:
        """The beneficiary changed their mind."""
        if self.withdrawn_at is not None:
            raise WrongStateError(ConsentStatus.WITHDRAWN, ())
        self.withdrawn_at = now


def check_fit(
    fields: frozenset[IdentityField], withheld: Mapping[IdentityField, WithheldReason], until: datetime, now: datetime
) -> None:
    """Raise UnfitConsentError for a period or fields that make no sense."""
    if not now < until <= now + LONGEST:
        raise UnfitConsentError(
            "It must end in the future, within 366 days.", field="valid_until", remedy="Choose an earlier or later day."
        )
    if fields & withheld.keys():
        raise UnfitConsentError(
            "A field is both consented and withheld.", field="withheld", remedy="Name each field once."
        )
