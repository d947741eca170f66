"""Invented content for the living page of parts."""

from datetime import datetime, timedelta
from typing import Any

from gateway.charts.cells import Cell
from gateway.portal.clients.directory import Capacity
from gateway.portal.clients.referrals import Entry, Expected, Referral, Silence, Timeline
from gateway.portal.forms import Form
from gateway.portal.present.crossing import crossing
from gateway.portal.present.offers import Condition, capacity
from gateway.portal.present.places import Party
from gateway.portal.present.region import shown
from gateway.portal.signs import deadline, in_time, tag, waiting_for_link
from gateway.portal.words import _, speech

_HOUR = timedelta(hours=1)
_MINE = ("draft", "acknowledged", "information_requested", "in_progress", "service_delivered")
_THEIRS = ("sent", "delivered", "acknowledged", "information_requested", "accepted")
_ENDED = ("closed", "redirected", "declined", "withdrawn", "consent_withdrawn", "expired")


def samples() -> dict[str, Any]:
    """Everything that `parts.html` shows."""
    now = speech().now
    return {
        "form": Form({"until": ["17.02.2026"]}, {"until": _("The consent cannot end in the past")}),
        "notices": _notices(),
        "criteria": [
            Condition("met", _("takes people with children")),
            Condition("unmet", _("any citizenship")),
            Condition("unknown", _("open day and night")),
        ],
        "capacities": _capacities(now),
        "dues": _dues(now),
        "tags": [
            [tag(code, mine=True) for code in _MINE],
            [*[tag(code, mine=False) for code in _THEIRS], tag("sent", mine=False, queued=True)],
            [tag("closed", mine=False, outcome="need_met"), *[tag(code, mine=False) for code in _ENDED]],
        ],
        "numbers": [
            (_("Shelter"), [shown(cell, 11) for cell in (Cell(41), Cell(None, "below"), Cell(33))]),
            (_("Documents"), [shown(cell, 11) for cell in (Cell(14), Cell(None, "below"), Cell(None, "withheld"))]),
        ],
        "x": sample_crossing(now),
    }


def _notices() -> list[dict[str, str]]:
    return [
        {
            "colour": "saffron",
            "icon": "cut",
            "title": _("The link is cut"),
            "words": _("Two referrals wait and will go by themselves."),
        },
        {
            "colour": "pistachio",
            "icon": "linked",
            "title": _("The link is back"),
            "words": _("Two referrals were received."),
        },
        {
            "colour": "madder",
            "icon": "late",
            "title": _("The person withdrew consent"),
            "words": _("Access to the data is closed."),
        },
        {
            "colour": "lapis",
            "icon": "unknown",
            "title": _("Unknown code, the referral is stopped"),
            "words": _("We do not know this code and have put nothing in its place."),
        },
    ]


def _capacities(now: datetime) -> list[Any]:
    fresh = Capacity.model_validate({"state": "fresh", "available": 3, "maximum": 12, "updated_at": now - 2 * _HOUR})
    old = Capacity.model_validate({"state": "old", "available": 1, "maximum": 8, "updated_at": now - 26 * _HOUR})
    stale = Capacity.model_validate(
        {"state": "stale", "updated_at": now - 216 * _HOUR, "last_answer": {"available": 4, "maximum": 10}}
    )
    return [capacity(one) for one in (fresh, old, stale)]


def _dues(now: datetime) -> list[Any]:
    return [
        deadline(now - 4 * _HOUR, now + 48 * _HOUR),
        deadline(now - 7 * _HOUR, now + 14 * _HOUR),
        deadline(now - 5 * _HOUR, now + 4 * _HOUR),
        deadline(now - 5 * _HOUR, now + _HOUR),
        deadline(now - 8 * _HOUR, now - 2 * _HOUR),
        deadline(now - 60 * _HOUR, now - 38 * _HOUR, theirs=True),
        in_time("1 h 08 min".replace(" ", "\N{NO-BREAK SPACE}"), "24 h".replace(" ", "\N{NO-BREAK SPACE}")),
        waiting_for_link(now - _HOUR),
    ]


def sample_crossing(now: datetime) -> Any:
    """A crossing with a delayed cord, an answer in time and a deadline to come."""
    start = now - 45 * _HOUR
    acts: list[dict[str, Any]] = [
        {"act": "sent", "side": "referring", "at": start, "opened_at": start + timedelta(minutes=4)},
        {
            "act": "acknowledged",
            "side": "receiving",
            "at": start + _HOUR,
            "took_seconds": 4080,
            "allowed_seconds": 86400,
        },
        {
            "act": "information_requested",
            "side": "receiving",
            "at": start + 20 * _HOUR,
            "text": _("Is a separate room for the child needed?"),
        },
        {
            "act": "information_given",
            "side": "referring",
            "at": start + 22 * _HOUR,
            "waited": True,
            "received_at": start + 24 * _HOUR,
            "text": _("Yes, a room for two."),
        },
        {
            "act": "accepted",
            "side": "receiving",
            "at": start + 26 * _HOUR,
            "took_seconds": 95280,
            "allowed_seconds": 259200,
        },
        {
            "act": "identity_released",
            "side": "referring",
            "at": start + 26 * _HOUR,
            "actor_role": None,
            "codes": {"fields": ["full_name", "phone"]},
        },
    ]
    entries = [
        Entry.model_validate(
            {
                "number": n,
                "own": one["side"] == "referring",
                "received_at": one["at"] + timedelta(seconds=2),
                "actor_role": "caseworker",
                **one,
            }
        )
        for n, one in enumerate(acts, 1)
    ]
    expected = Expected(
        act="start_service",
        by="uz.najot-demo",
        started_at=now - 18 * _HOUR,
        due_at=now + 30 * _HOUR,
        if_silent=[
            Silence(stage="supervisor", at=now + 30 * _HOUR),
            Silence(stage="national_coordinator", at=now + 54 * _HOUR),
        ],
    )
    timeline = Timeline(head="7c1e" + "0" * 56 + "b402", entries=entries, expected_next=expected)
    return crossing(_referral(now), timeline, _party("kz", _("Sapar-Demo")), _party("uz", _("Najot-Demo")))


def _party(country: str, name: str) -> Party:
    return Party(country, name, "")


def _referral(now: datetime) -> Referral:
    return Referral(
        referral_id="00000000-0000-7000-8000-000000000001",
        code="KZ-7H3P-26",
        side="referring",
        status="accepted",
        partner_agency="uz.najot-demo",
        partner_country="uz",
        service="shelter",
        urgency="urgent",
        created_at=now,
        referring_agency="kz.sapar-demo",
        receiving_agency="uz.najot-demo",
    )
