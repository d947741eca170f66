"""Roles: one image, the command says what a process does. `all` runs a service's long-lived roles in one process."""

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from services.chassis import backlog, logs, telemetry
from services.chassis.bus import Bus
from services.chassis.consumer import Consumer
from services.chassis.database import ContextSigner, Database
from services.chassis.inbox import Handler, Inbox
from services.chassis.keys import FileKeyProvider
from services.chassis.outbox import Outbox, stream_from
from services.chassis.relay import Relay
from services.chassis.serving import serve_http, told_to_stop
from services.chassis.settings import NodeSettings
from services.chassis.tasks import end
from services.chassis.transport import Transport
from services.chassis.work import Units

Runner = Callable[[], Awaitable[None]]
log = logs.Log("service")
_OPERATING: Mapping[str, Callable[[NodeSettings, Sequence[str]], None]] = {
    "parked": backlog.run_parked,
    "unpark": backlog.run_unpark,
}


@dataclass
class Parts:
    """What the chassis opens for every service of a node."""

    name: str
    settings: NodeSettings
    keys: FileKeyProvider
    transport: Transport
    database: Database
    bus: Bus
    units: Units

    def consumer(self, handlers: Mapping[str, Handler]) -> Consumer:
        """The service's consumer of the node's events, and of what came from each neighbour."""
        streams = ("EVENTS", *(stream_from(origin) for origin in self.settings.neighbour_nodes))
        inbox = self.inbox(handlers)
        return Consumer(self.bus, self.database, inbox, node=self.settings.node, streams=streams, durable=self.name)

    def inbox(self, handlers: Mapping[str, Handler]) -> Inbox:
        return Inbox(self.units, self.transport, handlers)

    async def database_ready(self) -> bool:
        """Whether the database answers."""
        with suppress(Exception):
            async with asyncio.timeout(2):
                return bool(await self.database.pool.fetchval("SELECT true"))
        return False

    async def bus_ready(self) -> bool:
        """Whether the connection to NATS stands."""
        return self.bus.is_connected


@dataclass
class Running:
    """What a service's `build` returns: its app, and its long-lived roles by name.

    `dead_letters` counts by reason, and `waiting` counts, what the service keeps beside the inbox's own.
    """

    app: FastAPI
    roles: Mapping[str, Runner] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] | None = None
    dead_letters: Callable[[], Awaitable[Mapping[str, int]]] | None = None
    waiting: Callable[[], Awaitable[int]] | None = None


@dataclass(frozen=True)
class Service:
    """A service: its name, its settings class, how it is put together, and its own commands.

    `commands` are short-lived (reconcile, …) and get the remaining arguments. `other_migrations` are those of further
    databases: by the variable that holds the address, the schema's name and its folder.
    """

    name: str
    settings: type[NodeSettings]
    build: Callable[[Parts], Awaitable[Running]]
    migrations: Path
    commands: Mapping[str, Callable[[Sequence[str]], None]] = field(default_factory=dict)
    roles: tuple[str, ...] = ("api", "relay", "consume")
    other_migrations: Mapping[str, tuple[str, Path]] = field(default_factory=dict)


def main(service: Service, arguments: Sequence[str] | None = None) -> None:
    """Run one role: api, relay, consume …, `all` of them, or a command such as migrate, parked, unpark."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    role, rest = (words[0], words[1:]) if words else ("help", [])
    if role == "migrate":
        _migrate(service)
    elif role in service.commands:  # a service may have more to operate than its outbox and inbox
        service.commands[role](rest)
    elif role in _OPERATING:
        _OPERATING[role](service.settings(), rest)
    elif role == "all" or role in service.roles:
        _serve(service, role)
    else:
        known = ["all", *service.roles, "migrate", *_OPERATING, *service.commands]
        sys.exit(f"usage: python -m services.{service.name} {'|'.join(known)}")


def _migrate(service: Service) -> None:
    from services.chassis.migrations import migrate

    migrate(service.name, service.migrations, os.environ["SAFAR_MIGRATION_DATABASE_URL"])
    for variable, (schema, folder) in service.other_migrations.items():
        migrate(schema, folder, os.environ[variable])


def _serve(service: Service, role: str) -> None:
    import uvloop

    settings = service.settings()
    logs.set_up(f"{settings.node}.{service.name}", settings.log_level)
    telemetry.set_up(service.name, settings.node, settings.trace_file, dict(os.environ))
    uvloop.run(_run(service, settings, role))


async def open_parts(name: str, settings: NodeSettings) -> Parts:
    """Connect to what every service needs; waits for what is still starting."""
    if settings.keys_dir is None:
        sys.exit("SAFAR_KEYS_DIR is not set: the file key provider needs its folder")
    keys = FileKeyProvider(settings.keys_dir)
    transport = Transport(keys.transport_key())
    signer = ContextSigner(bytes.fromhex(settings.context_key_file.read_text().strip()))
    database = Database(settings.database_url.get_secret_value(), signer, settings.database_pool)
    connecting = Bus.connect(settings.nats_url, settings.nats_seed_file, settings.nats_ca_file, name)
    bus, _ = await asyncio.gather(connecting, database.open())
    units = Units(database, Outbox(f"/{settings.node}/{name}", transport))
    return Parts(name, settings, keys, transport, database, bus, units)


async def _run(service: Service, settings: NodeSettings, role: str) -> None:
    parts = await open_parts(service.name, settings)
    running = await service.build(parts)
    roles = {"relay": Relay(parts.database, {"node": parts.bus}).run, **running.roles}
    chosen = service.roles if role == "all" else (role,)
    stop = told_to_stop()
    running.app.include_router(backlog.router(parts.database, running.dead_letters, running.waiting))
    # Every role answers /health and /ready, so that an orchestrator can tell a stuck one from a working one.
    tasks: list[asyncio.Future[None]] = [
        asyncio.ensure_future(serve_http(running.app, settings.http_host, settings.http_port, stop))
    ]
    tasks += [asyncio.ensure_future(roles[name]()) for name in chosen if name != "api"]
    gc.collect()
    gc.freeze()
    log.info("started", roles=list(chosen), port=settings.http_port)
    stopping = asyncio.ensure_future(_set(stop))
    done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping", asked=stopping in done)
    stop.set()
    await tasks[0]
    await end(tasks[1:])
    if running.close is not None:
        await running.close()
    await parts.bus.close()
    await parts.database.close()
    for task in done - {stopping}:
        task.result()  # a role that ended by itself ended by an error: let it be seen


async def _set(event: asyncio.Event) -> None:
    await event.wait()
