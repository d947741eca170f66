"""A country's and the region's coordination on a real database; messages are handed over instead of sent."""

from dataclasses import dataclass, field
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.events.referrals import IndicatorFactRecorded
from contracts.terms import AgeBand, Country, ExploitationForm, ReferralStatus, Service, Sex, Urgency
from services.chassis.database import Database
from services.chassis.ids import uuid7
from services.chassis.inbox import Inbox
from services.chassis.outbox import Outbox, Outgoing
from services.chassis.transport import Transport
from services.chassis.work import Units
from services.coordination.app import NodeLedger, books_of
from services.coordination.messaging.incoming import country_handlers, region_handlers
from services.coordination.messaging.publishing import CountPublisher
from tests.support.postgres import PostgresServer

TRANSPORT = Transport(b"t" * 32)


@dataclass
class Node:
    """One coordination service."""

    name: str
    database: Database
    told: dict[str, int] = field(default_factory=dict)
    step: int = 1

    def __post_init__(self) -> None:
        self.units = Units(self.database, Outbox(f"/{self.name}/coordination", TRANSPORT))
        handlers = region_handlers if self.name == "region" else country_handlers
        self.inbox = Inbox(self.units, TRANSPORT, handlers(books_of))
        self.ledger = NodeLedger(self.units)
        country = None if self.name == "region" else Country(self.name)
        self.publisher = CountPublisher(self.ledger, country, 0.05, self.step)

    async def receive(self, *events: CloudEvent) -> None:
        """As the consumer would: store, commit, apply."""
        async with self.database.plain() as connection:
            arrivals = [(event, event.model_dump_json(exclude_none=True).encode()) for event in events]
            await self.inbox.store(connection, arrivals)
        await self.inbox.apply({(event.source, event.lane) for event in events})

    async def publications(self) -> list[CloudEvent]:
        """What the node told the region so far, in order."""
        rows = await self.database.pool.fetch("SELECT payload FROM outbox ORDER BY id")
        return [CloudEvent.model_validate_json(row["payload"]) for row in rows]

    async def parked(self) -> list[str]:
        rows = await self.database.pool.fetch("SELECT parked_code FROM inbox WHERE parked_code IS NOT NULL")
        return [row["parked_code"] for row in rows]


async def start(postgres: PostgresServer, name: str) -> Node:
    database = (await postgres.database("coordination")).connect()
    await database.open()
    return Node(name, database)


@dataclass
class Facts:
    """Tells the facts of one referral, with gapless sequences."""

    agency: str = "kz.sapar-demo"
    side: str = "referring"
    origin: Country = Country.KZ
    destination: Country = Country.UZ
    service: Service = Service.SHELTER
    month: str = "2026-11"
    referral_id: UUID = field(default_factory=uuid7)
    before: ReferralStatus | None = None
    sequence: int = 0

    def fact(self, status: ReferralStatus, **more: object) -> CloudEvent:
        """The next fact."""
        payload = IndicatorFactRecorded.model_validate(
            {
                "referral_id": self.referral_id,
                "side": self.side,
                "agency_id": self.agency,
                "origin": self.origin,
                "destination": self.destination,
                "sent_month": self.month,
                "service": self.service,
                "urgency": Urgency.URGENT,
                "sex": Sex.FEMALE,
                "age_band": AgeBand.A24_30,
                "exploitation": ExploitationForm.FORCED_LABOUR,
                "status_before": self.before,
                "status": status,
                **more,
            }
        )
        self.before, self.sequence = status, self.sequence + 1
        outgoing = Outgoing(payload, f"{self.referral_id}:{self.agency}")
        row = Outbox(f"/{self.agency[:2]}/referrals", TRANSPORT).row(outgoing, f"node:{outgoing.key}", self.sequence)
        return row.event
