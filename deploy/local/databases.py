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
        known = await _versions(admin)
        await asyncio.gather(*(_template(admin, server, schema, known, migrate) for schema in schemas))
        await asyncio.gather(
            *(_node_databases(admin, state, server, node, schema, known, migrate)
              for schema in schemas for node in _nodes(plan, schema))
        )  # fmt: skip


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


async def _template(
    admin: asyncpg.Pool, server: Server, schema: Schema, known: dict[str, str | None], migrate: Migrate
) -> None:
    names = {kind: schema.template(kind) for kind in schema.kinds}
    if all(known.get(name) == schema.version for name in names.values()):
        return
    for kind, name in names.items():
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name} OWNER {kind}_owner")
        await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await migrate(schema.service, {kind: server.url(name) for kind, name in names.items()})
    for name in names.values():
        await admin.execute(f"COMMENT ON DATABASE {name} IS '{schema.version}'")


async def _node_databases(
    admin: asyncpg.Pool,
    state: State,
    server: Server,
    node: str,
    schema: Schema,
    known: dict[str, str | None],
    migrate: Migrate,
) -> None:
    names = {kind: f"{node}_{kind}" for kind in schema.kinds}
    if all(known.get(name) == schema.version for name in names.values()):
        return
    fresh = [kind for kind, name in names.items() if name not in known]
    for kind in fresh:
        await admin.execute(f"CREATE DATABASE {names[kind]} TEMPLATE {schema.template(kind)} OWNER {kind}_owner")
        await admin.execute(f"REVOKE ALL ON DATABASE {names[kind]} FROM PUBLIC")
        await admin.execute(f"GRANT CONNECT ON DATABASE {names[kind]} TO {names[kind]}")
    if len(fresh) < len(names):
        await migrate(schema.service, {kind: server.url(name) for kind, name in names.items()})
    key = context_key_file(state, node, schema.service).read_text().strip()
    for name in names.values():
        await _install_context_key(server.url(name), key)
        await admin.execute(f"COMMENT ON DATABASE {name} IS '{schema.version}'")


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
