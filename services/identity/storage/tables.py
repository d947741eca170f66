"""The declared tables. Only migrations and tests import this."""

from datetime import date, datetime

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, LargeBinary, MetaData, Text, func
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """Identity's own catalogue, apart from other services'."""

    metadata = MetaData()


def _now() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=func.now())


class AgencyRow(Table, table=True):
    __tablename__ = "agencies"

    agency_id: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    name_ru: str = Field(sa_type=Text)
    district: str | None = Field(sa_type=Text, default=None)
    focal_point: str | None = Field(sa_type=Text, default=None)
    enrolled_at: datetime = Field(sa_column=_now())
    suspended_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class StaffRow(Table, table=True):
    __tablename__ = "staff"

    agency_id: str = Field(sa_type=Text, primary_key=True)
    username: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    enrolled_at: datetime = Field(sa_column=_now())


class ApiClientRow(Table, table=True):
    __tablename__ = "api_clients"

    agency_id: str = Field(sa_type=Text, primary_key=True)
    client_id: str = Field(sa_type=Text, primary_key=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    registered_at: datetime = Field(sa_column=_now())


class AgencyKeyRow(Table, table=True):
    __tablename__ = "agency_keys"

    agency_id: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    suite: str = Field(sa_type=Text)
    sign_public: bytes = Field(sa_type=LargeBinary)
    seal_public: bytes = Field(sa_type=LargeBinary)
    valid_from: datetime = Field(sa_column=_now())


class AgreementRow(Table, table=True):
    __tablename__ = "agreements"

    reference: str = Field(sa_type=Text, primary_key=True)
    title: str = Field(sa_type=Text)
    opened_on: date


class CorridorRow(Table, table=True):
    __tablename__ = "corridors"

    origin: str = Field(sa_type=Text, primary_key=True)
    destination: str = Field(sa_type=Text, primary_key=True)
    agreement: str = Field(sa_column=Column(Text, ForeignKey("agreements.reference"), nullable=False))
    closed_on: date | None = None
