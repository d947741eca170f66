"""Referrals as rows of work: deadline first, then the verb, then the case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from markupsafe import Markup

from contracts.terms import AgeBand, Outcome, Service, Sex, Urgency
from gateway.portal.clients.referrals import Item
from gateway.portal.labels import label, small
from gateway.portal.present.places import named
from gateway.portal.signs import (
    CAME_BACK,
    FINISHED,
    WITHDRAWN,
    Due,
    Tag,
    came_back,
    deadline,
    finished,
    no_deadline,
    on_its_way,
    tag,
    waiting_for_link,
)
from gateway.portal.words import _, clock, local, speech

_QUEUED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Row:
    """A row of a work list."""

    due: Due
    href: str
    verb: str
    code: str
    strong: str
    colour: str
    need: str
    country: str
    partner: str
    tag: Tag
    code_href: str = ""


def mine(action: str | None) -> str:
    """The verb when it is this side's move."""
    verbs = {
        "send": _("Check and send"),
        "acknowledge": _("Confirm receipt"),
        "accept": _("Decide: accept or decline"),
        "decide": _("Decide: accept or decline"),
        "give_information": _("Answer the question"),
        "start_service": _("Start the service"),
        "record_service": _("Write down the result of the service"),
        "close": _("Close: write the outcome"),
        "confirm_withdrawal": _("Confirm the withdrawal of consent"),
    }
    return verbs.get(action or "", _("Look at the referral"))


def theirs(action: str | None) -> str:
    """What is awaited from the other side."""
    awaited = {
        "acknowledge": _("Confirmation of receipt"),
        "accept": _("Decision to take the person"),
        "decide": _("Decision to take the person"),
        "give_information": _("Answer to the question"),
        "start_service": _("Start of the service"),
        "record_service": _("Result of the service"),
        "close": _("Outcome"),
        "confirm_withdrawal": _("Confirmation of the withdrawal of consent"),
    }
    return awaited.get(action or "", _("Look at the referral"))


def is_queued(item: Item) -> bool:
    """Whether an act of ours has been waiting for the link for longer than a crossing takes."""
    return item.in_queue_since is not None and speech().now - item.in_queue_since > _QUEUED_AFTER


def is_under_way(item: Item) -> bool:
    """Whether the other side has nothing yet to act upon: what we sent has no receipt."""
    return item.in_queue_since is not None and item.move == "theirs"


def due_of(item: Item) -> Due:
    if is_queued(item) and item.in_queue_since:
        return waiting_for_link(item.in_queue_since)
    if is_under_way(item):
        return on_its_way()
    limit = item.next_deadline
    if limit is None:
        return finished() if item.status in FINISHED else no_deadline()
    note = None
    if limit.escalated_to == "supervisor" and limit.escalated_at and item.move == "mine":
        note = _("supervisor told at %(time)s", time=clock(limit.escalated_at))
    return deadline(limit.started_at, limit.due_at, theirs=item.move == "theirs", note=note)


def tag_of(item: Item) -> Tag:
    return tag(
        item.status,
        mine=item.move == "mine",
        outcome=item.outcome,
        queued=is_queued(item),
        awaited=item.move != "none",
    )


def returned_tag(item: Item) -> Tag:
    """It ended, without help: what remains is our own move."""
    return replace(tag_of(item), turn="mine", hidden=_("your move"))


def row(item: Item) -> Row:
    """A row of my work."""
    return Row(
        due=due_of(item),
        href=f"/referrals/{item.referral_id}",
        verb=theirs(item.next_action) if item.move == "theirs" else mine(item.next_action),
        code=item.code,
        strong="",
        colour="",
        need=small(label(Service, item.service)),
        country=item.partner_country,
        partner=f"{item.partner_country.upper()}, {named(item.partner_names, item.partner_agency)}",
        tag=tag_of(item),
    )


