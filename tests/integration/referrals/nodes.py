"""Nodes of the referrals service on a real Postgres, and a border in the test's hands."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from contracts.envelope import CloudEvent, Frozen
from contracts.events.identity import AgencyEnrolled, CorridorClosed, CorridorOpened, Names
from contracts.events.notifications import ReceiptRecorded
from contracts.registry import name_of
from contracts.terms import AgencyKind, Audience, Country, ReceiptStage, Role
from services.chassis.auth import InvalidTokenError, Principal
from services.chassis.database import Database
from services.chassis.ids import uuid7
from services.chassis.inbox import Inbox
from services.chassis.keys import FileKeyProvider
from services.chassis.outbox import Outbox
from services.chassis.transport import Transport
from services.chassis.work import Units
from services.referrals.app import NodeOffice, application
from services.referrals.storage.person_keys import PersonKeys
from tests.support.described import DescribedTransport
from tests.support.postgres import ROOT, PostgresServer, ServiceDatabase

SAPAR, KAMQOR = "kz.sapar-demo", "kz.kamqor-demo"
NAJOT, MEHR = "uz.najot-demo", "uz.mehr-demo"
KEYS_MIGRATIONS = ROOT / "services" / "referrals" / "migrations_keys"


class Tokens:
    """A verifier whose tokens are `agency/role/name`: signatures are tested elsewhere."""

    async def verify(self, token: str) -> Principal:
        agency, role, name = token.split("/")
        if role == "forged":
            raise InvalidTokenError
        return Principal(f"s-{name}", agency, frozenset({Role(role)}), name, agency[:2], is_client=False)


def bearer(agency: str, role: str = "caseworker", name: str = "staff") -> dict[str, str]:
    return {"Authorization": f"Bearer {agency}/{role}/{name}"}


@dataclass
class TestNode:
    """One country's referrals service, without HTTP server and broker."""

    __test__ = False

    name: str
    main: ServiceDatabase
    keys: ServiceDatabase
    database: Database
    keys_database: Database
    transport: Transport
    units: Units
    office: NodeOffice
    inbox: Inbox
    api: httpx.AsyncClient
    told: dict[str, int] = field(default_factory=dict)
    carried: list[CloudEvent] = field(default_factory=list)

    async def call(
        self, method: str, path: str, agency: str, body: Any = None, *, role: str = "caseworker", **headers: str
    ) -> httpx.Response:
        sent = bearer(agency, role) | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.api.request(method, f"/v1/{path}", json=body, headers=sent)

    async def get(self, path: str, agency: str, **more: Any) -> Any:
        answer = await self.call("GET", path, agency, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, agency: str, body: Any = None, **more: Any) -> Any:
        answer = await self.call("POST", path, agency, body, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def addressed(self) -> list[CloudEvent]:
        """What waits in the outbox for other agencies, in order; taken once."""
        rows = await self.database.pool.fetch(
            "UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL AND subject LIKE 'event.addressed.%' "
            "RETURNING id, type, event_id, payload"
        )
        events = [self.inbox.envelope(row["type"], row["event_id"], row["payload"]) for row in sorted(rows)]
        self.carried += events
        return events

    async def facts(self) -> list[dict[str, Any]]:
        rows = await self.database.pool.fetch(
            "SELECT payload FROM outbox WHERE subject LIKE 'event.node.%' ORDER BY id"
        )
        return [json.loads(row["payload"]) for row in rows]

    async def receive(self, *events: CloudEvent) -> None:
        """Store and apply, as the consumer does."""
        arrivals = []
        for event in events:
            row = self.units.outbox.stored(event, Audience.INBOUND)
            arrivals.append((event, row.payload))
        async with self.database.plain() as connection:
            await self.inbox.store(connection, arrivals)
        await self.inbox.apply({(event.source, event.lane) for event in events})

    async def parked(self) -> list[str]:
        rows = await self.database.pool.fetch("SELECT parked_code FROM inbox WHERE parked_code IS NOT NULL")
        return [row["parked_code"] for row in rows]

    async def tell(self, source: str, key: str, payload: Frozen) -> None:
        """An event of another service, next in its lane."""
        lane = f"node:{key}"
        told = self.told[f"{source}|{lane}"] = self.told.get(f"{source}|{lane}", 0) + 1
        await self.receive(
            CloudEvent(
                id=uuid7(),
                source=source,
                type=name_of(payload),
                subject=key,
                time=datetime.now(UTC),
                lane=lane,
                sequence=told,
                data=payload.model_dump(mode="json"),
            )
        )

    async def receipt(self, event: CloudEvent, stage: ReceiptStage = ReceiptStage.OPENED) -> None:
        assert event.sender is not None
        assert event.recipient is not None
        now = datetime.now(UTC)
        await self.tell(
            f"/{self.name}/notifications",
            event.subject[:36],
            ReceiptRecorded(
                event_id=event.id,
                subject=event.subject,
                event_type=event.type,
                sender=event.sender,
                recipient=event.recipient,
                stage=stage,
                sent_at=now,
                at=now,
                digest="0" * 64,
            ),
        )

    async def admin(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """As superuser: what no service can."""
        connection = await asyncpg.connect(self.main.admin_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def forget(self) -> None:
        """Empty, as a new node that knows its agencies and corridors."""
        for database in (self.main, self.keys):
            connection = await asyncpg.connect(database.admin_url)
            rows = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
            await connection.execute(f"TRUNCATE {', '.join(row['tablename'] for row in rows)}")
            await connection.close()
        self.told, self.carried = {}, []
        await _enrol(self)

    async def close(self) -> None:
        await self.api.aclose()
        await self.database.close()
        await self.keys_database.close()


async def open_node(postgres: PostgresServer, name: str, folder: Path) -> TestNode:
    """A node with databases of its own."""
    main = await postgres.database("referrals")
    keys = await postgres.database("referrals_keys", KEYS_MIGRATIONS)
    provider = FileKeyProvider(folder / name)
    database, keys_database = main.connect(24), keys.connect(8)
    await database.open()
    await keys_database.open()
    transport = Transport(provider.transport_key())
    units = Units(database, Outbox(f"/{name}/referrals", transport))
    office = NodeOffice(name, units, PersonKeys(keys_database, provider.agency_kek))
    app = application(office, Tokens(), {})  # type: ignore[arg-type]
    api = httpx.AsyncClient(transport=DescribedTransport(app), base_url="http://node")
    inbox = Inbox(units, transport, office.handlers())
    return TestNode(name, main, keys, database, keys_database, transport, units, office, inbox, api)


async def _enrol(node: TestNode) -> None:
    for agency in (SAPAR, KAMQOR, NAJOT, MEHR):
        told = AgencyEnrolled(
            agency_id=agency, country=Country(agency[:2]), kind=AgencyKind.NGO, names=Names(en=agency, ru=agency)
        )
        await node.tell(f"/{agency[:2]}/identity", agency, told)
    for origin, destination in ((Country.KZ, Country.UZ), (Country.UZ, Country.KZ)):
        await node.tell(f"/{node.name}/identity", f"{origin}-{destination}", corridor(origin, destination))


def corridor(origin: Country, destination: Country) -> CorridorOpened:
    return CorridorOpened(origin=origin, destination=destination, agreement="Demo", opened_on=datetime.now(UTC).date())


def closed_corridor(origin: Country, destination: Country) -> CorridorClosed:
    return CorridorClosed(origin=origin, destination=destination)


@dataclass
class Border:
    """Carries what waits, in order, with receipts; or is cut."""

    nodes: tuple[TestNode, ...]

    async def carry(self) -> int:
        """Carry until nothing waits; how many messages went."""
        carried = 0
        while True:
            moved = 0
            for node in self.nodes:
                for event in await node.addressed():
                    await self.deliver(event)
                    moved += 1
            if not moved:
                return carried
            carried += moved

    async def deliver(self, event: CloudEvent) -> None:
        await self.node_of(event.recipient).receive(event)
        await self.node_of(event.sender).receipt(event)

    def node_of(self, agency: str | None) -> TestNode:
        assert agency is not None
        return next(node for node in self.nodes if agency.startswith(f"{node.name}."))


@dataclass
class Journey:
    """A case in KZ with consent for Najot, and a referral that may be on its way."""

    kz: TestNode
    uz: TestNode
    border: Border
    case_id: str = ""
    consent_grant_id: str = ""
    referral_id: str = ""

    async def open_case(self, **identity: str) -> "Journey":
        fields = identity or {"full_name": "Kanareika Primerova", "phone": "+7 700 000 00 00", "address": "Secret 1"}
        self.case_id = (await self.kz.post("cases", SAPAR, case_body(fields)))["case_id"]
        return self

    async def consent(self, receiving: str = NAJOT) -> "Journey":
        body = consent_body(self.case_id, receiving)
        self.consent_grant_id = (await self.kz.post("consent_grants", SAPAR, body))["consent_grant_id"]
        return self

    async def draft(self, receiving: str = NAJOT, **more: Any) -> "Journey":
        body = referral_body(self.case_id, receiving, **more)
        self.referral_id = (await self.kz.post("referrals", SAPAR, body))["referral_id"]
        return self

    async def sent(self, **more: Any) -> "Journey":
        await (await (await self.open_case()).consent()).draft(**more)
        await self.here("send")
        await self.border.carry()
        return self

    async def accepted(self, **more: Any) -> "Journey":
        await self.sent(**more)
        await self.there("acknowledge")
        await self.there("accept")
        await self.border.carry()
        return self

    async def here(self, verb: str, body: Any = None) -> Any:
        return await self.kz.post(f"referrals/{self.referral_id}/{verb}", SAPAR, body or {})

    async def there(self, verb: str, body: Any = None) -> Any:
        return await self.uz.post(f"referrals/{self.referral_id}/{verb}", NAJOT, body or {})

    async def both(self) -> tuple[str, str]:
        """The status in either copy."""
        path = f"referrals/{self.referral_id}"
        return (await self.kz.get(path, SAPAR))["status"], (await self.uz.get(path, NAJOT))["status"]

    async def heads(self) -> tuple[str, str]:
        path = f"referrals/{self.referral_id}/timeline"
        return (await self.kz.get(path, SAPAR))["head"], (await self.uz.get(path, NAJOT))["head"]


@asynccontextmanager
async def two_countries(postgres: PostgresServer) -> AsyncIterator[tuple[TestNode, TestNode]]:
    with tempfile.TemporaryDirectory() as folder:
        kz = await open_node(postgres, "kz", Path(folder))
        uz = await open_node(postgres, "uz", Path(folder))
        try:
            yield kz, uz
        finally:
            await kz.close()
            await uz.close()


def case_body(identity: dict[str, str]) -> dict[str, Any]:
    person = {
        "identity": identity,
        "sex": "female",
        "birth_year": 1998,
        "district": "KZ-75",
        "languages": ["uz", "ru"],
        "with_children": True,
    }
    return {
        "beneficiary": person,
        "needs": ["shelter"],
        "risk": "high",
        "urgency": "urgent",
        "exploitation": "forced_labour",
    }


def consent_body(
    case_id: str, receiving: str = NAJOT, fields: tuple[str, ...] = ("full_name", "phone")
) -> dict[str, Any]:
    until = datetime.now(UTC) + timedelta(days=90)
    return {
        "case_id": case_id,
        "receiving_agency": receiving,
        "purpose": "shelter",
        "fields": list(fields),
        "withheld": [{"field": "address", "why": "fear"}],
        "valid_until": until.isoformat(),
        "given_by": "beneficiary",
        "explanation_language": "uz",
    }


def referral_body(case_id: str, receiving: str = NAJOT, **more: Any) -> dict[str, Any]:
    return {"case_id": case_id, "receiving_agency": receiving, "service": "shelter", "urgency": "urgent"} | more


def random_id() -> str:
    return str(UUID(int=uuid7().int))
