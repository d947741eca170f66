"""The declared tables. Only migrations and tests import this."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Integer, MetaData, Text, func
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """Coordination's own catalogue, apart from other services'."""

    metadata = MetaData()


class CellKey(Table):
    month: str = Field(sa_type=Text, primary_key=True)
    origin: str = Field(sa_type=Text, primary_key=True)
    destination: str = Field(sa_type=Text, primary_key=True)
    service: str = Field(sa_type=Text, primary_key=True)
    sex: str = Field(sa_type=Text, primary_key=True)
    age_band: str = Field(sa_type=Text, primary_key=True)
    status: str = Field(sa_type=Text, primary_key=True)


def _buckets() -> Column[list[int]]:
    return Column(ARRAY(Integer), nullable=False)


def _now() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=func.now())


class CountCellRow(CellKey, table=True):
    """A country's count by agency: a tenant table."""

    __tablename__ = "count_cells"

    agency_id: str = Field(sa_type=Text, primary_key=True)
    side: str = Field(sa_type=Text, primary_key=True)
    urgency: str = Field(sa_type=Text, primary_key=True)
    exploitation: str = Field(sa_type=Text, primary_key=True)
    count: int
    acknowledge_hours: list[int] = Field(sa_column=_buckets())
    decide_hours: list[int] = Field(sa_column=_buckets())
    updated_at: datetime = Field(sa_column=_now())


class ChangedCellRow(CellKey, table=True):
    """A cell that the region has not been told since it changed."""

    __tablename__ = "changed_cells"

    changed_at: datetime = Field(sa_column=_now())


class ChangedReferralRow(Table, table=True):
    """A referral that changed since the last publication to a view: no more than how many they are is ever told."""

    __tablename__ = "changed_referrals"

    view: str = Field(sa_type=Text, primary_key=True)
    referral_id: UUID = Field(sa_type=postgresql.UUID, primary_key=True)


class PublishedCellRow(CellKey, table=True):
    """A count as coordinators see it: in the region as its country told it, in a country as of the last step."""

    __tablename__ = "published_cells"

    count: int
    acknowledge_hours: list[int] = Field(sa_column=_buckets())
    decide_hours: list[int] = Field(sa_column=_buckets())
    updated_at: datetime = Field(sa_column=_now())


class PublicationRow(Table, table=True):
    """What a country last told."""

    __tablename__ = "publications"

    country: str = Field(sa_type=Text, primary_key=True)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
