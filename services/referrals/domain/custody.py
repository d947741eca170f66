"""The custody log: one hash chain per author, merged the same way by whoever holds the entries."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from contracts.terms import CustodyAct, Role
from services.referrals.domain.errors import CustodyBrokenError

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """The end of an author's chain: how many entries, and the hash of the last."""

    number: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Entry:
    """One act of one author. No names: the actor is a role."""

    referral_id: UUID
    author: str
    number: int
    act: CustodyAct
    actor_role: Role | None
    at: datetime
    previous: str
    hash: str

    @property
    def link(self) -> Link:
        return Link(self.number, self.hash)


def instant(at: datetime) -> str:
    """The one spelling of a time: UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def digest(entry: Entry) -> str:
    """SHA-256 of the canonical JSON of an entry without its hash: sorted keys, no spaces, UTF-8."""
    fields = {
        "referral_id": str(entry.referral_id),
        "author": entry.author,
        "number": entry.number,
        "act": entry.act.value,
        "actor_role": entry.actor_role.value if entry.actor_role else None,
        "at": instant(entry.at),
        "previous": entry.previous,
    }
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def write(referral_id: UUID, author: str, after: Link, act: CustodyAct, *, role: Role | None, at: datetime) -> Entry:
    """The author's next entry."""
    unsigned = Entry(referral_id, author, after.number + 1, act, role, at, after.hash, hash="")
    return replace(unsigned, hash=digest(unsigned))


def verify(entry: Entry, after: Link) -> None:
    """Check that an entry continues its author's chain.

    Raises:
        CustodyBrokenError: wrong number, wrong predecessor, or a hash that is not the entry's.
    """
    if entry.number != after.number + 1 or entry.previous != after.hash or entry.hash != digest(entry):
        raise CustodyBrokenError("The entry does not continue its author's chain.")


def merged(entries: Iterable[tuple[datetime, str, int, str]]) -> str:
    """The head of the merged log: SHA-256 folded over (at, author, number, hash) in that order."""
    head = GENESIS
    for *_, link in sorted(entries):
        head = hashlib.sha256(f"{head}{link}".encode()).hexdigest()
    return head
