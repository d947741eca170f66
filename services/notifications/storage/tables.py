"""The tables as declared; read by the migrations' test, never at run time."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Computed, DateTime, LargeBinary, MetaData, Text
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """The exchange's own catalogue, apart from other services'."""

    metadata = MetaData()


def _time(*, nullable: bool = True) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class MessageRow(Table, table=True):
    """A message on its way out; the body is encrypted and gone once the other side has opened it."""

    __tablename__ = "message"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True))
    agency_id: str
    kind: str
    lane: str
    destination: str
    event_id: UUID
    event_type: str
    subject: str
    recipient: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str
    reason: str | None
    posted_id: UUID | None
    queued_at: datetime = Field(sa_column=_time(nullable=False))
    held_at: datetime | None = Field(sa_column=_time())


class EnvelopeRow(Table, table=True):
    """What an agency sees of its own messages."""

    __tablename__ = "envelope"

    id: UUID = Field(primary_key=True)
    agency_id: str
    direction: str
    event_id: UUID
    event_type: str
    subject: str
    about: str = Field(sa_column=Column(Text, Computed("split_part(subject, ':', 1)", persisted=True)))
    sender: str
    recipient: str
    state: str
    reason: str | None
    queued_at: datetime | None = Field(sa_column=_time())
    sent_at: datetime | None = Field(sa_column=_time())
    received_at: datetime | None = Field(sa_column=_time())
    opened_at: datetime | None = Field(sa_column=_time())


class SealingRow(Table, table=True):
    """Each envelope made, by its digest: what a receipt must match."""

    __tablename__ = "sealing"

    envelope_id: UUID = Field(primary_key=True)
    event_id: UUID
    recipient: str
    digest: str
    sealed_at: datetime = Field(sa_column=_time(nullable=False))


class AgencyDayRow(Table, table=True):
    """Bytes that an agency sent to a country on its latest day."""

    __tablename__ = "agency_day"

    agency_id: str = Field(primary_key=True)
    destination: str = Field(primary_key=True)
    day: date
    sent: int = Field(sa_column=Column(BigInteger, nullable=False))


class ReplayGuardRow(Table, table=True):
    __tablename__ = "replay_guard"

    issuer: str = Field(primary_key=True)
    envelope_id: UUID = Field(primary_key=True)
    opened_at: datetime = Field(sa_column=_time(nullable=False))


class ArrivalRow(Table, table=True):
    """An envelope as it arrived; the payload is ciphertext."""

    __tablename__ = "arrival"

    id: UUID = Field(primary_key=True)
    agency_id: str
    origin: str
    envelope_id: UUID | None
    digest: str
    lane: str
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    sender: str | None
    recipient: str | None
    size: int
    payload: bytes | None = Field(sa_column=Column(LargeBinary))
    state: str
    reason: str | None
    waiting_for: str | None
    receipted: bool
    received_at: datetime = Field(sa_column=_time(nullable=False))
    settled_at: datetime | None = Field(sa_column=_time())


class BroadcastRow(Table, table=True):
    """What every partner gets from the first on."""

    __tablename__ = "broadcast"

    source: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    event_id: UUID
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class BroadcastSentRow(Table, table=True):
    __tablename__ = "broadcast_sent"

    source: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    recipient: str = Field(primary_key=True)


class AgencyRow(Table, table=True):
    __tablename__ = "agency"

    agency_id: str = Field(primary_key=True)
    suspended: bool


class AgencyKeyRow(Table, table=True):
    __tablename__ = "agency_key"

    agency_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    suite: str
    sign_public: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seal_public: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    valid_from: datetime = Field(sa_column=_time(nullable=False))


class CorridorRow(Table, table=True):
    __tablename__ = "corridor"

    origin: str = Field(primary_key=True)
    destination: str = Field(primary_key=True)
    is_open: bool


class LinkRow(Table, table=True):
    __tablename__ = "link"

    node: str = Field(primary_key=True)
    heard_at: datetime = Field(sa_column=_time(nullable=False))
    day: date | None
    taken: int = Field(sa_column=Column(BigInteger, nullable=False))
