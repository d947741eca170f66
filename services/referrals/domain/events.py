"""What a referral did, recorded by the referral itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from contracts.terms import IdentityField, ReferralStatus
from services.referrals.domain.custody import Entry


@dataclass(frozen=True)
class Acted:
    """A custody entry, our own or the other side's. `codes` are codes only; `text` may name people; `identity` does.

    `event_id` is the id of the message that carries it.
    """

    entry: Entry
    event_id: UUID
    own: bool
    codes: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    actor_name: str | None = None
    identity: Mapping[IdentityField, str] | None = None


@dataclass(frozen=True)
class StatusChanged:
    """What is counted."""

    before: ReferralStatus | None
    after: ReferralStatus
    hours_to_acknowledge: int | None = None
    hours_to_decide: int | None = None


Event = Acted | StatusChanged
