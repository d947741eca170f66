"""What identity tells: agencies, their public keys, corridors."""

from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.envelope import AgencyId, Frozen, Instant, Readable, Saying
from contracts.registry import contract
from contracts.terms import AgencyKind, Country

Name = Annotated[str, Field(min_length=1, max_length=120), Readable, Saying]
District = Annotated[str, Field(max_length=60), Readable]
"""A code, or as an agency wrote it."""

Base64Url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=4096)]


class Names(Frozen):
    """A public name in the languages that the agency gave."""

    en: Name
    ru: Name


@contract("agency.enrolled.v1", producer="identity", consumers=("directory", "referrals", "notifications"))
class AgencyEnrolled(Frozen):
    agency_id: AgencyId
    country: Country | None
    kind: AgencyKind
    names: Names
    district: District | None = None


@contract("agency.suspended.v1", producer="identity", consumers=("directory", "referrals", "notifications"))
class AgencySuspended(Frozen):
    agency_id: AgencyId


@contract("agency_key.published.v1", producer="identity", consumers=("notifications",))
class AgencyKeyPublished(Frozen):
    """Public keys, base64url raw bytes: Ed25519 to verify, the seal key of `suite` to seal for."""

    agency_id: AgencyId
    version: Annotated[int, Field(ge=1)]
    suite: Annotated[str, Field(max_length=60)]
    sign_public: Base64Url
    seal_public: Base64Url
    valid_from: Instant


@contract("corridor.opened.v1", producer="identity", consumers=("referrals", "notifications"))
class CorridorOpened(Frozen):
    """Referrals may go from origin to destination; `agreement` is the text that allows it."""

    origin: Country
    destination: Country
    agreement: Annotated[str, Field(max_length=200), Readable]
    opened_on: date


@contract("corridor.closed.v1", producer="identity", consumers=("referrals", "notifications"))
class CorridorClosed(Frozen):
    origin: Country
    destination: Country
