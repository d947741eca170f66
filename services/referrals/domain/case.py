"""A case and its beneficiary, as codes; what identifies the person is kept apart, encrypted."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.terms import AgeBand, ExploitationForm, IdentityField, Language, Risk, Service, Sex, Urgency

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BANDS = (
    (8, AgeBand.A0_8),
    (17, AgeBand.A9_17),
    (23, AgeBand.A18_23),
    (30, AgeBand.A24_30),
    (38, AgeBand.A31_38),
    (47, AgeBand.A39_47),
)


@dataclass(frozen=True)
class Case:
    id: UUID
    agency: str
    code: str
    sex: Sex
    birth_year: int | None
    age_band: AgeBand
    district: str | None
    languages: tuple[Language, ...]
    with_children: bool | None
    needs: tuple[Service, ...]
    risk: Risk
    urgency: Urgency
    exploitation: ExploitationForm
    created_at: datetime
    created_by: str
    erased_at: datetime | None = None
    identity_fields: frozenset[IdentityField] = field(default_factory=frozenset)


def new_code(node: str, year: int, length: int = 4) -> str:
    """A case code that says nothing of the person: `KZ-7H3P-26`."""
    drawn = "".join(secrets.choice(_CROCKFORD) for _ in range(length))
    return f"{node.upper()}-{drawn}-{year % 100:02d}"


def age_band_of(birth_year: int, today: date) -> AgeBand:
    """The fixed band of the age reached this year."""
    age = today.year - birth_year
    return next((band for upper, band in _BANDS if age <= upper), AgeBand.A48_PLUS)
