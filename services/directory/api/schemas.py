"""Offerings as they travel over HTTP. Storage and wire share no class with the domain."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.envelope import Instant, clean_text
from contracts.terms import AgeBand, AgencyKind, Country, Known, Language, Service, Sex
from services.directory.domain.service_offering import (
    Count,
    Draft,
    Eligibility,
    PrivateDetails,
    Status,
    Texts,
)


class Body(BaseModel):
    """What is sent to us: an unknown field is a misunderstanding to be told, not to be dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(clean_text)
]
PrivateText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(clean_text)
]
Age = Annotated[int, Field(ge=0, le=120)]
Places = Annotated[int, Field(ge=0, le=100_000)]


class TextsBody(Body):
    en: Text
    ru: Text

    def texts(self) -> Texts:
        return Texts(self.en, self.ru)

    @classmethod
    def of(cls, texts: Texts) -> "TextsBody":
        return cls(en=texts.en, ru=texts.ru)


class CapacityBody(Body):
    """A count of places. `updated_at` is when it was made; left out, it is now."""

    available: Places
    maximum: Places | None = None
    updated_at: Instant | None = None

    def count(self) -> Count:
        return Count(self.available, self.maximum, self.updated_at)


class EligibilityBody(Body):
    """Whom the service takes. Leave out what nobody decided: it is shown as unknown."""

    sexes: Annotated[tuple[Sex, ...], Field(max_length=4)] = ()
    age_bands: Annotated[tuple[AgeBand, ...], Field(max_length=8)] = ()
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    with_children: Known = Known.UNKNOWN
    around_the_clock: Known = Known.UNKNOWN
    any_nationality: Known = Known.UNKNOWN
    victim_status_required: Known = Known.UNKNOWN

    def eligibility(self) -> Eligibility:
        return Eligibility(**{name: getattr(self, name) for name in type(self).model_fields})

    @classmethod
    def of(cls, eligibility: Eligibility) -> "EligibilityBody":
        return cls.model_construct(**vars(eligibility))


class PrivateBody(Body):
    """Seen by the own agency only; never published."""

    address: PrivateText | None = None
    contact: PrivateText | None = None


class ServiceOfferingBody(Body):
    """The whole offering: PUT replaces it. Without `capacity` the known count stays."""

    district: Annotated[str, Field(max_length=60, examples=["KZ-75"])]
    service: Service
    names: TextsBody
    descriptions: TextsBody | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    eligibility: EligibilityBody = EligibilityBody()
    capacity: CapacityBody | None = None
    private: PrivateBody = PrivateBody()

    def draft(self, service_offering_id: UUID, agency_id: str, country: Country) -> Draft:
        return Draft(
            service_offering_id=service_offering_id,
            agency_id=agency_id,
            country=country,
            district=self.district,
            service=self.service,
            names=self.names.texts(),
            descriptions=self.descriptions.texts() if self.descriptions else None,
            languages=self.languages,
            eligibility=self.eligibility.eligibility(),
            count=self.capacity.count() if self.capacity else None,
            private=PrivateDetails(self.private.address, self.private.contact),
        )


class CapacityView(BaseModel):
    """Capacity and its age. Stale (seven days or more): `available` is null, `last_answer` says what was known."""

    state: Literal["fresh", "old", "stale", "unknown"]
    places: Literal["free", "none", "unknown"]
    available: int | None
    maximum: int | None
    updated_at: datetime | None
    age_hours: float | None
    last_answer: "LastAnswer | None"


class LastAnswer(BaseModel):
    available: int
    maximum: int | None


class AgencyView(BaseModel):
    """Names are null while the announcement of a partner's agency is still on its way."""

    agency_id: str
    names: TextsBody | None
    kind: AgencyKind | None


class OfferingView(BaseModel):
    """The public part."""

    service_offering_id: UUID
    agency: AgencyView
    country: Country
    district: str
    district_names: TextsBody | None
    service: Service
    names: TextsBody
    descriptions: TextsBody | None
    languages: tuple[Language, ...]
    eligibility: EligibilityBody
    capacity: CapacityView


class OneOfferingView(OfferingView):
    """The public part; for the own agency also its state and what is private, else null."""

    own: bool
    status: Status
    private: PrivateBody | None


class OfferingsPage(BaseModel):
    service_offerings: list[OneOfferingView]
    next_cursor: str | None


class DistrictView(BaseModel):
    code: str
    country: Country
    names: TextsBody


class DistrictsView(BaseModel):
    districts: list[DistrictView]
