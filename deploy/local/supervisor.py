"""Keeps components running until told to stop.

Own code, not PyPI's `supervisor`: that one leaves every child behind when it is killed itself, knows neither
readiness nor order, and has no per-child account for Postgres without its configuration file being root's.
"""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from typing import BinaryIO

from deploy.local.component import Component
from deploy.local.errors import LauncherError
from deploy.local.processes import MARK, Running, end_with_launcher, forget, remember, running
from deploy.local.progress import Progress
from deploy.local.ready import answers
from deploy.local.state import ROOT, State

_SHORTEST_PAUSE = 0.3
_LONGEST_PAUSE = 15.0
_STEADY = 30.0
_LOG_KEPT = 20 * 1024 * 1024


@dataclass
class _Kept:
    component: Component
    process: asyncio.subprocess.Process | None = None
    watch: asyncio.Task[None] | None = None
    ready: bool = False
    deaths: int = 0


@dataclass
class Supervisor:
    state: State
    progress: Progress
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _stopping: bool = False

    async def start(self, *components: Component) -> None:
        """Start side by side and return when all are ready; raises LauncherError naming the one that is not."""
        try:
            async with asyncio.TaskGroup() as group:
                for component in components:
                    group.create_task(self._bring_up(component))
        except* LauncherError as failures:
            raise failures.exceptions[0] from None

    async def stop(self) -> None:
        """End everything, in the reverse of the order of need."""
        self._stopping = True
        for rank in sorted({kept.component.rank for kept in self._kept.values()}, reverse=True):
            group = [kept for kept in self._kept.values() if kept.component.rank == rank]
            await asyncio.gather(*(self._end(kept) for kept in group))

    async def _bring_up(self, component: Component) -> None:
        kept = self._kept[component.id] = _Kept(component)
        begun = time.monotonic()
        kept.watch = asyncio.create_task(self._keep(kept))
        while not await answers(component):
            if time.monotonic() - begun > component.ready_within:
                raise LauncherError(f"{component.id} did not become ready. {_see(component)}")
            if kept.deaths >= 3:  # noqa: PLR2004 - once may be bad luck, three times in a row is a fault
                raise LauncherError(f"{component.id} keeps ending. {_see(component)}\n{self._tail(component)}")
            await asyncio.sleep(0.1)
        kept.ready = True

    async def _keep(self, kept: _Kept) -> None:
        pause = _SHORTEST_PAUSE
        while not self._stopping:
            begun = time.monotonic()
            kept.process = process = await self._spawn(kept.component)
            code = await process.wait()
            forget(self.state, kept.component.id)
            if self._stopping:
                return
            pause = _SHORTEST_PAUSE if time.monotonic() - begun > _STEADY else min(pause * 2, _LONGEST_PAUSE)
            kept.deaths += 1
            if kept.ready:
                how = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
                self.progress.say(f"{kept.component.id} {how}; it comes back in {pause:.1f} s. {_see(kept.component)}")
            await asyncio.sleep(pause)

    async def _spawn(self, component: Component) -> asyncio.subprocess.Process:
        account = component.account
        with self._open_log(component) as log:
            process = await asyncio.create_subprocess_exec(
                *component.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=component.folder or ROOT,
                env={**component.environment, MARK: str(self.state.folder)},
                start_new_session=True,
                preexec_fn=end_with_launcher(os.getpid(), component.stop_signal, account),
            )
        noticed = running(process.pid)
        remember(self.state, component.id, noticed or Running(process.pid, 0))
        return process

    def _open_log(self, component: Component) -> BinaryIO:
        path = self.state.log(component.id)
        if path.exists() and path.stat().st_size > _LOG_KEPT:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "ab", buffering=0)

    async def _end(self, kept: _Kept) -> None:
        process = kept.process
        if process and process.returncode is None:
            process.send_signal(kept.component.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), kept.component.ends_within)
            except TimeoutError:
                self.progress.say(f"{kept.component.id} did not end in time and is killed")
                Running(process.pid, _started(process.pid)).signal(signal.SIGKILL)
        if kept.watch:
            kept.watch.cancel()
        forget(self.state, kept.component.id)

    def _tail(self, component: Component, lines: int = 12) -> str:
        text = self.state.log(component.id).read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"    {line}" for line in text)


def _started(pid: int) -> int:
    process = running(pid)
    return process.started if process else 0


def _see(component: Component) -> str:
    return f"See `make logs C={component.id}`."
