"""The directory of Kazakhstan on a real Postgres, spoken to over HTTP without a socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.envelope import CloudEvent, Frozen
from contracts.events.identity import AgencyEnrolled, Names
from contracts.registry import name_of
from contracts.terms import AgencyKind, Country, Role
from services.chassis.auth import InvalidTokenError, install_verifier
from services.chassis.database import Database
from services.chassis.inbox import Inbox
from services.chassis.outbox import Outbox
from services.chassis.principal import Principal
from services.chassis.transport import Transport
from services.chassis.work import Units
from services.directory.api.guards import Counter
from services.directory.app import Transactions, desk_of, directory_app
from services.directory.messaging.incoming import handlers
from tests.support.described import DescribedTransport
from tests.support.postgres import PostgresServer

TRANSPORT = Transport(b"k" * 32)


class Staff:
    """Tokens of this shape are believed: `kz.sapar-demo:caseworker`."""

    async def verify(self, token: str) -> Principal:
        agency, _, role = token.partition(":")
        if not role:
            raise InvalidTokenError
        roles = frozenset({Role(role)})
        return Principal("someone", agency, roles, None, agency.split(".")[0], is_client=False)


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class DirectoryNode:
    """One country's directory: its API, its inbox, and what it tells."""

    country: Country
    database: Database
    clock: Clock
    http: httpx.AsyncClient
    inbox: Inbox
    received: dict[tuple[str, str], int] = field(default_factory=dict)

    async def ask(self, who: str | None, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {who}"} if who else {}
        return await self.http.request(method, f"/v1/{path}", json=body, headers=headers)

    async def put(self, body: dict[str, Any], who: str | None = None, offering_id: UUID | str | None = None) -> Any:
        """Publish as that agency's administrator; the answer's JSON."""
        agency = who or f"{self.country}.sapar-demo:agency_admin"
        answer = await self.ask(agency, "PUT", f"service_offerings/{offering_id or uuid4()}", body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def search(self, who: str | None = None, **body: Any) -> Any:
        asking = who or f"{self.country}.sapar-demo:caseworker"
        answer = await self.ask(asking, "POST", "service_offering_searches", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, **body: Any) -> list[str]:
        """English names of the results, in order."""
        return [result["names"]["en"] for result in (await self.search(**body))["results"]]

    async def told(self, audience: str) -> list[CloudEvent]:
        rows = await self.database.pool.fetch(
            "SELECT payload FROM outbox WHERE subject LIKE $1 ORDER BY id", f"event.{audience}.%"
        )
        return [CloudEvent.model_validate_json(row["payload"]) for row in rows]

    async def receive(self, *events: CloudEvent) -> None:
        async with self.database.plain() as connection:
            await self.inbox.store(connection, [(event, event.model_dump_json().encode()) for event in events])
        await self.inbox.apply({(event.source, event.lane) for event in events})

    async def parked(self) -> list[str]:
        rows = await self.database.pool.fetch("SELECT parked_code FROM inbox WHERE parked_code IS NOT NULL")
        return [row["parked_code"] for row in rows]

    async def enrol(self, agency: str, district: str | None = None, **names: str) -> None:
        node = agency.split(".", maxsplit=1)[0]
        texts = Names(en=names.get("en", agency), ru=names.get("ru", agency))
        payload = AgencyEnrolled(
            agency_id=agency, country=Country(node), kind=AgencyKind.NGO, names=texts, district=district
        )
        await self.receive(self.event(payload, agency, source=f"/{node}/identity"))

    def event(self, payload: Frozen, key: str, *, source: str, sequence: int | None = None, **more: Any) -> CloudEvent:
        """An event as it arrives; numbered as the next of its lane unless told otherwise."""
        lane = f"node:{key}" if source.startswith(f"/{self.country}/") else f"addressed:{key}"
        self.received[source, lane] = sequence or self.received.get((source, lane), 0) + 1
        return CloudEvent(
            id=uuid4(),
            source=source,
            type=name_of(payload),
            subject=key,
            time=datetime.now(UTC),
            lane=lane,
            sequence=self.received[source, lane],
            data=payload.model_dump(mode="json"),
            **more,
        )


@pytest.fixture
async def kz(postgres: PostgresServer) -> AsyncIterator[DirectoryNode]:
    async for node in _node(postgres, Country.KZ):
        yield node


@pytest.fixture
async def uz(postgres: PostgresServer) -> AsyncIterator[DirectoryNode]:
    async for node in _node(postgres, Country.UZ):
        yield node


async def _node(postgres: PostgresServer, country: Country) -> AsyncIterator[DirectoryNode]:
    database = (await postgres.database("directory")).connect()
    await database.open()
    units = Units(database, Outbox(f"/{country}/directory", TRANSPORT))
    clock = Clock()
    corridors = frozenset({Country.KZ, Country.UZ} - {country})
    app = directory_app(Counter(Transactions(units), country, corridors, clock))
    install_verifier(app, Staff())
    inbox = Inbox(units, TRANSPORT, handlers(desk_of, country))
    transport = DescribedTransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://directory") as http:
        yield DirectoryNode(country, database, clock, http, inbox)
    await database.close()


@pytest.fixture
def offering():
    """Builds a PUT body; what is not told is a shelter for women in Almaty."""

    def build(en: str = "Demo shelter", **changes: Any) -> dict[str, Any]:
        body = {"district": "KZ-75", "service": "shelter", "names": {"en": en, "ru": changes.pop("ru", en)}}
        return body | changes

    return build


def hours_ago(clock: Clock, hours: float) -> str:
    return (clock.now - timedelta(hours=hours)).isoformat()
