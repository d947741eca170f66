"""From a row of `referral` to the aggregate."""

import json
from datetime import datetime
from typing import Any

from contracts.terms import AgeBand, ExploitationForm, IdentityField, Language, ReferralStatus, Service, Sex, Urgency
from services.referrals.domain.custody import Link
from services.referrals.domain.deadlines import Deadline, steps_in
from services.referrals.domain.referral import Preview, Receipt, Referral
from services.referrals.domain.terms import Side, Step


def referral_of(row: Any) -> Referral:
    """The copy in a row, with its running deadlines in `running`."""
    status = ReferralStatus(row["status"])
    return Referral(
        id=row["id"],
        agency=row["agency_id"],
        side=Side(row["side"]),
        partner=row["partner_id"],
        status=status,
        preview=_preview(row),
        created_at=row["created_at"],
        case_id=row["case_id"],
        service_offering_id=row["service_offering_id"],
        redirected_from=row["redirected_from"],
        consent=_consent(row),
        version=row["version"],
        own=Link(row["own_number"], row["own_hash"]),
        theirs=Link(row["their_number"], row["their_hash"]),
        deadlines=_deadlines(status, row["running"]),
        codes=json.loads(row["codes"]),
        sent_at=row["sent_at"],
        acknowledged_at=row["acknowledged_at"],
        decided_at=row["decided_at"],
        closed_at=row["closed_at"],
        released_at=row["released_at"],
        access_closed_at=row["access_closed_at"],
        last_act_at=row["last_act_at"],
        unread=row["unread"],
    )


def _preview(row: Any) -> Preview:
    return Preview(
        code=row["code"],
        service=Service(row["service"]),
        urgency=Urgency(row["urgency"]),
        district=row["district"],
        age_band=AgeBand(row["age_band"]),
        sex=Sex(row["sex"]),
        language=Language(row["language"]) if row["language"] else None,
        interpreter_needed=row["interpreter_needed"],
        with_children=row["with_children"],
        exploitation=ExploitationForm(row["exploitation"]),
        note=None,
    )


def _consent(row: Any) -> Receipt | None:
    if row["consent_fields"] is None:
        return None
    fields = frozenset(IdentityField(one) for one in row["consent_fields"])
    return Receipt(row["consent_grant_id"], Service(row["consent_purpose"]), fields, row["consent_valid_until"])


def _deadlines(status: ReferralStatus, running: str | None) -> dict[Step, Deadline]:
    """Running steps, the expected one first."""
    found = [
        Deadline(Step(step), datetime.fromisoformat(started), datetime.fromisoformat(due))
        for step, started, due in json.loads(running or "[]")
    ]
    order = steps_in(status)
    found.sort(key=lambda one: order.index(one.step) if one.step in order else len(order))
    return {one.step: one for one in found}
