"""Counts of referrals: what a fact changes, and the hours that are told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contracts.terms import AgeBand, Country, ExploitationForm, ReferralStatus, Service, Sex, Urgency

Side = Literal["referring", "receiving"]

HOURS = (1, 2, 4, 8, 12, 24, 48, 72, 120, 168, 336)
"""Upper bounds of the buckets of a wait, in hours; one more bucket holds what is longer."""

Buckets = tuple[int, ...]

NO_HOURS: Buckets = (0,) * (len(HOURS) + 1)


@dataclass(frozen=True)
class Fact:
    """One change of state of one referral on one side; `before` None when it begins to be counted."""

    referral_id: UUID
    agency_id: str
    side: Side
    month: str
    origin: Country
    destination: Country
    service: Service
    sex: Sex
    age_band: AgeBand
    urgency: Urgency
    exploitation: ExploitationForm
    before: ReferralStatus | None
    status: ReferralStatus
    hours_to_acknowledge: int | None = None
    hours_to_decide: int | None = None

    @property
    def views(self) -> tuple["View", ...]:
        """Where it is counted: by both ends at home, by the referring country's in the region, everyone once."""
        if self.side == "referring":
            return (View.COUNTRY, View.REGION)
        return () if self.origin is self.destination else (View.COUNTRY,)


@dataclass(frozen=True)
class PublishedCell:
    """A cell as coordinators see it: coarser than the agencies' own, without agency."""

    month: str
    origin: Country
    destination: Country
    service: Service
    sex: Sex
    age_band: AgeBand
    status: ReferralStatus
    count: int
    acknowledge_hours: Buckets
    decide_hours: Buckets


class View(StrEnum):
    """Who is told a country's counts: its own coordinators, and the region."""

    COUNTRY = "country"
    REGION = "region"


@dataclass(frozen=True)
class Publication:
    """What a country last told the region."""

    country: Country
    as_of: datetime
    received_at: datetime


def bucket(hours: int | None) -> Buckets:
    """One wait in its bucket."""
    if hours is None:
        return NO_HOURS
    place = sum(hours > bound for bound in HOURS)
    return tuple(int(index == place) for index in range(len(NO_HOURS)))


def median(buckets: Sequence[int]) -> int | None:
    """The middle of the bucket that the median lies in, in whole hours; beyond the last bound, that bound.

    No finer: where within it the median lies tells how many wait on either side (decision 17).
    """
    total, before = sum(buckets), 0
    for index, count in enumerate(buckets):
        if count and before + count >= total / 2:
            low = HOURS[index - 1] if index else 0
            high = HOURS[index] if index < len(HOURS) else low
            return (low + high) // 2
        before += count
    return None
