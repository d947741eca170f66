"""Codes that stay inside this service; what crosses a boundary is in `contracts.terms`."""

from enum import StrEnum


class Side(StrEnum):
    """Which of the two copies of a referral this is."""

    REFERRING = "referring"
    RECEIVING = "receiving"

    @property
    def other(self) -> "Side":
        return Side.RECEIVING if self is Side.REFERRING else Side.REFERRING


class Verb(StrEnum):
    """What a principal may do to a referral: operation id, use case and address share the word."""

    SEND = "send"
    GIVE_INFORMATION = "give_information"
    WITHDRAW = "withdraw"
    WITHDRAW_CONSENT = "withdraw_consent"
    ACKNOWLEDGE = "acknowledge"
    REQUEST_INFORMATION = "request_information"
    ACCEPT = "accept"
    DECLINE = "decline"
    REDIRECT = "redirect"
    START_SERVICE = "start_service"
    RECORD_SERVICE = "record_service"
    CLOSE = "close"


class Step(StrEnum):
    """What is expected next; each has its deadline."""

    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    GIVE_INFORMATION = "give_information"
    START_SERVICE = "start_service"
    RECORD_SERVICE = "record_service"
    CLOSE = "close"
    CONFIRM_WITHDRAWAL = "confirm_withdrawal"


class Move(StrEnum):
    """Whose move it is, seen from the own copy."""

    MINE = "mine"
    THEIRS = "theirs"
    NONE = "none"


class Stage(StrEnum):
    """How far silence has escalated."""

    REMINDER = "reminder"
    SUPERVISOR = "supervisor"
    NATIONAL_COORDINATOR = "national_coordinator"
    EXPIRED = "expired"


class WithheldReason(StrEnum):
    """Why a beneficiary keeps something back (Primero's consent form)."""

    FEAR = "fear"
    WILL_TELL_THEMSELVES = "will_tell_themselves"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class RecordedHow(StrEnum):
    """How consent was given."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    BY_PHONE = "by_phone"


class Purpose(StrEnum):
    """Why somebody reads an identity; written to the audit."""

    CASEWORK = "casework"
    CONTACT = "contact"
    REVIEW = "review"


class ServiceResult(StrEnum):
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"


class ConsentStatus(StrEnum):
    VALID = "valid"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
