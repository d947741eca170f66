"""The crossing: an ordered list of custody entries, act first, receipt second; the chain marks who holds the case."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from contracts.terms import (
    CustodyAct,
    DeclineReason,
    IdentityField,
    NotDeliveredReason,
    Outcome,
    Role,
    WithdrawalReason,
)
from gateway.portal.clients.referrals import Entry, Expected, Referral, Timeline
from gateway.portal.labels import label, small
from gateway.portal.present.places import Party
from gateway.portal.present.rows import due_of, is_under_way, theirs
from gateway.portal.signs import Due, deadline
from gateway.portal.words import _, clock, country, duration, local, ngettext, speech, until, weekday

_CODES = {
    "declined": DeclineReason,
    "service_not_delivered": NotDeliveredReason,
    "withdrawn": WithdrawalReason,
}
_LATE = timedelta(seconds=60)


@dataclass(frozen=True)
class Side:
    """A rail's head."""

    country: str
    place: str
    note: str


@dataclass(frozen=True)
class Line:
    """A receipt, or how long an act took."""

    icon: str
    colour: str
    words: str
    style: str = ""


@dataclass(frozen=True)
class Head:
    icon: str
    colour: str
    words: str
    short: str


@dataclass(frozen=True)
class Step:
    """One line of the list: a day, an entry, "now", or what is expected next."""

    holder: str
    side: str = "a"
    day: str = ""
    now: str = ""
    next: bool = False
    number: int = 0
    title: str = ""
    when: str = ""
    cord: str = ""
    seal: str = "seal"
    lines: list[str] = field(default_factory=list)
    took: Line | None = None
    receipts: list[Line] = field(default_factory=list)
    due: Due | None = None


@dataclass(frozen=True)
class Crossing:
    origin: Side
    destination: Side
    middle: str
    crosses: bool
    entries: list[Step]
    head: Head | None


def crossing(referral: Referral, timeline: Timeline, origin: Party, destination: Party) -> Crossing:
    """The crossing of one referral. In a plain referral the case stays with the referring agency."""
    crosses = origin.country != destination.country
    steps: list[Step] = []
    for date, entries in groupby(timeline.entries, key=lambda entry: local(entry.at).date()):
        first, *rest = list(entries)
        steps.append(Step("a", day=_day_line(first.at, date == speech().now.date())))
        steps += [_entry(entry) for entry in (first, *rest)]
    if timeline.entries:
        steps.append(Step("a", now=_("Now, %(time)s", time=clock(speech().now))))
    if timeline.expected_next:
        steps.append(_next(timeline.expected_next, referral, destination))
    return Crossing(
        Side(origin.country, _head(origin, crosses), _("%(agency)s, refers", agency=origin.name)),
        Side(destination.country, _head(destination, crosses), _("%(agency)s, receives", agency=destination.name)),
        _("border") if crosses else _("one country"),
        crosses,
        steps,
        _log_head(timeline),
    )


def _head(party: Party, crosses: bool) -> str:
    return country(party.country) if crosses else party.name


def _day_line(moment: datetime, is_today: bool) -> str:
    line = weekday(moment)
    return _("%(day)s, today", day=line) if is_today else line


def _entry(entry: Entry) -> Step:
    under_way = entry.own and entry.received_at is None
    waits = entry.waited or (under_way and speech().now - entry.at > _LATE)
    who = entry.actor_name or (small(label(Role, entry.actor_role)) if entry.actor_role else _("by itself"))
    return Step(
        "a",
        side="a" if entry.side == "referring" else "b",
        number=entry.number,
        title=label(CustodyAct, entry.act),
        when=f"{clock(entry.at)}, {who}",
        cord="waits" if waits else "",
        seal="sealwait" if waits or under_way else "seal",
        lines=_said(entry),
        took=_took(entry),
        receipts=_receipts(entry),
    )


def _said(entry: Entry) -> list[str]:
    """What the act says: the meaning of its codes, then its words."""
    lines = []
    if entry.act == "sent":
        lines.append(_("Preview only: what help, for whom in codes, and from which region. No name."))
    if entry.act == "identity_released":
        fields = [small(label(IdentityField, code)) for code in entry.codes.get("fields", [])]
        told = ngettext(
            "%(n)s field, as consented: %(fields)s.",
            "%(n)s fields, as consented: %(fields)s.",
            len(fields),
            fields=", ".join(fields),
        )
        lines.append(told if fields else _("Nothing that names the person: no more was consented to."))
    kind = _CODES.get(entry.act)
    if kind and entry.codes.get("reason"):
        lines.append(label(kind, entry.codes["reason"]) + ".")
    if entry.codes.get("outcome"):
        lines.append(label(Outcome, entry.codes["outcome"]) + ".")
    if entry.text:
        lines.append(entry.text)
    elif entry.text_closed:
        lines.append(_("The text is closed with the access."))
    return lines


