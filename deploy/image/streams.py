"""Make a node's streams and durable consumers, as deployment: `python -m deploy.image.streams kz,uz`.

The argument names every country of the installation, so that a country that joins later gets its pair of streams on
the next run. What is there already is brought up to date; running it again changes nothing.
"""

import asyncio
import json
import os
import ssl
import sys
from typing import Any

import nats
from nats.aio.client import Client

from deploy.local.plan import plan
from deploy.local.streams import Stream, declared

_SEED_FILES = {"NODE": "SAFAR_NODE_DEPLOYER_SEED_FILE", "BORDER": "SAFAR_BORDER_DEPLOYER_SEED_FILE"}
_ALREADY_THERE = 10058
_PATIENCE = 10


async def create(node: str, countries: str) -> int:
    """Make every stream and consumer of the node; how many streams it has now."""
    streams = declared(plan(countries, "8400"), node)
    for account, seed_file in _SEED_FILES.items():
        connection = await nats.connect(
            os.environ["SAFAR_NATS_URL"],
            tls=ssl.create_default_context(cafile=os.environ["SAFAR_NATS_CA_FILE"]),
            nkeys_seed=os.environ[seed_file],
            connect_timeout=_PATIENCE,
            max_reconnect_attempts=5,
        )
        try:
            await asyncio.gather(*(_apply(connection, stream) for stream in streams if stream.account == account))
        finally:
            await connection.close()
    return len(streams)


async def _apply(connection: Client, stream: Stream) -> None:
    answer = await _ask(connection, f"STREAM.CREATE.{stream.name}", stream.configuration)
    if answer.get("error", {}).get("err_code") == _ALREADY_THERE:
        answer = await _ask(connection, f"STREAM.UPDATE.{stream.name}", stream.configuration)
    _refuse(stream.name, answer)
    for name, consumer in stream.consumers.items():
        wanted = {"stream_name": stream.name, "config": consumer, "action": ""}
        _refuse(f"{stream.name} {name}", await _ask(connection, f"CONSUMER.CREATE.{stream.name}.{name}", wanted))


async def _ask(connection: Client, verb: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await connection.request(f"$JS.API.{verb}", json.dumps(body).encode(), timeout=_PATIENCE)
    parsed: dict[str, Any] = json.loads(answer.data)
    return parsed


def _refuse(name: str, answer: dict[str, Any]) -> None:
    if "error" in answer:
        sys.exit(f"NATS refused {name}: {answer['error'].get('description')}")


if __name__ == "__main__":
    made = asyncio.run(create(os.environ["SAFAR_NODE"], ",".join(sys.argv[1:])))
    sys.stdout.write(f"{made} streams\n")
