"""Streams and durable consumers, made from `deploy/nats/streams.json`; running it again changes nothing."""

import asyncio
import json
import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nats
from nats.aio.client import Client

from deploy.local import broker
from deploy.local.errors import LauncherError
from deploy.local.plan import REGION, Plan
from deploy.local.state import ROOT, State

DECLARED = ROOT / "deploy" / "nats" / "streams.json"
_DAY = 86_400 * 10**9
_SECOND = 10**9
_DEPLOYERS = {"NODE": broker.NODE_DEPLOYER, "BORDER": broker.BORDER_DEPLOYER}
_ALREADY_THERE = 10058
_PATIENCE = 10

logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of every TLS connection that nats-py closes


@dataclass(frozen=True)
class Stream:
    """A stream as the server wants it (`configuration`), with its durable consumers by name."""

    account: str
    configuration: dict[str, Any]
    consumers: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        return str(self.configuration["name"])


def declared(plan: Plan, node: str) -> list[Stream]:
    """Every stream a node needs: one outgoing and one incoming per neighbour, and its own events."""
    document = json.loads(DECLARED.read_text())
    return [
        stream
        for account, entries in document["accounts"].items()
        for entry in entries
        for stream in _expand(document, account, entry, plan, node)
    ]


async def create(state: State, plan: Plan, node: str) -> None:
    """Make or bring up to date every stream and consumer of a node, also when a country is added later."""
    streams = declared(plan, node)
    for account in _DEPLOYERS:
        connection = await connect(state, plan, node, account)
        try:
            mine = [stream for stream in streams if stream.account == account]
            await asyncio.gather(*(apply(connection, stream) for stream in mine))
        finally:
            await connection.close()


async def connect(state: State, plan: Plan, node: str, account: str) -> Client:
    """A connection with deployment's own identity in one of a node's accounts."""
    return await nats.connect(
        f"tls://127.0.0.1:{plan.port(node, 'nats')}",
        tls=ssl.create_default_context(cafile=str(broker.authority_file(state, node))),
        nkeys_seed=str(broker.seed_file(state, node, _DEPLOYERS[account])),
        connect_timeout=_PATIENCE,
        max_reconnect_attempts=5,
    )


async def apply(connection: Client, stream: Stream) -> None:
    """Make a stream and its consumers, or bring them up to date; raises LauncherError.

    A stream that keeps what somebody has still to read keeps nothing while it has no reader, and yet acknowledges: so
    it keeps everything until its consumers are there.
    """
    keeps_all = stream.configuration | {"retention": "limits"}
    answer = await _ask(connection, f"STREAM.CREATE.{stream.name}", keeps_all)
    if answer.get("error", {}).get("err_code") != _ALREADY_THERE:
        _refuse(stream.name, answer)
    for name, consumer in stream.consumers.items():
        wanted = {"stream_name": stream.name, "config": consumer, "action": ""}
        _refuse(f"{stream.name} {name}", await _ask(connection, f"CONSUMER.CREATE.{stream.name}.{name}", wanted))
    _refuse(stream.name, await _ask(connection, f"STREAM.UPDATE.{stream.name}", stream.configuration))


async def _ask(connection: Client, verb: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await connection.request(f"$JS.API.{verb}", json.dumps(body).encode(), timeout=_PATIENCE)
    parsed: dict[str, Any] = json.loads(answer.data)
    return parsed


def _refuse(name: str, answer: dict[str, Any]) -> None:
    if "error" in answer:
        raise LauncherError(f"NATS refused {name}: {answer['error'].get('description')}")


def _expand(document: dict[str, Any], account: str, entry: dict[str, Any], plan: Plan, node: str) -> Iterator[Stream]:
    per_neighbour = "{neighbour}" in entry["name"]
    for neighbour in plan.neighbours(node) if per_neighbour else ("",):
        texts = json.loads(json.dumps(entry).replace("{neighbour}", neighbour.upper()))
        configuration = {
            "name": texts["name"],
            "subjects": texts["subjects"],
            "max_age": entry["max_age_days"] * _DAY,
            "max_bytes": entry["max_mebibytes"] * 2**20,
            "duplicate_window": document["stream"]["duplicate_window_days"] * _DAY,
            "num_replicas": 1,
            **{name: document["stream"][name] for name in ("storage", "retention", "discard")},
        }
        if (
            "stored_as" in texts
        ):  # what a sender wrote in a subject comes to no reader, only its hash: any byte may be in it
            configuration["subject_transform"] = {"src": texts["subjects"][0], "dest": texts["stored_as"]}
        consumers = {
            consumer["name"]: _consumer(document["consumer"], consumer)
            for consumer in entry["consumers"]
            if consumer.get("on") != "country" or node != REGION
        }
        yield Stream(account, configuration, consumers)


def _consumer(common: dict[str, Any], consumer: dict[str, Any]) -> dict[str, Any]:
    return {
        "durable_name": consumer["name"],
        "ack_policy": common["ack_policy"],
        "ack_wait": common["ack_wait_seconds"] * _SECOND,
        "max_deliver": common["max_deliver"],
        "max_ack_pending": common["max_ack_pending"],
        "deliver_policy": "all",
        **({"filter_subjects": consumer["subjects"]} if "subjects" in consumer else {}),
    }
