"""Three signs for every meaning: shape, word and colour of deadlines and states."""

from dataclasses import dataclass
from datetime import datetime

from contracts.terms import Outcome, ReferralStatus
from gateway.portal.labels import label
from gateway.portal.words import _, clock, duration, speech, until

_QUARTER, _HALF, _THREE_QUARTERS, _SILENT = 0.25, 0.5, 0.75, 1.5


@dataclass(frozen=True)
class Due:
    """A deadline cell: stage (also its style), icon, words and what stands beneath."""

    stage: str
    icon: str
    words: str
    note: str


@dataclass(frozen=True)
class Tag:
    """A state: whose move it is (`mine`, `theirs`, `done`), colour family, icon, words, hidden words."""

    turn: str
    colour: str
    icon: str
    words: str
    hidden: str


def deadline(starts: datetime, ends: datetime, *, theirs: bool = False, note: str | None = None) -> Due:
    """The stage of a running deadline (portal.md §5): reminded at half, overdue, silent from 150 %."""
    now = speech().now
    share = (now - starts) / (ends - starts) if ends > starts else 2.0
    if share >= 1:
        return _missed(now, ends, share, theirs=theirs, note=note)
    left = duration(ends - now)
    words = _("They have %(span)s", span=left) if theirs else _("%(span)s left", span=left)
    said = _("until %(when)s", when=until(ends))
    if share >= _HALF:
        return Due("half", "three" if share >= _THREE_QUARTERS else "half", words, note or said)
    return Due("calm", "quarter" if share >= _QUARTER else "clock", words, note or said)


def _missed(now: datetime, ends: datetime, share: float, *, theirs: bool, note: str | None) -> Due:
    late = duration(now - ends, in_hours=True)
    if share >= _SILENT and theirs:
        return Due("silent", "silent", _("Silent for %(span)s", span=late), note or _("passed to the coordinator"))
    return Due("late", "late", _("%(span)s overdue", span=late), note or _("was due %(when)s", when=until(ends)))


def in_time(took: str, allowed: str) -> Due:
    return Due("met", "met", _("in %(took)s of %(allowed)s", took=took, allowed=allowed), "")


def waiting_for_link(since: datetime) -> Due:
    return Due("queued", "queued", _("Waiting for the link"), _("since %(time)s, goes by itself", time=clock(since)))


def on_its_way() -> Due:
    return Due("queued", "queued", _("On its way"), "")


def no_deadline() -> Due:
    return Due("calm", "clock", _("No deadline"), "")


def came_back() -> Due:
    return Due("half", "left", _("Came back"), _("the person still needs help"))


def finished() -> Due:
    return Due("calm", "met", _("Finished"), "")


_SIGNS: dict[str, tuple[str, str]] = {
    "draft": ("grey", "pen"),
    "sent": ("lapis", "right"),
    "delivered": ("lapis", "tray"),
    "acknowledged": ("lapis", "eye"),
    "information_requested": ("saffron", "ask"),
    "accepted": ("brand", "tick"),
    "in_progress": ("brand", "sheet"),
    "service_delivered": ("pistachio", "met"),
    "closed": ("grey", "lock"),
    "declined": ("madder", "cross"),
    "not_delivered": ("madder", "cross"),
    "redirected": ("grey", "right"),
    "withdrawn": ("grey", "left"),
    "consent_withdrawn": ("madder", "lock"),
    "expired": ("madder", "clock"),
}
FINISHED = frozenset({"closed", "declined", "redirected", "withdrawn", "consent_withdrawn", "expired"})
CAME_BACK = frozenset({"declined", "redirected", "expired", "not_delivered"})
WITHDRAWN = frozenset({"withdrawn", "consent_withdrawn"})


def tag(status: str, *, mine: bool, outcome: str | None = None, queued: bool = False, awaited: bool = False) -> Tag:
    """The tag of a referral's state, seen from this side; `awaited` is an act after the end, as of a withdrawal."""
    turn = "done" if status in FINISHED and not awaited else "mine" if mine else "theirs"
    hidden = {"mine": _("your move"), "theirs": _("their move"), "done": _("finished")}[turn]
    if queued:
        return Tag("theirs", "saffron", "clock", _("In the queue"), hidden)
    colour, icon = _SIGNS.get(status, ("lapis", "unknown"))
    words = label(ReferralStatus, status)
    if status == ReferralStatus.CLOSED and outcome == Outcome.NEED_MET:
        colour, icon, words = "pistachio", "met", _("Closed: help was given")
    return Tag(turn, colour, icon, words, hidden)
