"""Composition root: the only file that knows every room."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI

from contracts.terms import Country, Role
from services.chassis.auth import TokenVerifier, install_verifier
from services.chassis.database import NODE, Context
from services.chassis.http import create_app
from services.chassis.service import Parts, Running, Service
from services.chassis.work import Units, Work
from services.coordination.api.guards import Desk
from services.coordination.api.routes import router
from services.coordination.domain.counts import PublishedCell
from services.coordination.domain.disclosure import PARTNER_THRESHOLD, REGIONAL_THRESHOLD
from services.coordination.domain.ports import Books
from services.coordination.messaging.incoming import country_handlers, region_handlers
from services.coordination.messaging.outgoing import published
from services.coordination.messaging.publishing import CountPublisher
from services.coordination.settings import CoordinationSettings
from services.coordination.storage.cells import CellRows
from services.coordination.storage.counts import CountRows
from services.coordination.storage.published_counts import PublishedCountRows

REGION = "region"


class Telling:
    """Tells the region through the outbox of a running transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def counts(self, country: Country, as_of: datetime, cells: Sequence[PublishedCell]) -> None:
        await self._work.tell(published(country, as_of, cells))


def books_of(work: Work) -> Books:
    """The books over a running transaction."""
    connection = work.connection
    return Books(CountRows(connection), PublishedCountRows(connection), CellRows(connection), Telling(work))


class NodeLedger:
    """Begins transactions for the node's own view, or for one agency."""

    def __init__(self, units: Units) -> None:
        self._units = units

    @asynccontextmanager
    async def node(self, principal: str) -> AsyncIterator[Books]:
        async with self._units.begin(Context(NODE, principal)) as work:
            yield books_of(work)

    @asynccontextmanager
    async def agency(self, agency_id: str, principal: str) -> AsyncIterator[Books]:
        async with self._units.begin(Context(agency_id, principal)) as work:
            yield books_of(work)


def desk(units: Units, node: str) -> Desk:
    """Who coordinates here, and below which number nothing is shown to them."""
    ledger = NodeLedger(units)
    if node == REGION:
        return Desk(ledger, Role.REGIONAL_COORDINATOR, REGIONAL_THRESHOLD, None)
    return Desk(ledger, Role.NATIONAL_COORDINATOR, PARTNER_THRESHOLD, Country(node))


def coordination_app(desk: Desk | None, verifier: TokenVerifier | None, parts: Parts | None = None) -> FastAPI:
    """The HTTP app; without parts (tests, the written API description) it is always ready."""
    checks = {"database": parts.database_ready, "bus": parts.bus_ready} if parts else {}
    app = create_app("coordination", [router], checks, docs=bool(parts and parts.settings.mode == "development"))
    app.state.desk = desk
    if verifier is not None:
        install_verifier(app, verifier)
    return app


async def build(parts: Parts) -> Running:
    settings = parts.settings
    assert isinstance(settings, CoordinationSettings)  # noqa: S101  (for the type checker)
    node = settings.node
    verifier = TokenVerifier(settings.issuers, mode=settings.mode)
    handlers = (region_handlers if node == REGION else country_handlers)(books_of)
    country = None if node == REGION else Country(node)
    publisher = CountPublisher(NodeLedger(parts.units), country, settings.publish_seconds, settings.publish_step)
    return Running(
        coordination_app(desk(parts.units, node), verifier, parts),
        {"consume": parts.consumer(handlers).run, "publish": publisher.run},
        close=verifier.close,
    )


def run_openapi(_: Sequence[str]) -> None:
    """`openapi`: the API description, from the code alone."""
    sys.stdout.write(json.dumps(coordination_app(None, None).openapi(), indent=1, ensure_ascii=False) + "\n")


SERVICE = Service(
    name="coordination",
    settings=CoordinationSettings,
    build=build,
    migrations=Path(__file__).parent / "migrations",
    commands={"openapi": run_openapi},
    roles=("api", "relay", "consume", "publish"),
)
