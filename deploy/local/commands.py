"""The verbs of the launcher."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local import accounts, greeting, postgres, python_parts
from deploy.local.errors import LauncherError
from deploy.local.launch import Launch, until_told_to_stop
from deploy.local.plan import DEFAULT_PORT, plan
from deploy.local.processes import end, marked, running
from deploy.local.progress import Progress
from deploy.local.state import State, launcher_pid, only_launcher, read_json
from deploy.local.status import show, status
from deploy.local.trace import show_trace

_LEAVING = 90


def execute(chosen: argparse.Namespace) -> None:
    """Run the verb that was chosen; raises LauncherError with a sentence for a person."""
    verbs: dict[str, Callable[[State, argparse.Namespace], None]] = {
        "run": _run,
        "stop": _stop,
        "reset": _reset,
        "status": _status,
        "demo": _demo,
        "logs": _logs,
        "trace": _trace,
        "client": _client,
        "parked": _operate,
        "unpark": _operate,
        "forget": _operate,
    }
    verbs[chosen.verb](State.from_environment(), chosen)


def _run(state: State, chosen: argparse.Namespace) -> None:
    asked = plan(
        os.environ.get("COUNTRIES") or "kz,uz",
        os.environ.get("PORT") or str(DEFAULT_PORT),
        os.environ.get("IDENTITY") or "nanoidp",
    )
    with only_launcher(state):
        launch = Launch(state, asked, Progress(), whole=chosen.only is None)
        asyncio.run(_stay(launch))


async def _stay(launch: Launch) -> None:
    stopping = asyncio.create_task(until_told_to_stop())
    starting = asyncio.create_task(_start(launch))
    try:
        await asyncio.wait([stopping, starting], return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            starting.result()
            launch.progress.say(
                "ready. Ctrl-C (or `make stop`) ends it; the state stays in " + str(launch.state.folder)
            )
            await stopping
    except* LauncherError as failures:
        raise _first(failures) from None
    finally:
        stopping.cancel()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        launch.progress.say("stopping")
        await launch.supervisor.stop()
        launch.progress.say("stopped")


async def _start(launch: Launch) -> None:
    await launch.start()
    launch.progress.say("every component is ready")
    if launch.whole:
        await greeting.welcome(launch.state, with_demo=os.environ.get("DEMO") != "0")


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _stop(state: State, _: argparse.Namespace) -> None:
    holder = launcher_pid(state)
    launcher = running(holder) if holder else None
    if launcher:
        os.kill(launcher.pid, signal.SIGTERM)
        deadline = time.monotonic() + _LEAVING
        while launcher.alive and time.monotonic() < deadline:
            time.sleep(0.1)
        end([launcher], patience=0)
    left = marked(state)
    servers = [process for process in left if process.pid == _postmaster(state)]
    end([process for process in left if process not in servers])
    end(servers, signal.SIGINT)
    print("Safar is stopped." if launcher or left else "Safar was not running.")


def _reset(state: State, chosen: argparse.Namespace) -> None:
    _stop(state, chosen)
    noted = postgres.whereabouts(state)
    outside = accounts.OUTSIDE / state.identifier
    ours = [outside, state.folder] if state.lock.exists() else [outside]
    for folder in ours:
        if folder.exists():
            shutil.rmtree(folder)
            print(f"removed {folder}")
    if noted and noted["system_user"] and accounts.remove_account():
        print(f"removed the system user {noted['system_user']}")


def _status(state: State, _: argparse.Namespace) -> None:
    wanted = os.environ.get("FORMAT") or "table"
    if wanted not in {"table", "json"}:
        raise LauncherError(f"FORMAT={wanted} is unknown. Choose table (the default) or json.")
    known = status(state)
    print(json.dumps(known, indent=1) if wanted == "json" else show(known))


def _demo(state: State, _: argparse.Namespace) -> None:
    if launcher_pid(state) is None:
        raise LauncherError("Safar is not running. Start it with `make run`, then `make demo` in a second terminal.")
    from deploy.local.demo import run_demo

    volume = os.environ.get("VOLUME") or "0"
    if not volume.isascii() or not volume.isdigit():
        raise LauncherError(f"VOLUME={volume} is no number of referrals. Try `make demo VOLUME=150`.")
    run_demo(state, int(volume))


def _trace(state: State, _: argparse.Namespace) -> None:
    print(show_trace(state))


def _logs(state: State, chosen: argparse.Namespace) -> None:
    there = sorted(path.stem for path in (state.folder / "logs").glob("*.log"))
    if chosen.component not in there:
        raise LauncherError("Name a component: make logs C=<one of> " + ", ".join(there or ["(none yet)"]))
    os.execvp("tail", ["tail", "-n", "200", "-F", str(state.log(chosen.component))])  # noqa: S606 - tail is the follower


def _client(state: State, chosen: argparse.Namespace) -> None:
    known = read_json(state.addresses) or {"nodes": {}}
    nodes = {agency: node for node in known["nodes"].values() for agency in node["clients"]}
    if chosen.component not in nodes:
        there = ", ".join(nodes) or "(none yet: start it with `make run`)"
        raise LauncherError(f"Name an agency: make client C=<one of> {there}")
    print(greeting.client(nodes[chosen.component], chosen.component))


def _operate(state: State, chosen: argparse.Namespace) -> None:
    """A service's own command, in the environment that the service runs with."""
    known = read_json(state.addresses)
    if known is None or launcher_pid(state) is None:
        raise LauncherError(f"Safar is not running. Start it with `make run`, then `make {chosen.verb}` again.")
    asked = plan(",".join(known["countries"]), str(known["port_base"]), known["identity"])
    server = postgres.prepare(state, asked)
    services = {
        one.id: one
        for node in asked.nodes
        for one in python_parts.components(state, asked, server, node)
        if not one.id.endswith(".portal")
    }
    if chosen.verb == "forget" and not (chosen.component.endswith(".notifications") and chosen.lane):
        raise LauncherError("Say at whose border and from whom: make forget C=kz.notifications FROM=uz")
    if chosen.component not in services:
        raise LauncherError(f"Name a service: make {chosen.verb} C=<one of> " + ", ".join(services))
    service = services[chosen.component]
    words = [*service.command[:-1], chosen.verb, *([chosen.lane] if chosen.lane else [])]
    os.execve(words[0], words, dict(service.environment))  # noqa: S606 - our own module, no shell


def _postmaster(state: State) -> int | None:
    noted = postgres.whereabouts(state)
    try:
        return int((Path(noted["data"]) / "postmaster.pid").read_text().split()[0]) if noted else None
    except (OSError, ValueError, IndexError):
        return None
