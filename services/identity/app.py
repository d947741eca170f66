"""Composition root of identity."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from services.chassis.auth import TokenVerifier, install_verifier
from services.chassis.database import Context, ContextSigner, Database
from services.chassis.http import create_app
from services.chassis.keys import FileKeyProvider
from services.chassis.logs import Log
from services.chassis.outbox import Outbox
from services.chassis.service import Parts, Running, Service
from services.chassis.transport import Transport
from services.chassis.work import Units, Work
from services.identity.api.routes import router
from services.identity.domain.agencies import AgencyKey
from services.identity.domain.events import Event
from services.identity.domain.ports import IdentityProvider
from services.identity.messaging.outgoing import outgoing
from services.identity.settings import IdentitySettings, ProviderSettings
from services.identity.storage.agencies import AgencyRepository, CorridorRepository
from services.identity.storage.fixture import read_fixture
from services.identity.storage.people import PeopleRepository
from services.identity.usecases.reconcile import Reconciled, reconcile

log = Log("identity")


@dataclass
class RegistryUnit:
    """One transaction with its repositories; tells events through the outbox of the same transaction."""

    work: Work
    node: str

    def __post_init__(self) -> None:
        self.agencies = AgencyRepository(self.work.connection)
        self.corridors = CorridorRepository(self.work.connection)
        self.people = PeopleRepository(self.work.connection)

    async def tell(self, events: Iterable[Event]) -> None:
        await self.work.tell(*outgoing(events, self.node))


@dataclass(frozen=True)
class NodeRegistry:
    units: Units
    node: str

    @asynccontextmanager
    async def begin(self, agency_id: str | None = None, principal: str = "") -> AsyncIterator[RegistryUnit]:
        context = Context(agency_id, principal) if agency_id else None
        async with self.units.begin(context) as work:
            yield RegistryUnit(work, self.node)


@dataclass(frozen=True)
class ProvidedKeys:
    """Key pairs made by the chassis key provider; only the public half comes here."""

    provider: FileKeyProvider

    def create_keys(self, agency_id: str) -> AgencyKey:
        made = self.provider.create_agency_keys(agency_id)
        return AgencyKey(made.agency_id, made.version, made.suite, made.sign_public, made.seal_public)


def identity_provider(settings: ProviderSettings) -> IdentityProvider:
    """The adapter named by the settings."""
    if settings.identity_provider == "nanoidp":
        from services.identity.storage.nanoidp import NanoIdp

        return NanoIdp(settings.provider_dir, settings.provider_url, settings.portal_origin)
    from services.identity.storage.keycloak import Keycloak

    if settings.provider_admin_password_file is None:
        sys.exit("SAFAR_PROVIDER_ADMIN_PASSWORD_FILE is not set: Keycloak's administrator needs a password")
    password = settings.provider_admin_password_file.read_text().strip()
    return Keycloak(
        settings.provider_dir, settings.provider_url, settings.portal_origin, settings.provider_admin, password
    )


def application(registry: NodeRegistry, verifier: TokenVerifier, parts: Parts | None = None) -> FastAPI:
    """The API over a registry."""
    checks = {"database": parts.database_ready, "bus": parts.bus_ready} if parts else {}
    app = create_app("identity", [router], checks, docs=False)
    app.state.registry = registry
    install_verifier(app, verifier)
    return app


async def build(parts: Parts) -> Running:
    """The API; brings the node to its fixture first when told to."""
    settings = parts.settings
    assert isinstance(settings, IdentitySettings)  # noqa: S101  (for the type checker)
    registry = NodeRegistry(parts.units, settings.node)
    if settings.reconcile_on_start:
        _report(await _reconcile(registry, parts.keys))
    verifier = TokenVerifier(settings.issuers, mode=settings.mode)
    return Running(application(registry, verifier, parts), close=verifier.close)


async def _reconcile(registry: NodeRegistry, keys: FileKeyProvider) -> Reconciled:
    provider = ProviderSettings()
    declaration = read_fixture(provider.fixture_file)
    return await reconcile(declaration, registry, ProvidedKeys(keys), identity_provider(provider))


def _report(done: Reconciled) -> None:
    log.info("reconciled", events=done.events, accounts=done.accounts, provider=len(done.provider))


def run_reconcile(_: Sequence[str]) -> None:
    """`reconcile`: the provider and the registry, without a broker; the relay publishes the events later."""

    async def once() -> Reconciled:
        settings = IdentitySettings()
        if settings.keys_dir is None:
            sys.exit("SAFAR_KEYS_DIR is not set: the file key provider needs its folder")
        keys = FileKeyProvider(settings.keys_dir)
        signer = ContextSigner(bytes.fromhex(settings.context_key_file.read_text().strip()))
        database = Database(settings.database_url.get_secret_value(), signer, 2)
        await database.open()
        try:
            units = Units(database, Outbox(f"/{settings.node}/identity", Transport(keys.transport_key())))
            return await _reconcile(NodeRegistry(units, settings.node), keys)
        finally:
            await database.close()

    done = asyncio.run(once())
    sys.stdout.write(json.dumps({"events": done.events, "accounts": done.accounts, "provider": done.provider}) + "\n")


def run_provider_files(_: Sequence[str]) -> None:
    """`provider-files`: bring the identity provider alone to the fixture; nanoidp reads what this writes."""
    settings = ProviderSettings()
    changed = asyncio.run(identity_provider(settings).reconcile(read_fixture(settings.fixture_file)))
    sys.stdout.write(json.dumps({"provider": list(changed)}) + "\n")


def run_openapi(_: Sequence[str]) -> None:
    """`openapi`: the API description, from the code alone."""
    app = create_app("identity", [router], {}, docs=False)
    sys.stdout.write(json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n")


SERVICE = Service(
    name="identity",
    settings=IdentitySettings,
    build=build,
    migrations=Path(__file__).parent / "migrations",
    commands={"reconcile": run_reconcile, "provider-files": run_provider_files, "openapi": run_openapi},
    roles=("api", "relay"),
)
