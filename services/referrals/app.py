"""Composition root of referrals: the only file that knows every room."""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from contracts.terms import IdentityField
from services.chassis.auth import Principal, TokenVerifier, install_verifier
from services.chassis.database import Connection, Context, ContextSigner, Database
from services.chassis.http import Check, create_app
from services.chassis.inbox import Handler
from services.chassis.outbox import Outbox
from services.chassis.service import Parts, Running, Service
from services.chassis.work import Units, Work
from services.referrals.api import cases, routes, verbs
from services.referrals.domain.draft import Draft, DraftOutcome, Remembered
from services.referrals.messaging.clock import Clock
from services.referrals.messaging.incoming import Incoming
from services.referrals.messaging.outgoing import draft_fact, outgoing
from services.referrals.settings import ReferralsSettings
from services.referrals.storage import idempotency
from services.referrals.storage.access import find_over
from services.referrals.storage.agencies import StoredAgencies
from services.referrals.storage.desk import StoredDesk
from services.referrals.storage.drafts import insert_draft
from services.referrals.storage.people import StoredPeople
from services.referrals.storage.person_keys import PersonKeys
from services.referrals.storage.timers import find_due
from services.referrals.storage.views import Views

_HERE = Path(__file__).parent


@dataclass
class OpenDesk:
    """A request's transaction: the desk of the principal's agency, what it may read, its idempotency keys."""

    desk: StoredDesk
    reading: Views
    principal: Principal

    async def claim(self, route: str, key: str, body_hash: bytes) -> bool:
        return await idempotency.claim(*self._scope(route, key), body_hash=body_hash, at=self.desk.now())

    async def remember(self, route: str, key: str, answer: str) -> None:
        await idempotency.remember(*self._scope(route, key), answer=answer)

    async def replay(self, route: str, key: str, body_hash: bytes) -> str | None:
        return await idempotency.replay(*self._scope(route, key), body_hash=body_hash)

    def _scope(self, route: str, key: str) -> tuple[Connection, str, str, str, str]:
        return self.desk.work.connection, self.desk.agency, self.principal.subject, route, key


@dataclass
class StoredDrafts:
    """Drafts by the hot path's one statement."""

    database: Database
    outbox: Outbox
    keys: PersonKeys

    async def identity(self, draft: Draft) -> Mapping[IdentityField, str]:
        async with self.database.transaction(Context(draft.agency, draft.actor.subject)) as connection:
            return await StoredPeople(connection, draft.agency, self.keys).read(draft.case_id) or {}

    async def insert(self, draft: Draft, remembered: Remembered | None) -> DraftOutcome:
        note = None
        if draft.note:
            key = await self.keys.find(draft.agency, draft.case_id)
            if key is None:
                return DraftOutcome.NO_CASE
            note = key.encrypt("referral", f"note/{draft.id}", draft.note)
        fact = draft_fact(draft)
        row = self.outbox.row(fact, f"{fact.audience}:{fact.key}", 1)
        return await insert_draft(self.database, draft, row, note=note, remembered=remembered)


@dataclass
class NodeOffice:
    """Opens desks: for the API, for messages, for the clock."""

    node: str
    units: Units
    keys: PersonKeys

    @property
    def drafts(self) -> StoredDrafts:
        return StoredDrafts(self.units.database, self.units.outbox, self.keys)

    def desk_of(self, work: Work, agency: str) -> StoredDesk:
        return StoredDesk(work, agency, self.node, keys=self.keys, telling=outgoing)

    @asynccontextmanager
    async def begin(self, principal: Principal) -> AsyncIterator[OpenDesk]:
        async with self.units.begin(Context(principal.agency, principal.subject)) as work:
            desk = self.desk_of(work, principal.agency)
            yield OpenDesk(desk, Views(work.connection, principal.agency, desk.people), principal)

    def handlers(self) -> dict[str, Handler]:
        incoming = Incoming(self.node, self.desk_of, lambda work: StoredAgencies(work.connection))
        return dict(incoming.handlers())

    def clock(self) -> Clock:
        return Clock(self.units.database, self.units, self.desk_of, find_due, find_over)


def application(office: NodeOffice, verifier: TokenVerifier, checks: Mapping[str, Check]) -> FastAPI:
    """The API over an office."""
    app = create_app("referrals", [routes.router, verbs.router, cases.router], checks, docs=False)
    app.state.office = office
    install_verifier(app, verifier)
    return app


async def build(parts: Parts) -> Running:
    """Opens the keys database beside the service's own."""
    settings = parts.settings
    assert isinstance(settings, ReferralsSettings)  # noqa: S101  (for the type checker)
    signer = ContextSigner(bytes.fromhex(settings.context_key_file.read_text().strip()))
    keys_database = Database(settings.keys_database_url.get_secret_value(), signer, settings.keys_database_pool)
    await keys_database.open()
    office = NodeOffice(settings.node, parts.units, PersonKeys(keys_database, parts.keys.agency_kek))
    verifier = TokenVerifier(settings.issuers, mode=settings.mode)

    async def keys_ready() -> bool:
        with suppress(Exception):
            return bool(await keys_database.pool.fetchval("SELECT true"))
        return False

    async def close() -> None:
        await verifier.close()
        await keys_database.close()

    checks = {"database": parts.database_ready, "keys_database": keys_ready, "bus": parts.bus_ready}
    roles = {"consume": parts.consumer(office.handlers()).run, "clock": office.clock().run}
    return Running(application(office, verifier, checks), roles, close)


def run_openapi(_: Sequence[str]) -> None:
    """`openapi`: the API description, from the code alone."""
    app = create_app("referrals", [routes.router, verbs.router, cases.router], {}, docs=False)
    sys.stdout.write(json.dumps(app.openapi(), indent=2) + "\n")


SERVICE = Service(
    "referrals",
    ReferralsSettings,
    build,
    migrations=_HERE / "migrations",
    commands={"openapi": run_openapi},
    roles=("api", "relay", "consume", "clock"),
    other_migrations={"SAFAR_KEYS_MIGRATION_DATABASE_URL": ("referrals_keys", _HERE / "migrations_keys")},
)
