"""What is running, how much waits in each stream, whether each node reaches the hub."""

import asyncio
import http.client
import json
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deploy.local import postgres
from deploy.local.component import Component
from deploy.local.processes import Running, memory, remembered
from deploy.local.ready import answers
from deploy.local.state import State, launcher_pid, read_json

_PATIENCE = 3
_NEARLY_FULL = 0.8
Json = dict[str, Any]


def status(state: State) -> Json:
    """Everything as plain values; an installation that does not run has no component up."""
    known = read_json(state.addresses) or {"components": [], "nodes": {}, "countries": []}
    measure = memory()
    with ThreadPoolExecutor(16) as pool:
        components = list(pool.map(lambda one: _component(state, one, measure), known["components"]))
        brokers = list(pool.map(lambda item: _broker(*item), _monitors(known)))
        databases = list(pool.map(_database, _services(known)))
    return {
        "launcher_pid": launcher_pid(state),
        "state": str(state.folder),
        "port_base": known.get("port_base"),
        "identity": known.get("identity"),
        "countries": known["countries"],
        "components": components,
        "streams": [stream for streams, _ in brokers for stream in streams],
        "databases": databases,
        "leaf_links": [link for _, link in brokers],
        "postgres": postgres.whereabouts(state),
    }


def show(known: Json) -> str:
    """The same for a person."""
    lines = [f"{'component':<24}{'state':<12}{'pid':>8}{'up':>10}{'memory':>10}"]
    for one in known["components"]:
        up = f"{one['uptime']:.0f} s" if one["uptime"] is not None else "–"
        memory = f"{one['memory'] / 2**20:.0f} MB" if one["memory"] is not None else "–"
        lines.append(f"{one['id']:<24}{one['state']:<12}{one['pid'] or '–':>8}{up:>10}{memory:>10}")
    total = sum(one["memory"] or 0 for one in known["components"])
    lines.append(f"{'together':<54}{total / 2**20:>7.0f} MB")
    lines.append(f"\n{'node':<8}{'account':<9}{'stream':<14}{'messages':>9}  waiting, by consumer")
    for stream in known["streams"]:
        waiting = ", ".join(f"{name} {count}" for name, count in stream["consumers"].items())
        lines.append(
            f"{stream['node']:<8}{stream['account']:<9}{stream['stream']:<14}{stream['messages']:>9}  {waiting}"
        )
    lines += [_full_line(one) for one in known["streams"] if is_nearly_full(one)]
    lines.append(f"\n{'database':<24}{'unsent':>8}{'waiting':>9}  parked lanes; dead letters")
    lines += [_database_line(one) for one in known["databases"]]
    links = ", ".join(f"{link['node']} {link['state']}" for link in known["leaf_links"])
    lines.append(f"\nlinks to the hub: {links or '–'}")
    lines.append(_postgres_line(known["postgres"]))
    launcher = known["launcher_pid"]
    lines.append(f"launcher: pid {launcher}" if launcher else "launcher: not running (`make run` starts it)")
    return "\n".join(lines)


def is_nearly_full(stream: Json) -> bool:
    """Whether little is left before the stream refuses what it is sent; a limit of -1 is none."""
    return bool(0 < stream["limit"] <= stream["bytes"] / _NEARLY_FULL)


def _full_line(stream: Json) -> str:
    share = f"{100 * stream['bytes'] / stream['limit']:.0f} % of {stream['limit'] / 2**20:.0f} MiB"
    return f"FULL  {stream['node']} {stream['stream']}: {share}; at 100 % it takes nothing until its readers go on"


def _component(state: State, known: Json, measure: Callable[[Running], int]) -> Json:
    process = remembered(state, known["id"])
    if process is None:
        return {"id": known["id"], "node": known["node"], "state": "down", "pid": None, "uptime": None, "memory": None}
    asked = Component(known["id"], known["node"], known["kind"], (), known["port"], ready=known["ready"])
    return {
        "id": known["id"],
        "node": known["node"],
        "state": "ready" if asyncio.run(answers(asked)) else "not ready",
        "pid": process.pid,
        "uptime": round(process.uptime(), 1),
        "memory": measure(process),
    }


def _monitors(known: Json) -> list[tuple[str, str]]:
    return [(name, node["broker"]["monitor"]) for name, node in known["nodes"].items()]


def _broker(node: str, monitor: str) -> tuple[list[Json], Json]:
    leaves = _get(f"{monitor}/leafz")
    link = "unknown" if leaves is None else "up" if leaves.get("leafnodes") else "down"
    details = _get(f"{monitor}/jsz?accounts=true&streams=true&consumers=true&config=true") or {}
    streams = [
        _stream(node, account["name"], stream)
        for account in details.get("account_details", [])
        for stream in account.get("stream_detail", [])
    ]
    return sorted(streams, key=lambda one: (one["account"], one["stream"])), {"node": node, "state": link}


def _stream(node: str, account: str, stream: Json) -> Json:
    """A consumer's backlog is what it was never given and what it was given and has not acknowledged."""
    waiting = {one["name"]: one["num_pending"] + one["num_ack_pending"] for one in stream.get("consumer_detail") or []}
    return {
        "node": node,
        "account": account,
        "stream": stream["name"],
        "messages": stream["state"]["messages"],
        "bytes": stream["state"]["bytes"],
        "limit": stream["config"]["max_bytes"],
        "consumers": waiting,
        "pending": sum(waiting.values()),
    }


def _services(known: Json) -> list[Json]:
    return [one for one in known["components"] if one["kind"] == "python" and not one["id"].endswith(".portal")]


def _database(service: Json) -> Json:
    """What waits in a service's own database, in its own words; `known` is false when it does not answer."""
    said = _get(f"{service['url']}/backlog")
    nothing: Json = {"unsent": None, "waiting": None, "parked": [], "dead_letters": {}}
    return {"id": service["id"], "known": said is not None, **(said or nothing)}


def _database_line(one: Json) -> str:
    if not one["known"]:
        return f"{one['id']:<24}{'–':>8}{'–':>9}  does not answer"
    parked = [f"{lane['box']} {lane['code']} {lane['lanes']}" for lane in one["parked"]]
    dead = [f"{reason} {count}" for reason, count in one["dead_letters"].items()]
    trouble = "; ".join(", ".join(some) for some in (parked, dead) if some) or "none"
    hint = f"  (make parked C={one['id']})" if parked or dead else ""
    return f"{one['id']:<24}{one['unsent']:>8}{one['waiting']:>9}  {trouble}{hint}"


def _postgres_line(known: Json | None) -> str:
    if known is None:
        return "postgres: no data folder yet"
    runs_as = f"system user {known['system_user']}" if known["system_user"] else "yourself"
    return f"postgres: data in {known['data']}, run as {runs_as}"


def _get(url: str) -> Json | None:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - our own monitor on loopback
            parsed: Json = json.load(answer)
            return parsed
    except (OSError, http.client.HTTPException, ValueError):
        return None  # nobody there, or another program on a port that was ours
