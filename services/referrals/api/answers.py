"""Rows as the JSON of the API. Nothing that identifies a person passes here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.terms import CustodyAct, ReferralStatus, Urgency
from services.referrals.api.guards import Texts, cursor_of
from services.referrals.domain import rules
from services.referrals.domain.consent_grant import ConsentGrant
from services.referrals.domain.custody import merged
from services.referrals.domain.deadlines import Deadline, allowed, next_stage, stages
from services.referrals.domain.referral import Referral
from services.referrals.domain.terms import Side, Stage, Step, Verb

Json = dict[str, Any]

_WAITED_SECONDS = 30
_MEASURED = {
    CustodyAct.ACKNOWLEDGED: Step.ACKNOWLEDGE,
    CustodyAct.ACCEPTED: Step.DECIDE,
    CustodyAct.DECLINED: Step.DECIDE,
    CustodyAct.REDIRECTED: Step.DECIDE,
}


def done(referral: Referral) -> Json:
    """The answer to a verb."""
    return {"referral_id": referral.id, "status": referral.status, "version": referral.version}


def case_item(row: Any) -> Json:
    names = ("code", "sex", "age_band", "birth_year", "district", "languages", "with_children", "needs", "risk")
    more = ("urgency", "exploitation", "created_at", "referrals", "drafts")
    return {"case_id": row["id"], **{name: row[name] for name in names + more}, "erased": row["erased_at"] is not None}


def case_referral(row: Any) -> Json:
    return {
        "referral_id": row["id"],
        "status": row["status"],
        "service": row["service"],
        "receiving_agency": row["partner_id"],
        "created_at": row["created_at"],
    }


def consent(grant: ConsentGrant, now: datetime) -> Json:
    return {
        "consent_grant_id": grant.id,
        "case_id": grant.case_id,
        "receiving_agency": grant.receiving_agency,
        "purpose": grant.purpose,
        "fields": sorted(grant.fields),
        "withheld": [{"field": name, "why": why} for name, why in sorted(grant.withheld.items())],
        "valid_until": grant.valid_until,
        "given_by": grant.given_by,
        "explanation_language": grant.explanation_language,
        "interpreter": grant.interpreter,
        "recorded_how": grant.recorded_how,
        "status": grant.status(now),
        "recorded_at": grant.recorded_at,
        "recorded_by": grant.recorder_name,
        "withdrawn_at": grant.withdrawn_at,
    }


def referral_item(row: Any, now: datetime) -> Json:
    """One line of a list."""
    names = ("code", "side", "status", "version", "unread", "service", "urgency", "case_id", "sex", "age_band")
    more = ("district", "with_children", "move", "in_queue_since", "created_at", "sent_at", "last_act_at", "outcome")
    return {
        "referral_id": row["id"],
        **{name: row[name] for name in names + more},
        "partner_agency": row["partner_id"],
        "partner_country": row["partner_id"].partition(".")[0],
        "partner_names": _names(row["name_en"], row["name_ru"]),
        "next_action": row["next_step"],
        "next_deadline": _deadline(row, now),
    }


def _deadline(row: Any, now: datetime) -> Json | None:
    start, due = row["due_from"], row["due_at"]
    if due is None:
        return None
    share = (now - start) / (due - start) if due > start else 1.0
    return {
        "kind": row["next_step"],
        "due_at": due,
        "started_at": start,
        "elapsed_share": round(max(share, 0.0), 3),
        "overdue": now > due,
        "escalated_to": row["fired"],
        "escalated_at": row["fired_at"],
    }


def _names(en: str | None, ru: str | None) -> Json | None:
    """What an agency is called; None while its announcement is still on its way."""
    return None if en is None else {"en": en, "ru": ru}


def referral_detail(row: Any, notices: Sequence[Any], note: str | None, now: datetime) -> Json:
    """The page of one referral."""
    codes = row["codes_read"]
    names = ("decline_reason", "not_delivered_reason", "withdrawal_reason", "redirected_to")
    plain = ("service_offering_id", "language", "interpreter_needed", "exploitation", "redirected_from")
    return {
        **referral_item(row, now),
        **{name: row[name] for name in plain},
        **{name: codes.get(name) for name in names},
        "redirected_to_names": _names(row["advised_en"], row["advised_ru"]),
        **_agencies(row),
        "note": note,
        "case_holder": _agencies(row)["referring_agency"],
        "consent": _consent_of(row, now),
        "identity": {"state": _identity_state(row, now), "released_at": row["released_at"]},
        "verbs": _verbs(row, now),
        "notices": [_notice(one) for one in notices],
    }


def _agencies(row: Any) -> Json:
    ours, theirs = row["agency_id"], row["partner_id"]
    first, second = (ours, theirs) if row["side"] == Side.REFERRING else (theirs, ours)
    return {"referring_agency": first, "receiving_agency": second}


def _consent_of(row: Any, now: datetime) -> Json | None:
    """As it was when the referral was sent; of a draft, the grant that it would be sent under."""
    source = "consent" if row["consent_fields"] is not None else "grant"
    if row[f"{source}_fields"] is None:
        return None
    withdrawn = row["consent_withdrawn_at"] is not None or row["status"] == ReferralStatus.CONSENT_WITHDRAWN
    over = "expired" if now >= row[f"{source}_valid_until"] else "valid"
    return {
        "consent_grant_id": row["consent_grant_id"],
        "purpose": row[f"{source}_purpose"],
        "fields": row[f"{source}_fields"],
        "valid_until": row[f"{source}_valid_until"],
        "status": "withdrawn" if withdrawn else over,
    }


def _identity_state(row: Any, now: datetime) -> str:
    if row["erased_at"] is not None:
        return "erased"
    if row["access_closed_at"] is not None:
        return "closed"
    if row["released_at"] is None:
        return "withheld"
    return "expired" if now >= row["consent_valid_until"] else "released"


def _verbs(row: Any, now: datetime) -> list[Json]:
    possible = set(rules.possible_verbs(Side(row["side"]), ReferralStatus(row["status"])))
    if row["consent_valid_until"] and now >= row["consent_valid_until"]:
        possible.discard(Verb.ACCEPT)
    return [
        {"verb": verb, "possible": True}
        if verb in possible
        else {"verb": verb, "possible": False, "why": "not_in_this_state"}
        for verb in rules.verbs_of(Side(row["side"]))
    ]


def _notice(row: Any) -> Json:
    return {"step": row["step"], "stage": row["stage"], "at": row["at"]}


def notice_item(row: Any) -> Json:
    return {"notice_id": row["id"], "referral_id": row["referral_id"], "code": row["code"], **_notice(row)}


def audit_item(row: Any) -> Json:
    names = ("at", "principal", "role", "act", "purpose", "subject_kind", "subject_id")
    return {"audit_id": row["id"], **{name: row[name] for name in names}}


def timeline(row: Any, entries: Sequence[Any], notices: Sequence[Any], texts: Texts, now: datetime) -> Json:
    """The merged custody log, receipts and waits, and what is expected next."""
    return {
        "referral_id": row["id"],
        "code": row["code"],
        "status": row["status"],
        **_agencies(row),
        "head": merged((one["at"], one["author"], one["number"], one["hash"]) for one in entries),
        "entries": [_entry(row, number, one, texts) for number, one in enumerate(entries, 1)],
        "expected_next": _expected(row, now),
        "notices": [_notice(one) for one in notices],
    }


def _entry(row: Any, number: int, entry: Any, texts: Texts) -> Json:
    own = entry["author"] == row["agency_id"]
    side = Side(row["side"]) if own else Side(row["side"]).other
    travelled = int((entry["received_at"] - entry["at"]).total_seconds()) if entry["received_at"] else None
    text = texts.note if entry["act"] == CustodyAct.SENT else texts.of(entry)
    stored = row["note"] if entry["act"] == CustodyAct.SENT else entry["text"]
    return {
        "number": number,
        "author": entry["author"],
        "author_number": entry["number"],
        "side": side,
        "own": own,
        "act": entry["act"],
        "at": entry["at"],
        "actor_role": entry["actor_role"],
        "actor_name": entry["actor_name"],
        "hash": entry["hash"],
        "previous": entry["previous"],
        "codes": _codes(entry["codes_read"]),
        "text": text,
        "text_closed": stored is not None and text is None,
        "received_at": entry["received_at"],
        "opened_at": entry["opened_at"],
        "parked_reason": entry["parked_reason"],
        "travel_seconds": max(travelled, 0) if travelled is not None else None,
        "waited": travelled is not None and travelled > _WAITED_SECONDS,
        **_pace(row, entry),
    }


def _codes(stored: Json) -> Json:
    return {name: value.split(",") if name == "fields" else value for name, value in stored.items() if value}


def _pace(row: Any, entry: Any) -> Json:
    """How long the answer took, of how long it might have taken."""
    step = _MEASURED.get(CustodyAct(entry["act"]))
    if step is None or row["sent_at"] is None:
        return {"took_seconds": None, "allowed_seconds": None}
    took = int((entry["at"] - row["sent_at"]).total_seconds())
    return {
        "took_seconds": max(took, 0),
        "allowed_seconds": int(allowed(step, Urgency(row["urgency"])).total_seconds()),
    }


def _expected(row: Any, now: datetime) -> Json | None:
    if row["due_at"] is None:
        return None
    step, side = Step(row["next_step"]), Side(row["side"])
    deadline = Deadline(step, row["due_from"], row["due_at"])
    fired = Stage(row["fired"]) if row["fired"] else None
    coming = next_stage(step, side, fired)
    line = stages(step, side)
    reached = len(line) if coming is None else line.index(coming)
    return {
        "act": step,
        "by": row["agency_id"] if row["move"] == "mine" else row["partner_id"],
        "move": row["move"],
        "started_at": deadline.started_at,
        "due_at": deadline.due_at,
        "overdue": now > deadline.due_at,
        "if_silent": [
            {"stage": stage, "at": deadline.at(stage), "done": number < reached} for number, stage in enumerate(line)
        ],
    }


def page(listed: str, items: list[Json], rows: Sequence[Any], limit: int, *, by_due: bool = False) -> Json:
    """A page of that list, of at most `limit`; one row more than that means there is a next."""
    if len(rows) <= limit:
        return {"items": items[:limit], "next_cursor": None}
    last = rows[limit - 1]
    return {"items": items[:limit], "next_cursor": cursor_of(listed, last["id"], last["due_at"] if by_due else None)}


def now() -> datetime:
    return datetime.now(UTC)
