"""The tables as declared; read by migrations' tests, never at run time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, Computed, DateTime, Text
from sqlmodel import Field, SQLModel


def _texts() -> Column[list[str]]:
    return Column(ARRAY(Text), nullable=False)


def _time(*, nullable: bool = True) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class AgencyRow(SQLModel, table=True):
    """Replica of identity's agencies: public names only."""

    __tablename__ = "agency"

    agency_id: str = Field(primary_key=True)
    country: str | None
    kind: str
    name_en: str
    name_ru: str
    district: str | None
    suspended_at: datetime | None = Field(sa_column=_time())
    folded: str = Field(sa_column=Column(Text, Computed("fold(name_en || ' ' || name_ru)", persisted=True)))


class OfferingOwnerRow(SQLModel, table=True):
    """Whose an offering's id is, also when it is withdrawn."""

    __tablename__ = "offering_owner"

    service_offering_id: UUID = Field(primary_key=True)
    agency_id: str


class PublishedOfferingRow(SQLModel, table=True):
    """The public list, this country's and the partners'. There is no column for an address."""

    __tablename__ = "published_offering"

    service_offering_id: UUID = Field(primary_key=True)
    agency_id: str
    country: str
    district: str
    service: str
    name_en: str
    name_ru: str
    description_en: str | None
    description_ru: str | None
    languages: list[str] = Field(sa_column=_texts())
    sexes: list[str] = Field(sa_column=_texts())
    age_bands: list[str] = Field(sa_column=_texts())
    minimum_age: int | None
    maximum_age: int | None
    with_children: str
    around_the_clock: str
    any_nationality: str
    victim_status_required: str
    available: int | None
    maximum: int | None
    capacity_updated_at: datetime | None = Field(sa_column=_time())
    keywords: str
    folded: str = Field(sa_column=Column(Text, Computed("fold(…)", persisted=True)))


class ServiceOfferingRow(SQLModel, table=True):
    """An agency's own offerings, behind the wall, with what is never published."""

    __tablename__ = "service_offering"

    agency_id: str = Field(primary_key=True)
    service_offering_id: UUID = Field(primary_key=True)
    country: str
    district: str
    service: str
    name_en: str
    name_ru: str
    description_en: str | None
    description_ru: str | None
    languages: list[str] = Field(sa_column=_texts())
    sexes: list[str] = Field(sa_column=_texts())
    age_bands: list[str] = Field(sa_column=_texts())
    minimum_age: int | None
    maximum_age: int | None
    with_children: str
    around_the_clock: str
    any_nationality: str
    victim_status_required: str
    available: int | None
    maximum: int | None
    capacity_updated_at: datetime | None = Field(sa_column=_time())
    private_address: str | None
    private_contact: str | None
    status: str
    updated_at: datetime = Field(sa_column=_time(nullable=False))