def incoming(item: Item, district: str) -> Row:
    """A row of the inbox: the need as the link, the preview beneath."""
    whom = [small(label(Sex, item.sex)), label(AgeBand, item.age_band), district]
    if item.with_children:
        whom.insert(2, _("with children"))
    return Row(
        due=due_of(item),
        href=f"/referrals/{item.referral_id}",
        verb=label(Service, item.service),
        code="",
        strong=label(Urgency, item.urgency),
        colour=urgency_colour(item.urgency),
        need=", ".join(word for word in whom if word),
        country=item.partner_country,
        partner=Markup('{}, {} · <span class="nowrap">{}</span>').format(
            item.partner_country.upper(), named(item.partner_names, item.partner_agency), item.code
        ),
        tag=tag_of(item),
    )


def urgency_colour(urgency: str) -> str:
    return {"emergency": "madder", "urgent": "saffron"}.get(urgency, "")


@dataclass(frozen=True)
class Returned:
    """A referral of ours that ended without help, and the draft that will follow it, if there is one."""

    item: Item
    draft: Item | None


def returned_of(ended: Iterable[Item], sent: Iterable[Item]) -> list[Returned]:
    """Needs that came back to us: the last of a case's referrals for a service, unless a newer one lives or has helped.

    A draft has reached nobody, so the need stays here, and its row leads to the draft.
    """
    known = {item.referral_id: item for item in [*sent, *ended] if item.side == "referring" and item.case_id}
    newest_first = sorted(known.values(), key=lambda item: item.created_at, reverse=True)
    needs: dict[tuple[str | None, str], list[Item]] = {}
    for item in newest_first:
        needs.setdefault((item.case_id, item.service), []).append(item)
    found = [_returned(history) for history in needs.values()]
    return sorted((one for one in found if one), key=lambda one: (_haste(one.item), one.item.created_at))


def _returned(history: list[Item]) -> Returned | None:
    """What came back last, if nothing newer lives or has helped."""
    draft = None
    for item in history:
        if item.status in CAME_BACK or item.outcome == Outcome.NEED_NOT_MET:
            return Returned(item, draft)
        if item.status == "draft":
            draft = draft or item
        elif item.status not in WITHDRAWN:
            return None
    return None


def _haste(item: Item) -> int:
    order = [urgency.value for urgency in Urgency]
    return order.index(item.urgency) if item.urgency in order else 0


def returned_row(returned: Returned) -> Row:
    """A row of what came back: our own move, with the case, or the advice, behind the verb."""
    item, draft = returned.item, returned.draft
    advised = item.status == "redirected"
    verb = _("Send to the agency named") if advised else _("Find another service")
    onward = f"/referrals/{item.referral_id}" if advised else f"/cases/{item.case_id}"
    return replace(
        row(item),
        due=came_back(),
        href=f"/referrals/{draft.referral_id}/send" if draft else onward,
        verb=mine("send") if draft else verb,
        tag=returned_tag(item),
        code_href=f"/referrals/{item.referral_id}",
    )


@dataclass(frozen=True)
class Day:
    """My work in the order of its urgency."""

    overdue: list[Item]
    today: list[Item]
    later: list[Item]
    waiting: list[Item]
    drafts: list[Item]


def day_of(items: list[Item]) -> Day:
    """Sort what is on the desk."""
    day = Day([], [], [], [], [])
    now = speech().now
    for item in sorted(items, key=_by_deadline):
        limit = item.next_deadline
        if item.status == "draft":
            day.drafts.append(item)
        elif item.move == "theirs" or (item.move == "mine" and is_queued(item)):
            day.waiting.append(item)
        elif item.move != "mine":
            continue
        elif limit and limit.due_at <= now:
            day.overdue.append(item)
        elif limit and local(limit.due_at).date() == now.date():
            day.today.append(item)
        else:
            day.later.append(item)
    return day


def _by_deadline(item: Item) -> tuple[bool, float, str]:
    limit = item.next_deadline
    return (limit is None, limit.due_at.timestamp() if limit else 0.0, item.code)
