"""A referral as a page: state, deadline, holder, consent; what can be done, what cannot and why."""

from dataclasses import dataclass, field
from datetime import timedelta

from contracts.terms import (
    DECISION_HOURS,
    RECEIPT_HOURS,
    AgeBand,
    DeclineReason,
    ExploitationForm,
    IdentityField,
    Language,
    NotDeliveredReason,
    Service,
    Sex,
    Urgency,
    WithdrawalReason,
)
from gateway.portal import signs
from gateway.portal.clients.referrals import Referral
from gateway.portal.labels import label, small
from gateway.portal.present.places import Party
from gateway.portal.present.rows import due_of, is_under_way, returned_tag, tag_of, theirs, urgency_colour
from gateway.portal.signs import Due, Tag
from gateway.portal.words import _, day, duration, local, speech, weekday

DIRECT = frozenset({"acknowledge", "start_service"})
_ICONS = {
    "request_information": "ask",
    "give_information": "ask",
    "accept": "tick",
    "decline": "cross",
    "redirect": "right",
    "withdraw": "left",
    "withdraw_consent": "lock",
    "record_service": "met",
    "close": "lock",
    "send": "right",
}
_BAD = frozenset({"decline", "withdraw", "withdraw_consent"})
_FIRST = ("send", "give_information", "acknowledge", "accept", "start_service", "record_service", "close")


@dataclass(frozen=True)
class Action:
    """What can be done (`href`), or cannot and why (`note`); a direct one is a form that carries `kept`."""

    words: str
    icon: str
    href: str = ""
    note: str = ""
    style: str = ""
    main: bool = False
    direct: bool = False
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class View:
    """A referral as templates read it."""

    id: str
    case_id: str | None
    code: str
    need: str
    urgency: str
    urgency_colour: str
    origin: Party
    destination: Party
    tag: Tag
    move: str
    due: Due
    holder: str
    consent: str
    consent_note: str
    identity_href: str
    identity_note: str
    back: str
    back_words: str
    preview: list[tuple[str, str]]
    advised: str = ""


def view(
    referral: Referral, origin: Party, destination: Party, district: str, advised: str = "", *, came_back: bool = False
) -> View:
    """`advised` is the name of the agency that a redirected referral was told of.

    `came_back`: it ended without help and nothing has followed it, so what remains is for this side.
    """
    href, note = _identity(referral)
    consent, consent_note = _consent(referral)
    receiving = referral.side == "receiving"
    holder = destination if referral.case_holder == referral.receiving_agency else origin
    return View(
        id=referral.referral_id,
        case_id=referral.case_id,
        code=referral.code,
        need=label(Service, referral.service),
        urgency=label(Urgency, referral.urgency),
        urgency_colour=urgency_colour(referral.urgency),
        origin=origin,
        destination=destination,
        tag=returned_tag(referral) if came_back else tag_of(referral),
        move=_move(referral, destination if not receiving else origin, came_back=came_back),
        due=signs.came_back() if came_back else due_of(referral),
        holder=holder.name,
        consent=consent,
        consent_note=consent_note,
        identity_href=href,
        identity_note=note,
        back="/inbox" if receiving else "/work",
        back_words=_("Incoming") if receiving else _("My work"),
        preview=preview(referral, district),
        advised=advised,
    )


def preview(referral: Referral, district: str) -> list[tuple[str, str]]:
    """All that the first message says; what is unknown is said to be."""
    yes_no = {True: _("yes"), False: _("no"), None: _("not known")}
    pairs = [
        (_("What help is needed"), label(Service, referral.service)),
        (_("How soon"), label(Urgency, referral.urgency)),
        (_("Sex"), label(Sex, referral.sex)),
        (_("Age"), label(AgeBand, referral.age_band)),
        (_("Region or city"), district or _("not known")),
        (_("Language"), label(Language, referral.language) or _("not known")),
        (_("Interpreter needed"), yes_no[referral.interpreter_needed]),
        (_("With children"), yes_no[referral.with_children]),
    ]
    if referral.exploitation and referral.exploitation != "unknown":
        pairs.append((_("Form of exploitation"), label(ExploitationForm, referral.exploitation)))
    if referral.note:
        pairs.append((_("Note"), referral.note))
    return [(name, value) for name, value in pairs if value]


def _move(referral: Referral, partner: Party, *, came_back: bool) -> str:
    ended = {
        "declined": (DeclineReason, referral.decline_reason),
        "not_delivered": (NotDeliveredReason, referral.not_delivered_reason),
        "withdrawn": (WithdrawalReason, referral.withdrawal_reason),
    }.get(referral.status)
    if ended and ended[1]:
        return small(label(*ended))
    if referral.move == "mine" or came_back:
        return _("your move")
    if is_under_way(referral):
        return _("still on its way to %(agency)s", agency=partner.name)
    return _("%(agency)s is to act", agency=partner.name) if referral.move == "theirs" else _("nothing is expected")


