"""Every coded term as words: the one place where a code meets a language."""

from collections.abc import Callable
from enum import StrEnum

from contracts import terms
from gateway.portal.words import _

Words = Callable[[], str]

LABELS: dict[type[StrEnum], dict[str, Words]] = {
    terms.Service: {
        "shelter": lambda: _("Shelter"),
        "rehabilitation": lambda: _("Rehabilitation"),
        "health": lambda: _("Medical help"),
        "psychosocial_support": lambda: _("Psychological support"),
        "legal_assistance": lambda: _("Legal help"),
        "documents": lambda: _("Documents"),
        "safe_return": lambda: _("Return home"),
        "family_tracing": lambda: _("Family tracing"),
        "child_protection": lambda: _("Child protection"),
        "livelihood": lambda: _("Work and income"),
        "education": lambda: _("Education and training"),
        "cash_assistance": lambda: _("Money for urgent needs"),
        "food_and_items": lambda: _("Food and clothes"),
        "other": lambda: _("Other help"),
    },
    terms.Urgency: {
        "emergency": lambda: _("Emergency, 24 h"),
        "urgent": lambda: _("Urgent, 72 h"),
        "normal": lambda: _("Normal, 14 days"),
    },
    terms.ReferralStatus: {
        "draft": lambda: _("Draft"),
        "sent": lambda: _("Sent"),
        "delivered": lambda: _("Delivered"),
        "acknowledged": lambda: _("Receipt confirmed"),
        "information_requested": lambda: _("Information asked"),
        "accepted": lambda: _("Accepted"),
        "declined": lambda: _("Declined"),
        "redirected": lambda: _("Redirected"),
        "in_progress": lambda: _("In progress"),
        "service_delivered": lambda: _("Service given"),
        "not_delivered": lambda: _("Not given"),
        "closed": lambda: _("Closed"),
        "withdrawn": lambda: _("Withdrawn"),
        "consent_withdrawn": lambda: _("Consent withdrawn"),
        "expired": lambda: _("Deadline passed, ended"),
    },
    terms.DeclineReason: {
        "no_capacity": lambda: _("No free places"),
        "not_eligible": lambda: _("Does not fit the conditions"),
        "out_of_area": lambda: _("Outside our area"),
        "wrong_service": lambda: _("Another service is needed"),
        "incomplete": lambda: _("Not enough information"),
        "duplicate": lambda: _("The same referral twice"),
        "beneficiary_declined": lambda: _("The person refused"),
        "unreachable": lambda: _("Could not reach the person"),
        "safety_concern": lambda: _("A safety concern"),
    },
    terms.NotDeliveredReason: {
        "no_show": lambda: _("The person did not come"),
        "beneficiary_declined": lambda: _("The person refused"),
        "unreachable": lambda: _("Could not reach the person"),
        "no_longer_needed": lambda: _("No longer needed"),
        "capacity_lost": lambda: _("The place was lost"),
        "safety_concern": lambda: _("A safety concern"),
        "other": lambda: _("Another reason"),
    },
    terms.Outcome: {
        "need_met": lambda: _("The need is met"),
        "need_partly_met": lambda: _("The need is partly met"),
        "need_not_met": lambda: _("The need is not met"),
    },
    terms.WithdrawalReason: {
        "no_longer_needed": lambda: _("No longer needed"),
        "served_elsewhere": lambda: _("Helped elsewhere"),
        "sent_in_error": lambda: _("Sent by mistake"),
        "safety_concern": lambda: _("A safety concern"),
    },
    terms.Sex: {
        "female": lambda: _("Female"),
        "male": lambda: _("Male"),
        "other": lambda: _("Other sex"),
        "unknown": lambda: _("Sex not known"),
    },
    terms.AgeBand: {
        "0-8": lambda: _("0–8 years"),
        "9-17": lambda: _("9–17 years"),
        "18-23": lambda: _("18–23 years"),
        "24-30": lambda: _("24–30 years"),
        "31-38": lambda: _("31–38 years"),
        "39-47": lambda: _("39–47 years"),
        "48+": lambda: _("48 years and older"),
        "unknown": lambda: _("Age not known"),
    },
    terms.ExploitationForm: {
        "none": lambda: _("No exploitation"),
        "forced_labour": lambda: _("Forced labour"),
        "sexual_exploitation": lambda: _("Sexual exploitation"),
        "child_labour": lambda: _("Child labour"),
        "forced_marriage": lambda: _("Forced marriage"),
        "servitude": lambda: _("Servitude"),
        "forced_begging": lambda: _("Forced begging"),
        "organ_removal": lambda: _("Organ removal"),
        "other": lambda: _("Another form"),
        "unknown": lambda: _("Not known yet"),
    },
    terms.Risk: {
        "high": lambda: _("High"),
        "medium": lambda: _("Medium"),
        "low": lambda: _("Low"),
        "unknown": lambda: _("Not assessed yet"),
    },
    terms.Language: {
        "ru": lambda: _("Russian"),
        "en": lambda: _("English"),
        "kk": lambda: _("Kazakh"),
        "ky": lambda: _("Kyrgyz"),
        "tg": lambda: _("Tajik"),
        "tk": lambda: _("Turkmen"),
        "uz": lambda: _("Uzbek"),
    },
    terms.IdentityField: {
        "full_name": lambda: _("First and last name"),
        "birth_date": lambda: _("Date of birth"),
        "citizenship": lambda: _("Citizenship"),
        "identity_document": lambda: _("Identity document"),
        "phone": lambda: _("Phone"),
        "address": lambda: _("Address"),
        "family": lambda: _("Family and children"),
        "health": lambda: _("Health"),
        "circumstances": lambda: _("What happened"),
    },
    terms.ConsentGivenBy: {
        "beneficiary": lambda: _("The person"),
        "caregiver": lambda: _("A caregiver"),
        "legal_guardian": lambda: _("A legal guardian"),
    },
    terms.CustodyAct: {
        "sent": lambda: _("Referred"),
        "acknowledged": lambda: _("Receipt confirmed"),
        "information_requested": lambda: _("Information asked"),
        "information_given": lambda: _("Answer sent"),
        "accepted": lambda: _("Accepted"),
        "identity_released": lambda: _("Personal data opened"),
        "declined": lambda: _("Declined"),
        "redirected": lambda: _("Redirected"),
        "service_started": lambda: _("Service started"),
        "service_delivered": lambda: _("Service given"),
        "service_not_delivered": lambda: _("Service not given"),
        "closed": lambda: _("Closed"),
        "withdrawn": lambda: _("Referral withdrawn"),
        "consent_withdrawn": lambda: _("Consent withdrawn"),
        "consent_withdrawal_acknowledged": lambda: _("Withdrawal of consent confirmed"),
        "expired": lambda: _("Ended without an answer"),
    },
    terms.Role: {
        "caseworker": lambda: _("caseworker"),
        "supervisor": lambda: _("supervisor"),
        "agency_admin": lambda: _("agency administrator"),
        "data_protection_officer": lambda: _("data protection officer"),
        "national_coordinator": lambda: _("national coordinator"),
        "regional_coordinator": lambda: _("regional coordinator"),
        "integration": lambda: _("the agency's own system"),
        "platform_operator": lambda: _("platform operator"),
    },
    terms.AgencyKind: {
        "government": lambda: _("government agency"),
        "ngo": lambda: _("non-governmental organisation"),
        "private": lambda: _("private partner"),
        "international": lambda: _("international organisation"),
    },
    terms.Country: {},
}


def label(kind: type[StrEnum], code: str | None) -> str:
    """The words for a code; an unknown code is shown as it came, never replaced by another."""
    if code is None:
        return ""
    words = LABELS[kind].get(code)
    return words() if words else _("unknown code %(code)s", code=code)


def given_away(recorded: str) -> str:
    """What is wrong with a text that tells a recorded field of the person too early."""
    said = label(terms.IdentityField, recorded)
    return _("This is read before anybody accepts, and gives away what is recorded: %(said)s. Take that out", said=said)


def choices(kind: type[StrEnum], *without: str) -> list[tuple[str, str]]:
    """Codes with their words, in the order of the terms."""
    return [(member.value, label(kind, member.value)) for member in kind if member.value not in without]


def small(text: str) -> str:
    """The words inside a sentence: first letter small."""
    return text[:1].lower() + text[1:]
