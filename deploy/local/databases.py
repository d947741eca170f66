"""Roles and databases: one template per service, migrated once, cloned per node.

Each database carries in its comment the hash of the migrations it has been brought to.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asyncpg

from deploy.local.plan import Plan
from deploy.local.postgres import Server
from deploy.local.state import ROOT, State, secret_file

Job = tuple[str, dict[str, str]]
Migrate = Callable[[list[Job]], Awaitable[None]]
"""Runs `migrate` of services, each with the addresses of its databases by kind; side by side."""

PORTAL = "gateway"
_CHASSIS_MIGRATIONS = "services/chassis/migrations"
_AT_ONCE = 4


@dataclass(frozen=True)
class Schema:
    """A component's databases, which one `migrate` brings up to date together, and the code its migrations are in."""

    service: str
    kinds: tuple[str, ...]
    folder: str

    @cached_property
    def version(self) -> str:
        """Hash of everything that the migrations are made of."""
        digest = hashlib.sha256()
        for path in sorted(_files(ROOT / self.folder, ROOT / _CHASSIS_MIGRATIONS)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:12]


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
        work = _Work(admin, state, server, await _versions(admin))
        await migrate(await work.templates(schemas))
        await work.note_templates(schemas)
        pairs = [(node, schema) for schema in schemas for node in _nodes(plan, schema)]
        await migrate(await work.clones(pairs))
        await asyncio.gather(*(work.finish(node, schema) for node, schema in pairs))


@dataclass(frozen=True)
class _Work:
    admin: asyncpg.Pool
    state: State
    server: Server
    known: dict[str, str | None]
    """The version of every database that was there at the start."""

    async def templates(self, schemas: list[Schema]) -> list[Job]:
        """Empty templates in place of those that are missing or old; what is to be migrated."""
        stale = [schema for schema in schemas if not self._newest(_templates(schema), schema)]
        for schema in stale:
            for kind, name in _templates(schema).items():
                await self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                await self.admin.execute(f"CREATE DATABASE {name} OWNER {kind}_owner")
                await self.admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        return [self._job(schema, _templates(schema)) for schema in stale]

    async def note_templates(self, schemas: list[Schema]) -> None:
        for schema in schemas:
            for name in _templates(schema).values():
                await self._note_version(name, schema)

    async def clones(self, pairs: list[tuple[str, Schema]]) -> list[Job]:
        """A copy of the template for every node that has none; those that were there and are old are to be migrated."""
        await asyncio.gather(*(self._clone(node, schema) for node, schema in pairs))
        return [
            self._job(schema, _databases(node, schema))
            for node, schema in pairs
            if not self._newest(_databases(node, schema), schema)
            and any(name in self.known for name in _databases(node, schema).values())
        ]

    async def finish(self, node: str, schema: Schema) -> None:
        """The context key, and the version: only now the databases count as done."""
        names = _databases(node, schema)
        if self._newest(names, schema):
            return
        key = context_key_file(self.state, node, schema.service).read_text().strip()
        for name in names.values():
            await _install_context_key(self.server.url(name), key)
            await self._note_version(name, schema)

    async def _clone(self, node: str, schema: Schema) -> None:
        for kind, name in _databases(node, schema).items():
            if name not in self.known:
                template = _templates(schema)[kind]
                await self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {kind}_owner")
                await self.admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
                await self.admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}")

    def _newest(self, names: dict[str, str], schema: Schema) -> bool:
        return all(self.known.get(name) == schema.version for name in names.values())

    def _job(self, schema: Schema, names: dict[str, str]) -> Job:
        return schema.service, {kind: self.server.url(name) for kind, name in names.items()}

    async def _note_version(self, name: str, schema: Schema) -> None:
        await self.admin.execute(f"COMMENT ON DATABASE {name} IS '{schema.version}'")


def _templates(schema: Schema) -> dict[str, str]:
    return {kind: f"template_{kind}" for kind in schema.kinds}


def _databases(node: str, schema: Schema) -> dict[str, str]:
    return {kind: f"{node}_{kind}" for kind in schema.kinds}


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
    wanted.append("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
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