def _took(entry: Entry) -> Line | None:
    if entry.took_seconds is None or entry.allowed_seconds is None:
        return None
    took = duration(timedelta(seconds=entry.took_seconds), in_hours=True)
    allowed = duration(timedelta(seconds=entry.allowed_seconds), in_hours=True)
    words = _("in %(took)s of %(allowed)s", took=took, allowed=allowed)
    in_time = entry.took_seconds <= entry.allowed_seconds
    return Line("met", "pistachio", words) if in_time else Line("late", "madder", words)


def _receipts(entry: Entry) -> list[Line]:
    """Receipts are lines of their own. No receipt, no line; but a wait is said."""
    if entry.received_at is None:
        if not entry.own:
            return []
        if entry.parked_reason:
            return [Line("clock", "saffron", _held(entry.parked_reason), "late")]
        waited = speech().now - entry.at
        if waited < _LATE:
            return [Line("right", "", _("On its way"))]
        return [Line("clock", "saffron", _("On its way for %(span)s, goes by itself", span=duration(waited)), "late")]
    lines = []
    if entry.waited:
        gap = duration(entry.received_at - entry.at)
        words = _(
            "Waited for the link %(span)s: %(begin)s to %(end)s",
            span=gap,
            begin=clock(entry.at),
            end=clock(entry.received_at),
        )
        lines.append(Line("clock", "saffron", words, "late"))
        lines.append(
            Line("receipt", "pistachio", _("Received at %(time)s, seal intact", time=clock(entry.received_at)))
        )
    else:
        quick = duration(max(timedelta(seconds=1), entry.received_at - entry.at))
        lines.append(Line("receipt", "pistachio", _("Received in %(span)s, seal intact", span=quick)))
    if entry.opened_at and entry.own:  # their machine did; that a person read it nothing tells
        unsealed = _("Unsealed by their system at %(time)s", time=clock(entry.opened_at))
        lines.append(Line("receipt", "pistachio", unsealed))
    return lines


def _held(reason: str) -> str:
    """Why it is held back on its way out."""
    words = {
        "corridor_closed": _("Held back: this corridor is closed at the moment"),
        "day_share_used": _("Held back until tomorrow: your agency has sent very much to this country today"),
        "too_large": _("Held back: it is too large. Your operator knows what to do"),
        "border_refused": _("Held back: the border refused it. Your operator knows what to do"),
    }
    return words.get(reason) or _("Held back until the other side can take it; goes by itself")


def _next(expected: Expected, referral: Referral, destination: Party) -> Step:
    """The expected act. While what they are to act upon is on its way to them, no clock of theirs is shown."""
    told = {} if is_under_way(referral) else {"supervisor": _("supervisor")}
    silent = [f"{told[step.stage]} {until(step.at)}" for step in expected.if_silent if step.stage in told]
    lines = [_("If nobody answers: %(who)s", who="; ".join(silent))] if silent else []
    is_theirs = expected.move == "theirs"
    return Step(
        "a",
        side="b" if expected.by == referral.receiving_agency else "a",
        next=True,
        title=_("Expected: %(act)s", act=small(theirs(expected.act))),
        due=due_of(referral)
        if is_under_way(referral)
        else deadline(
            expected.started_at,
            expected.due_at,
            theirs=False,
            note=_("until %(when)s, %(place)s", when=until(expected.due_at), place=destination.place)
            if is_theirs and destination.place and not expected.by.startswith(referral.referring_agency)
            else None,
        ),
        lines=lines,
    )


def _log_head(timeline: Timeline) -> Head | None:
    if not timeline.head or not timeline.entries:
        return None
    count = len(timeline.entries)
    under_way = [entry for entry in timeline.entries if entry.own and entry.received_at is None]
    short = f"{timeline.head[:4]}…{timeline.head[-4:]}"
    if under_way:
        words = ngettext(
            "Log: %(n)s entry, part of it still on its way,", "Log: %(n)s entries, part still on the way,", count
        )
        return Head("clock", "saffron", words, short)
    words = ngettext(
        "Log: %(n)s entry, ours receipted. The other side must show the same mark:",
        "Log: %(n)s entries, all of ours receipted. The other side must show the same mark:",
        count,
    )
    return Head("met", "", words, short)
