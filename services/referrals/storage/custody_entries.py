"""The custody log: added to, never changed but for the other side's receipts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.terms import CustodyAct
from services.chassis.database import Connection
from services.referrals.domain.events import Acted
from services.referrals.storage.people import StoredPeople
from services.referrals.storage.person_keys import DataKey


def _column(referral_id: UUID, author: str, number: int) -> str:
    return f"text/{referral_id}/{author}/{number}"


async def add_entries(
    connection: Connection, agency: str, person_id: UUID, acts: Sequence[Acted], *, people: StoredPeople, now: datetime
) -> None:
    """Store entries in order; a text is kept only while the person's key lives. The first note is the referral's."""
    for act in acts:
        entry, key = act.entry, None
        if act.text and entry.act is not CustodyAct.SENT:
            key = await people.key(person_id)
        column = _column(entry.referral_id, entry.author, entry.number)
        await connection.execute(
            _ADD,
            agency,
            entry.referral_id,
            entry.author,
            entry.number,
            entry.act,
            entry.actor_role,
            entry.at,
            entry.previous,
            entry.hash,
            act.event_id,
            act.actor_name,
            json.dumps(dict(act.codes)),
            key.encrypt("custody_entry", column, act.text) if key and act.text else None,
            None if act.own else now,
        )


def text_of(row: Any, key: DataKey | None) -> str | None:
    """The text of an entry, None when it has none or its key is gone."""
    if row["text"] is None or key is None:
        return None
    return key.decrypt("custody_entry", _column(row["referral_id"], row["author"], row["number"]), row["text"])


_ADD = """INSERT INTO custody_entry (agency_id, referral_id, author, number, act, actor_role, at, previous, hash,
event_id, actor_name, codes, text, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""
