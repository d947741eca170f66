"""What happened, as identity says it to itself; messaging turns it into contracts."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.agencies import Agency, AgencyKey, Corridor


@dataclass(frozen=True)
class AgencyEnrolled:
    agency: Agency


@dataclass(frozen=True)
class AgencyKeyPublished:
    key: AgencyKey
    valid_from: datetime


@dataclass(frozen=True)
class CorridorOpened:
    corridor: Corridor


@dataclass(frozen=True)
class AgencySuspended:
    agency_id: str


@dataclass(frozen=True)
class CorridorClosed:
    corridor: Corridor


Event = AgencyEnrolled | AgencySuspended | AgencyKeyPublished | CorridorOpened | CorridorClosed
