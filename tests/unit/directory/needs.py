"""Builders: an offering that says everything, and what a test changes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.terms import Country, Known, Language, Service, Sex
from services.directory.domain.ranking import Agency, Candidate
from services.directory.domain.service_offering import (
    Capacity,
    Count,
    Draft,
    Eligibility,
    PrivateDetails,
    PublicOffering,
    Texts,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "Invented street 12-34"

EVERYTHING = Eligibility(
    sexes=(Sex.FEMALE,),
    minimum_age=18,
    maximum_age=45,
    with_children=Known.YES,
    around_the_clock=Known.YES,
    any_nationality=Known.YES,
    victim_status_required=Known.NO,
)


def an_offering(*, en: str = "Demo shelter", number: int = 1, **changes: Any) -> PublicOffering:
    """A shelter for women in Tashkent; eligibility fields may be changed by name."""
    said = {name: changes.pop(name) for name in list(changes) if name in Eligibility.__dataclass_fields__}
    offering = PublicOffering(
        service_offering_id=UUID(int=number),
        agency_id="uz.najot-demo",
        country=Country.UZ,
        district="UZ-TK",
        service=Service.SHELTER,
        names=Texts(en, en),
        descriptions=None,
        languages=(Language.UZ, Language.RU),
        eligibility=replace(EVERYTHING, **said),
        capacity=Capacity(3, 12, NOW - timedelta(hours=2)),
    )
    return replace(offering, **changes)


def a_candidate(*, relevance: float = 1.0, **changes: Any) -> Candidate:
    return Candidate(an_offering(**changes), Agency("uz.najot-demo"), relevance)


def a_draft(**changes: Any) -> Draft:
    draft = Draft(
        service_offering_id=UUID(int=1),
        agency_id="kz.sapar-demo",
        country=Country.KZ,
        district="KZ-75",
        service=Service.SHELTER,
        names=Texts("Demo shelter", "Приют-демо"),
        descriptions=None,
        languages=(),
        eligibility=Eligibility(),
        count=Count(3, 12),
        private=PrivateDetails(ADDRESS),
    )
    return replace(draft, **changes)
