"""Identity's world in memory."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.terms import Country
from services.identity.domain.agencies import Agency, AgencyKey, ApiClient, Corridor, Declaration, Staff
from services.identity.domain.events import Event

LONG_AGO = datetime(2026, 1, 15, tzinfo=UTC)


@dataclass
class FakeRegistry:
    """Every repository and the unit of work at once; remembers in whose name staff was written."""

    known: dict[str, Agency] = field(default_factory=dict)
    published: dict[tuple[str, int], AgencyKey] = field(default_factory=dict)
    opened: dict[tuple[Country, Country], Corridor] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    told: list[Event] = field(default_factory=list)
    acting_for: str | None = None

    @asynccontextmanager
    async def begin(self, agency_id: str | None = None, principal: str = "") -> AsyncIterator["FakeRegistry"]:
        self.acting_for = agency_id
        yield self
        self.acting_for = None

    @property
    def agencies(self) -> "FakeRegistry":
        return self

    @property
    def corridors(self) -> "FakeCorridors":
        return FakeCorridors(self)

    @property
    def people(self) -> "FakeRegistry":
        return self

    async def tell(self, events: Iterable[Event]) -> None:
        self.told += events

    async def find(self, agency_id: str) -> Agency | None:
        return self.known.get(agency_id)

    async def all(self) -> list[Agency]:
        return list(self.known.values())

    async def save(self, agency: Agency) -> None:
        self.known[agency.agency_id] = agency

    async def suspend(self, agency_id: str) -> bool:
        return self.known.pop(agency_id, None) is not None

    async def has_key(self, agency_id: str, version: int) -> bool:
        return (agency_id, version) in self.published

    async def add_key(self, key: AgencyKey) -> datetime:
        self.published[key.agency_id, key.version] = key
        return LONG_AGO

    async def keys(self) -> list[tuple[AgencyKey, datetime]]:
        return [(key, LONG_AGO) for key in self.published.values()]

    async def find_staff(self, username: str) -> Staff | None:
        return self.staff.get(username)

    async def all_staff(self) -> list[Staff]:
        return list(self.staff.values())

    async def save_staff(self, staff: Staff) -> None:
        assert staff.agency_id == self.acting_for
        self.staff[staff.username] = staff

    async def find_client(self, client_id: str) -> ApiClient | None:
        return self.clients.get(client_id)

    async def save_client(self, client: ApiClient) -> None:
        assert client.agency_id == self.acting_for
        self.clients[client.client_id] = client

    async def keep_only(self, staff: Collection[str], clients: Collection[str]) -> int:
        people = [one.username for one in self.staff.values() if self._leaves(one.agency_id, one.username, staff)]
        systems = [
            one.client_id for one in self.clients.values() if self._leaves(one.agency_id, one.client_id, clients)
        ]
        for username in people:
            del self.staff[username]
        for client_id in systems:
            del self.clients[client_id]
        return len(people) + len(systems)

    def _leaves(self, agency_id: str, name: str, kept: Collection[str]) -> bool:
        return agency_id == self.acting_for and name not in kept


@dataclass
class FakeCorridors:
    registry: FakeRegistry

    async def is_open(self, origin: Country, destination: Country) -> bool:
        return (origin, destination) in self.registry.opened

    async def add(self, corridor: Corridor) -> None:
        self.registry.opened[corridor.origin, corridor.destination] = corridor

    async def close(self, origin: Country, destination: Country) -> bool:
        return self.registry.opened.pop((origin, destination), None) is not None

    async def all_open(self) -> list[Corridor]:
        return list(self.registry.opened.values())


class FakeKeys:
    def create_keys(self, agency_id: str) -> AgencyKey:
        return AgencyKey(agency_id, 1, "suite", b"s" * 32, b"k" * 64)


@dataclass
class FakeProvider:
    """Counts how often it was asked, and says there was nothing to change."""

    asked: int = 0

    async def reconcile(self, declaration: Declaration) -> Sequence[str]:
        self.asked += 1
        return []
