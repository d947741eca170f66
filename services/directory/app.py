"""Composition root: the only file that knows every room."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from contracts.terms import Country
from services.chassis.auth import TokenVerifier, install_verifier
from services.chassis.database import Context
from services.chassis.http import create_app
from services.chassis.service import Parts, Running, Service
from services.chassis.work import Units, Work
from services.directory.api.guards import Counter
from services.directory.api.routes import router
from services.directory.domain.ports import Desk
from services.directory.domain.service_offering import Event
from services.directory.messaging.incoming import handlers
from services.directory.messaging.outgoing import told
from services.directory.settings import DirectorySettings
from services.directory.storage.agencies import AgencyRows
from services.directory.storage.published_offerings import PublishedOfferingRows
from services.directory.storage.service_offerings import OwnOfferingRows


def desk_of(work: Work) -> Desk:
    """The lists over a running transaction; what is told there goes into its outbox."""
    connection = work.connection

    async def tell(events: Sequence[Event]) -> None:
        await work.tell(*told(events))

    return Desk(OwnOfferingRows(connection), PublishedOfferingRows(connection), AgencyRows(connection), tell)


class Transactions:
    """Begins a transaction per request."""

    def __init__(self, units: Units) -> None:
        self._units = units

    @asynccontextmanager
    async def begin(self, agency: str | None, principal: str) -> AsyncIterator[Desk]:
        async with self._units.begin(Context(agency, principal) if agency else None) as work:
            yield desk_of(work)


def counter_of(units: Units, home: Country, partners: Sequence[str]) -> Counter:
    corridors = frozenset(country for country in Country if country in partners)
    return Counter(Transactions(units), home, corridors, lambda: datetime.now(UTC))


async def build(parts: Parts) -> Running:
    settings = parts.settings
    verifier = TokenVerifier(settings.issuers, mode=settings.mode)
    app = directory_app(counter_of(parts.units, Country(settings.node), settings.partner_nodes), parts)
    install_verifier(app, verifier)
    consumer = parts.consumer(handlers(desk_of, Country(settings.node)))
    return Running(app, {"consume": consumer.run}, close=verifier.close)


def directory_app(counter: Counter, parts: Parts | None = None) -> FastAPI:
    """The HTTP app; without parts (tests, the written API description) it is always ready."""
    checks = {"database": parts.database_ready, "bus": parts.bus_ready} if parts else {}
    app = create_app("directory", [router], checks, docs=bool(parts and parts.settings.mode == "development"))
    app.state.counter = counter
    return app


SERVICE = Service("directory", DirectorySettings, build, migrations=Path(__file__).parent / "migrations")
