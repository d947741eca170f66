"""Roles and databases: one template per service, migrated once, cloned per node.

Each database carries in its comment the hash of the migrations it has been brought to.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.local.plan import Plan
from deploy.local.postgres import Server
from deploy.local.state import ROOT, State, secret_file

Migrate = Callable[[str, dict[str, str]], Awaitable[None]]
"""Runs a service's `migrate` with the addresses of its databases (by database kind)."""

PORTAL = "gateway"
_CHASSIS_MIGRATIONS = "services/chassis/migrations"
_AT_ONCE = 4


@dataclass(frozen=True)
class Schema:
    """A component's databases, which one `migrate` brings up to date together, and the code its migrations are in."""

    service: str
    kinds: tuple[str, ...]
    folder: str

    @property
    def version(self) -> str:
        """Hash of everything that the migrations are made of."""
        digest = hashlib.sha256()
        for path in sorted(_files(ROOT / self.folder, ROOT / _CHASSIS_MIGRATIONS)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:12]

    def template(self, kind: str) -> str:
        return f"template_{kind}"


SCHEMAS = {
    schema.service: schema
    for schema in (
        Schema("identity", ("identity",), "services/identity"),
        Schema("directory", ("directory",), "services/directory"),
        Schema("referrals", ("referrals", "referrals_keys"), "services/referrals"),
        Schema("notifications", ("notifications",), "services/notifications"),
        Schema("coordination", ("coordination",), "services/coordination"),
        Schema(PORTAL, (PORTAL,), "gateway"),
    )
}


def database_url(state: State, server: Server, node: str, kind: str) -> str:
    """The address with which a component of a node reaches its database."""
    return server.url(f"{node}_{kind}", f"{node}_{kind}", _password(state, node, kind))


def context_key_file(state: State, node: str, service: str) -> Path:
    """The key that signs a service's database context; made on first use."""
    path = state.keys(node) / f"context-{service}.key"
    secret_file(path)
    return path


async def create(state: State, plan: Plan, server: Server, services: Iterable[str], migrate: Migrate) -> None:
    """Bring every database of the plan to the newest schema; what is already there is left alone."""
    schemas = [SCHEMAS[service] for service in services]
    async with asyncpg.create_pool(server.url("postgres"), min_size=1, max_size=_AT_ONCE) as admin:
        await _roles(admin, state, plan, schemas)
        work = _Work(admin, state, server, migrate, await _versions(admin))
        await asyncio.gather(*(work.template(schema) for schema in schemas))
        pairs = [(node, schema) for schema in schemas for node in _nodes(plan, schema)]
        await asyncio.gather(*(work.databases(node, schema) for node, schema in pairs))


@dataclass(frozen=True)
class _Work:
    admin: asyncpg.Pool
    state: State
    server: Server
    migrate: Migrate
    known: dict[str, str | None]
    """The version of every database that was there at the start."""

    async def template(self, schema: Schema) -> None:
        names = {kind: schema.template(kind) for kind in schema.kinds}
        if self._newest(names, schema):
            return
        for kind, name in names.items():
            await self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await self.admin.execute(f"CREATE DATABASE {name} OWNER {kind}_owner")
            await self.admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        await self._migrate(names, schema)
        for name in names.values():
            await self._note_version(name, schema)

    async def databases(self, node: str, schema: Schema) -> None:
        names = {kind: f"{node}_{kind}" for kind in schema.kinds}
        if self._newest(names, schema):
            return
        fresh = [kind for kind, name in names.items() if name not in self.known]
        for kind in fresh:
            name, template = names[kind], schema.template(kind)
            await self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {kind}_owner")
            await self.admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            await self.admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}")
        if len(fresh) < len(names):
            await self._migrate(names, schema)
        key = context_key_file(self.state, node, schema.service).read_text().strip()
        for name in names.values():
            await _install_context_key(self.server.url(name), key)
            await self._note_version(name, schema)

    def _newest(self, names: dict[str, str], schema: Schema) -> bool:
        return all(self.known.get(name) == schema.version for name in names.values())

    async def _migrate(self, names: dict[str, str], schema: Schema) -> None:
        await self.migrate(schema.service, {kind: self.server.url(name) for kind, name in names.items()})

    async def _note_version(self, name: str, schema: Schema) -> None:
        await self.admin.execute(f"COMMENT ON DATABASE {name} IS '{schema.version}'")


def _nodes(plan: Plan, schema: Schema) -> list[str]:
    return [node for node in plan.nodes if schema.service in (*plan.services(node), PORTAL)]


async def _roles(admin: asyncpg.Pool, state: State, plan: Plan, schemas: list[Schema]) -> None:
    there = {row["rolname"] for row in await admin.fetch("SELECT rolname FROM pg_roles")}
    wanted: list[str] = []
    for schema in schemas:
        for kind in schema.kinds:
            wanted += [
                f"CREATE ROLE {kind}_{part} NOLOGIN" for part in ("owner", "app") if f"{kind}_{part}" not in there
            ]
            wanted += [
                f"CREATE ROLE {node}_{kind} LOGIN NOSUPERUSER NOBYPASSRLS IN ROLE {kind}_app "
                f"PASSWORD '{_password(state, node, kind)}'"
                for node in _nodes(plan, schema)
                if f"{node}_{kind}" not in there
            ]
    if wanted:
        await admin.execute(";".join(wanted))


async def _versions(admin: asyncpg.Pool) -> dict[str, str | None]:
    rows = await admin.fetch("SELECT datname, shobj_description(oid, 'pg_database') AS version FROM pg_database")
    return {row["datname"]: row["version"] for row in rows}


async def _install_context_key(url: str, key: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regprocedure('safar.install_context_key(text)') IS NOT NULL"):
            await connection.execute("SELECT safar.install_context_key($1)", key)
    finally:
        await connection.close()


def _password(state: State, node: str, kind: str) -> str:
    return secret_file(state.keys(node) / f"database-{kind}.secret", 24)


def _files(*places: Path) -> list[Path]:
    found: list[Path] = []
    for place in places:
        found += [path for path in place.rglob("*.py") if "migrations" in str(path)]
        found += [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else []
    return found
