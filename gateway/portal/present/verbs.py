"""The forms of the verbs: what is asked, what is required, what is sent."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts import terms
from gateway.portal.forms import Form
from gateway.portal.labels import choices
from gateway.portal.present.places import Party
from gateway.portal.words import _

VERBS = frozenset(
    {
        "acknowledge",
        "request_information",
        "accept",
        "decline",
        "redirect",
        "start_service",
        "record_service",
        "close",
        "give_information",
        "withdraw",
        "withdraw_consent",
    }
)
_TEXTS = {
    "request_information": "question",
    "give_information": "answer",
    "accept": "note",
    "decline": "note",
    "redirect": "note",
    "record_service": "note",
    "close": "feedback",
}
_UNTRUE = ("not_delivered", "need_met")
_REQUIRED_TEXT = frozenset({"request_information", "give_information"})
_REASONS: dict[str, tuple[str, type[StrEnum]]] = {
    "decline": ("reason", terms.DeclineReason),
    "withdraw": ("reason", terms.WithdrawalReason),
    "record_service": ("reason", terms.NotDeliveredReason),
    "close": ("outcome", terms.Outcome),
}


@dataclass(frozen=True)
class VerbForm:
    """What a verb's page says and asks."""

    verb: str
    question: str
    lead: str
    button: str
    text_name: str = ""
    text_words: str = ""
    legend: str = ""
    reason_name: str = "reason"
    reasons: list[tuple[str, str, str]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    agencies: list[tuple[str, str]] = field(default_factory=list)
    danger: bool = False


def words_of(verb: str, partner: Party, agencies: list[tuple[str, str]], status: str) -> VerbForm:
    """The page of a verb in the reader's language; what was not given has met no need."""
    question, lead, button = _sentences(partner)[verb]
    name, kind = _REASONS.get(verb, ("reason", None))
    return VerbForm(
        verb,
        question,
        lead,
        button,
        text_name=_TEXTS.get(verb, ""),
        text_words=_text_words(verb),
        legend=_("If it was not given: why") if verb == "record_service" else question,
        reason_name=name,
        reasons=[one for one in _reasons(verb, kind) if (status, one[0]) != _UNTRUE] if kind else [],
        results=[("delivered", _("The service was given")), ("not_delivered", _("The service was not given"))]
        if verb == "record_service"
        else [],
        agencies=agencies if verb == "redirect" else [],
        danger=verb in {"withdraw", "withdraw_consent", "decline"},
    )


def _reasons(verb: str, kind: type[StrEnum]) -> list[tuple[str, str, str]]:
    found = [(code, words, _hint(verb, code)) for code, words in choices(kind)]
    return [("", _("No reason: it was given"), ""), *found] if verb == "record_service" else found


def _sentences(partner: Party) -> dict[str, tuple[str, str, str]]:
    name = partner.name
    return {
        "acknowledge": (
            _("Confirm receipt"),
            _("%(agency)s learns that you have the referral.", agency=name),
            _("Confirm receipt"),
        ),
        "request_information": (
            _("What do you need to know?"),
            _("%(agency)s answers. The deadline of the decision does not stop.", agency=name),
            _("Ask"),
        ),
        "give_information": (
            _("Answer the question"),
            _("Only what the person agreed to pass on."),
            _("Send the answer"),
        ),
        "accept": (
            _("Accept this person?"),
            _("After this the consented data open to you, and you answer for the service."),
            _("Accept"),
        ),
        "decline": (
            _("Why can you not accept?"),
            _(
                "%(agency)s sees the reason and looks for another service. The person is not shown this text.",
                agency=name,
            ),
            _("Decline"),
        ),
        "redirect": (
            _("Which agency fits better?"),
            _("%(agency)s gets your advice and decides together with the person.", agency=name),
            _("Send the advice"),
        ),
        "start_service": (
            _("Start the service"),
            _("%(agency)s sees that the service has started.", agency=name),
            _("Start the service"),
        ),
        "record_service": (_("Was the service given?"), _("%(agency)s sees the result.", agency=name), _("Save")),
        "close": (
            _("How did it end?"),
            _("This is the last entry. %(agency)s gets the outcome.", agency=name),
            _("Close the referral"),
        ),
        "withdraw": (
            _("Why do you withdraw the referral?"),
            _("%(agency)s is told at once.", agency=name),
            _("Withdraw the referral"),
        ),
        "withdraw_consent": (
            _("Record that the person withdrew consent?"),
            _("Access closes at once, and the other side must confirm it."),
            _("Record withdrawal"),
        ),
    }


def _text_words(verb: str) -> str:
    known = {
        "request_information": _("Question"),
        "give_information": _("Answer"),
        "close": _("Feedback for the referring agency, if needed"),
    }
    return known.get(verb, _("Note, if needed"))


def _hint(verb: str, code: str) -> str:
    if verb != "decline":
        return ""
    hints = {
        "no_capacity": _("Update your free places afterwards"),
        "not_eligible": _("By age, sex, children or language"),
        "wrong_service": _("You can name a better agency instead"),
        "incomplete": _("You can ask for information first"),
    }
    return hints.get(code, "")


def check(verb: str, form: Form) -> None:
    """What must be answered, with the sentence that says so."""
    text = _TEXTS.get(verb)
    if verb in _REQUIRED_TEXT and text:
        form.require(text, _("Write the question") if verb == "request_information" else _("Write the answer"))
    if text and len(form.value(text)) > 2000:  # noqa: PLR2004  (the service's limit)
        form.problems[text] = _("Write at most 2000 characters")
    if verb == "redirect":
        form.require("to_agency", _("Choose an agency"))
    if verb == "record_service":
        form.require("result", _("Choose whether the service was given"))
        form.one_of("result", ("delivered", "not_delivered"), _("Choose whether the service was given"))
        if form.value("result") == "delivered" and form.value("reason"):
            form.problems["result"] = _("You chose a reason why it was not given. Which is right?")
    name, kind = _REASONS.get(verb, ("", None))
    if kind and (verb != "record_service" or form.value("result") == "not_delivered"):
        form.require(name, _("Choose a reason") if name == "reason" else _("Choose how it ended"))
        form.one_of(name, list(kind), _("Choose one of the answers"))


def body_of(verb: str, form: Form) -> dict[str, Any]:
    """The verb's body; what was left empty is left out."""
    body: dict[str, Any] = {}
    if (text := _TEXTS.get(verb)) and form.value(text):
        body[text] = form.value(text)
    if verb == "redirect":
        body["to_agency"] = form.value("to_agency")
    if verb == "record_service":
        body["result"] = form.value("result")
    name, kind = _REASONS.get(verb, ("", None))
    if kind and form.value(name) and (verb != "record_service" or form.value("result") == "not_delivered"):
        body[name] = form.value(name)
    return body
