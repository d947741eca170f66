"""Coded terms that cross a boundary. A code once published is never reused for another meaning."""

from enum import StrEnum


class Country(StrEnum):
    """ISO 3166-1 alpha-2, lower case, of the countries that run a node."""

    KZ = "kz"
    KG = "kg"
    TJ = "tj"
    TM = "tm"
    UZ = "uz"


class AgencyKind(StrEnum):
    GOVERNMENT = "government"
    NGO = "ngo"
    PRIVATE = "private"
    INTERNATIONAL = "international"


class Role(StrEnum):
    """What a principal may do for its agency (design §5)."""

    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    AGENCY_ADMIN = "agency_admin"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    NATIONAL_COORDINATOR = "national_coordinator"
    REGIONAL_COORDINATOR = "regional_coordinator"
    INTEGRATION = "integration"
    PLATFORM_OPERATOR = "platform_operator"


class Service(StrEnum):
    """The service asked for. After the Primero service lookup and the Ukraine inter-agency form."""

    SHELTER = "shelter"
    REHABILITATION = "rehabilitation"
    HEALTH = "health"
    PSYCHOSOCIAL_SUPPORT = "psychosocial_support"
    LEGAL_ASSISTANCE = "legal_assistance"
    DOCUMENTS = "documents"
    SAFE_RETURN = "safe_return"
    FAMILY_TRACING = "family_tracing"
    CHILD_PROTECTION = "child_protection"
    LIVELIHOOD = "livelihood"
    EDUCATION = "education"
    CASH_ASSISTANCE = "cash_assistance"
    FOOD_AND_ITEMS = "food_and_items"
    OTHER = "other"


class Urgency(StrEnum):
    """How soon an answer is due: emergency 24 h, urgent 72 h, normal 14 days."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"


RECEIPT_HOURS = {Urgency.EMERGENCY: 4, Urgency.URGENT: 24, Urgency.NORMAL: 72}
"""Within how many hours receipt is confirmed, and a question answered."""

DECISION_HOURS = {Urgency.EMERGENCY: 24, Urgency.URGENT: 72, Urgency.NORMAL: 14 * 24}
"""Within how many hours of sending the receiving agency decides."""


class ReferralStatus(StrEnum):
    """States of a referral (design §3)."""

    DRAFT = "draft"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    INFORMATION_REQUESTED = "information_requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REDIRECTED = "redirected"
    IN_PROGRESS = "in_progress"
    SERVICE_DELIVERED = "service_delivered"
    NOT_DELIVERED = "not_delivered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    EXPIRED = "expired"


class DeclineReason(StrEnum):
    NO_CAPACITY = "no_capacity"
    NOT_ELIGIBLE = "not_eligible"
    OUT_OF_AREA = "out_of_area"
    WRONG_SERVICE = "wrong_service"
    INCOMPLETE = "incomplete"
    DUPLICATE = "duplicate"
    BENEFICIARY_DECLINED = "beneficiary_declined"
    UNREACHABLE = "unreachable"
    SAFETY_CONCERN = "safety_concern"


class NotDeliveredReason(StrEnum):
    NO_SHOW = "no_show"
    BENEFICIARY_DECLINED = "beneficiary_declined"
    UNREACHABLE = "unreachable"
    NO_LONGER_NEEDED = "no_longer_needed"
    CAPACITY_LOST = "capacity_lost"
    SAFETY_CONCERN = "safety_concern"
    OTHER = "other"


class Outcome(StrEnum):
    """How a referral ended, as the receiving agency closes it."""

    NEED_MET = "need_met"
    NEED_PARTLY_MET = "need_partly_met"
    NEED_NOT_MET = "need_not_met"


class WithdrawalReason(StrEnum):
    """Why the referring agency takes a referral back."""

    NO_LONGER_NEEDED = "no_longer_needed"
    SERVED_ELSEWHERE = "served_elsewhere"
    SENT_IN_ERROR = "sent_in_error"
    SAFETY_CONCERN = "safety_concern"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AgeBand(StrEnum):
    """Fixed bands, as in the CTDC data."""

    A0_8 = "0-8"
    A9_17 = "9-17"
    A18_23 = "18-23"
    A24_30 = "24-30"
    A31_38 = "31-38"
    A39_47 = "39-47"
    A48_PLUS = "48+"
    UNKNOWN = "unknown"


class ExploitationForm(StrEnum):
    """HTCDS 2.0 TypeOfExploitation, and `none` for migrants in need who were not exploited."""

    NONE = "none"
    FORCED_LABOUR = "forced_labour"
    SEXUAL_EXPLOITATION = "sexual_exploitation"
    CHILD_LABOUR = "child_labour"
    FORCED_MARRIAGE = "forced_marriage"
    SERVITUDE = "servitude"
    FORCED_BEGGING = "forced_begging"
    ORGAN_REMOVAL = "organ_removal"
    OTHER = "other"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


class Language(StrEnum):
    """BCP 47 tags of the languages a beneficiary or a service speaks."""

    RU = "ru"
    EN = "en"
    KK = "kk"
    KY = "ky"
    TG = "tg"
    TK = "tk"
    UZ = "uz"


class IdentityField(StrEnum):
    """What identifies a beneficiary. Leaves an agency only after acceptance, and only if consented."""

    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    CITIZENSHIP = "citizenship"
    IDENTITY_DOCUMENT = "identity_document"
    PHONE = "phone"
    ADDRESS = "address"
    FAMILY = "family"
    HEALTH = "health"
    CIRCUMSTANCES = "circumstances"


class ConsentGivenBy(StrEnum):
    BENEFICIARY = "beneficiary"
    CAREGIVER = "caregiver"
    LEGAL_GUARDIAN = "legal_guardian"


class ReceiptStage(StrEnum):
    """Proof of what happened to an envelope at the other side."""

    RECEIVED = "received"
    OPENED = "opened"


class CustodyAct(StrEnum):
    """An entry of the custody log: what was done to a referral, by the agency that did it."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_GIVEN = "information_given"
    ACCEPTED = "accepted"
    IDENTITY_RELEASED = "identity_released"
    DECLINED = "declined"
    REDIRECTED = "redirected"
    SERVICE_STARTED = "service_started"
    SERVICE_DELIVERED = "service_delivered"
    SERVICE_NOT_DELIVERED = "service_not_delivered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_WITHDRAWAL_ACKNOWLEDGED = "consent_withdrawal_acknowledged"
    EXPIRED = "expired"


class Audience(StrEnum):
    """Who an event is for: the own node, a named party elsewhere, or arrived from elsewhere."""

    NODE = "node"
    ADDRESSED = "addressed"
    INBOUND = "inbound"


class Known(StrEnum):
    """A criterion of a service: met, not met or unknown; never defaulted."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