def _identity(referral: Referral) -> tuple[str, str]:
    """Where the name can be opened, or why it cannot."""
    if referral.side == "referring":
        return (f"/cases/{referral.case_id}/person", "") if referral.case_id else ("", "")
    state = referral.identity.state
    if state == "withheld" and referral.status in {"accepted", "in_progress"}:
        return "", _("Accepted; the name is on its way")
    if state == "released":
        return f"/referrals/{referral.referral_id}/identity", ""
    notes = {
        "withheld": _("Name opens after acceptance"),
        "closed": _("Access is closed"),
        "erased": _("The data are erased"),
        "expired": _("The consent has run out"),
    }
    return "", notes.get(state, _("Name opens after acceptance"))


def _consent(referral: Referral) -> tuple[str, str]:
    grant = referral.consent
    if grant is None:
        return _("Not recorded"), _("without it nothing is sent")
    if grant.status == "withdrawn":
        return _("Withdrawn"), _("access is closed")
    if grant.valid_until <= speech().now:
        return _("Ended"), _("on %(day)s", day=day(grant.valid_until))
    left = duration(timedelta(days=(local(grant.valid_until).date() - speech().now.date()).days))
    return _("Valid for %(span)s", span=left), _("until %(when)s", when=day(grant.valid_until))


def actions(referral: Referral, partner: Party, onward: list[tuple[str, str]]) -> list[Action]:
    """Allowed actions first, the main one as a button; forbidden ones last, each with its reason.

    `onward` is the search for another service, where this one ended without help.
    """
    possible = [one.verb for one in referral.verbs if one.possible]
    main = next((verb for verb in _FIRST if verb in possible), None)
    found = []
    if onward:
        words = _("Find its services") if referral.redirected_to else _("Find another service")
        found.append(Action(words, "right", "/find", main=True, direct=True, kept=onward))
    for verb in sorted(possible, key=lambda verb: (verb != main, verb in _BAD)):
        href = f"/referrals/{referral.referral_id}/{verb}"
        style = "bad" if verb in _BAD else ""
        direct = verb in DIRECT
        found.append(
            Action(
                verb_words(verb),
                _ICONS.get(verb, "right"),
                href,
                _meaning(verb, partner),
                style,
                main=verb == main or direct,
                direct=direct,
            )
        )
    if not possible and not onward and referral.move == "theirs":
        found.append(Action(_("Nothing to do now"), "clock", note=_waits(referral, partner)))
    forbidden = [one.verb for one in referral.verbs if not one.possible and _why_not(referral.status, one.verb)]
    return found + [
        Action(verb_words(verb), "no", note=_why_not(referral.status, verb), style="cannot") for verb in forbidden
    ]


def verb_words(verb: str) -> str:
    known = {
        "send": _("Check and send"),
        "give_information": _("Answer the question"),
        "withdraw": _("Withdraw the referral"),
        "withdraw_consent": _("Record withdrawal of consent"),
        "acknowledge": _("Confirm receipt"),
        "request_information": _("Ask for information"),
        "accept": _("Accept"),
        "decline": _("Decline"),
        "redirect": _("Name a better agency"),
        "start_service": _("Start the service"),
        "record_service": _("Write down the result"),
        "close": _("Close"),
    }
    return known.get(verb, verb)


def _meaning(verb: str, partner: Party) -> str:
    notes = {
        "withdraw": _("%(agency)s is told at once.", agency=partner.name),
        "withdraw_consent": _("Access closes at once, and the other side must confirm it."),
        "request_information": _("The deadline of the decision does not stop."),
        "decline": _("With a reason, so that another service can be found."),
        "redirect": _("%(agency)s decides with the person.", agency=partner.name),
        "accept": _("The name opens by itself after this."),
    }
    return notes.get(verb, "")


def _waits(referral: Referral, partner: Party) -> str:
    if is_under_way(referral):
        return _("it goes by itself.")
    return _("%(agency)s is expected to act: %(act)s.", agency=partner.name, act=small(theirs(referral.next_action)))


def _why_not(status: str, verb: str) -> str:
    """Why an act is not possible now; nothing where nobody would look for it."""
    if verb == "withdraw" and status in {"accepted", "in_progress", "service_delivered", "not_delivered"}:
        return _("not possible, the referral is already accepted.")
    if verb == "close" and status in {"acknowledged", "information_requested", "accepted", "in_progress"}:
        return _("only when the result of the service is written down.")
    if verb == "accept" and status in {"acknowledged", "information_requested"}:
        return _("not possible, the consent has run out. Decline as incomplete: they can take consent and refer anew.")
    if verb in {"accept", "decline"} and status in {"sent", "delivered"}:
        return _("only after receipt is confirmed.")
    return ""


def fields_of(referral: Referral) -> list[str]:
    """What opens on acceptance."""
    return [label(IdentityField, code) for code in referral.consent.fields] if referral.consent else []


def when_answered(referral: Referral) -> str:
    """How soon an answer is due, by urgency."""
    limits = (hours[Urgency(referral.urgency)] for hours in (RECEIPT_HOURS, DECISION_HOURS))
    first, decision = (duration(timedelta(hours=h), in_hours=True) for h in limits)
    return _(
        "Receipt is confirmed within %(first)s, the decision comes within %(decision)s. "
        "Silence goes to the supervisor.",
        first=first,
        decision=decision,
    )


def today() -> str:
    from gateway.portal.words import clock

    return f"{weekday(speech().now)}, {clock(speech().now)}"
