"""`make run`: everything that can start side by side does."""

import asyncio
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from deploy.local import (
    addresses,
    broker,
    databases,
    edge,
    ports,
    postgres,
    provider,
    python_parts,
    seeding,
    streams,
    trust,
)
from deploy.local.component import Component
from deploy.local.errors import LauncherError
from deploy.local.plan import HUB, Plan
from deploy.local.processes import end, marked
from deploy.local.progress import Progress
from deploy.local.state import ROOT, State
from deploy.local.supervisor import Supervisor


@dataclass
class Launch:
    """One start of an installation; `whole` is false when only Postgres, NATS and the edges are wanted."""

    state: State
    plan: Plan
    progress: Progress
    whole: bool = True

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.state, self.progress)

    async def start(self) -> None:
        """Return when every component is ready; raises LauncherError with what is wrong."""
        self._end_orphans()
        ports.require_free(self.plan)
        broker.prepare(self.state, self.plan)
        trust.exchange(self.state, self.plan)
        brokers = [broker.component(self.state, self.plan, node) for node in (HUB, *self.plan.nodes)]
        edges = [edge.component(self.state, self.plan, node) for node in self.plan.nodes]
        self.server = await asyncio.to_thread(postgres.prepare, self.state, self.plan)
        server = postgres.component(self.server)
        self.progress.say("certificates, keys and data folders are there")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._databases(server))
            group.create_task(self._brokers(brokers))
            group.create_task(self.supervisor.start(*edges))
            if self.whole:
                group.create_task(self._identity_providers())
        parts = self._python_parts()
        self._write_addresses([server, *brokers, *self._providers(), *parts, *edges])
        if parts:
            with self.progress.step(f"services and portals of {', '.join(self.plan.nodes)} are ready"):
                await self.supervisor.start(*parts)
            with self.progress.step("the countries know one another's agencies, and their offerings are published"):
                await asyncio.gather(seeding.acquainted(self.plan, self.server), seeding.seed_offerings(self.state))

    async def _databases(self, server: Component) -> None:
        with self.progress.step("Postgres is ready"):
            await self.supervisor.start(server)
            await postgres.accepting(self.server)
        if self.whole:
            with self.progress.step("databases have the newest schema"):
                await databases.create(self.state, self.plan, self.server, databases.SCHEMAS, self._migrate)

    async def _brokers(self, components: list[Component]) -> None:
        with self.progress.step("NATS is ready: hub, " + ", ".join(self.plan.nodes)):
            await self.supervisor.start(*components)
            await asyncio.gather(*(streams.create(self.state, self.plan, node) for node in self.plan.nodes))

    async def _identity_providers(self) -> None:
        with self.progress.step(f"identity providers ({self.plan.identity}) are ready"):
            if self.plan.identity == "keycloak":
                await asyncio.to_thread(provider.prepare_keycloak)
                await self.supervisor.start(*self._providers())
            for node in self.plan.nodes:
                await provider.bring_to_fixture(self.state, self.plan, node)
            if self.plan.identity == "nanoidp":
                await self.supervisor.start(*self._providers())

    async def _migrate(self, jobs: list[databases.Job]) -> None:
        if not jobs:
            return
        process = await asyncio.create_subprocess_exec(
            *python_parts.MIGRATION_COMMAND,
            cwd=ROOT,
            env=python_parts.base_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate(python_parts.migration_input(jobs).encode())
        if process.returncode != 0:
            raise LauncherError(f"A migration failed:\n{said.decode()[-3000:]}")

    def _providers(self) -> list[Component]:
        if not self.whole:
            return []
        if self.plan.identity == "keycloak":
            return [provider.keycloak_component(self.state, self.plan)]
        base = python_parts.base_environment()
        return [provider.nanoidp(self.state, self.plan, node, base) for node in self.plan.nodes]

    def _python_parts(self) -> list[Component]:
        if not self.whole:
            return []
        return [
            part
            for node in self.plan.nodes
            for part in python_parts.components(self.state, self.plan, self.server, node)
        ]

    def _write_addresses(self, components: Iterable[Component]) -> None:
        addresses.write(self.state, self.plan, self.server, components, whole=self.whole)

    def _end_orphans(self) -> None:
        left = marked(self.state)
        if left:
            self.progress.say(f"ending {len(left)} processes that an earlier launcher left behind")
            end(left)


async def until_told_to_stop() -> None:
    """Wait for Ctrl-C, `make stop`, or the end of the terminal."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
