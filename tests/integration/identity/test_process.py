"""The service as the launcher runs it: one process, real Postgres and broker, reconciling as it starts."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx
import nats
import pytest

from tests.integration.identity.conftest import FIXTURES, ORIGIN, RunningProvider
from tests.support.code_flow import client_token
from tests.support.nats import NatsServer
from tests.support.postgres import CONTEXT_KEY, ROOT, PostgresServer, free_port


@pytest.fixture
def broker(tmp_path: Path) -> NatsServer:
    folder = tmp_path / "nats"
    folder.mkdir()
    return NatsServer(folder)


async def test_a_node_starts_announces_its_agencies_and_answers_an_api_client(
    postgres: PostgresServer, broker: NatsServer, nanoidp: RunningProvider, tmp_path: Path
) -> None:
    broker.start()
    place = await postgres.database("identity")
    (tmp_path / "context.key").write_text(CONTEXT_KEY)
    port = free_port()
    environment = {
        **os.environ,
        "SAFAR_NODE": "kz", "SAFAR_MODE": "development", "SAFAR_HTTP_PORT": str(port),
        "SAFAR_DATABASE_URL": place.app_url, "SAFAR_CONTEXT_KEY_FILE": str(tmp_path / "context.key"),
        "SAFAR_NATS_URL": broker.url, "SAFAR_NATS_SEED_FILE": str(broker.seed_file),
        "SAFAR_KEYS_DIR": str(tmp_path / "keys"), "SAFAR_ISSUERS": json.dumps([nanoidp.access["issuer"]]),
        "SAFAR_FIXTURE_FILE": str(FIXTURES / "kz.yaml"), "SAFAR_IDENTITY_PROVIDER": "nanoidp",
        "SAFAR_PROVIDER_DIR": str(nanoidp.directory), "SAFAR_PROVIDER_URL": nanoidp.access["issuer"]["issuer"],
        "SAFAR_PORTAL_ORIGIN": ORIGIN, "SAFAR_RECONCILE_ON_START": "true",
    }  # fmt: skip
    connection = await nats.connect(broker.url, nkeys_seed=str(broker.seed_file))
    stream = connection.jetstream()
    await stream.add_stream(name="EVENTS", subjects=["event.>"])
    log = (tmp_path / "log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.identity", "all", env=environment, cwd=ROOT, stderr=log
    )

    try:
        token = await client_token(nanoidp.access, "kz.sapar-demo")
        me = await _answer(f"http://127.0.0.1:{port}/v1/me", token)
        announced = await _messages(stream, 26)
    finally:
        process.send_signal(signal.SIGTERM)
        ended = await asyncio.wait_for(process.wait(), 15)
        await connection.close()
        broker.kill()
        log.close()

    assert (me["agency_id"], me["is_client"], me["roles"]) == ("kz.sapar-demo", True, ["integration"])
    assert announced == 26  # 4 agencies and 5 keys, each to the node and to partners, and 8 corridors
    assert ended == 0
    assert b"Primerova" not in (tmp_path / "log").read_bytes()


async def _answer(url: str, token: str) -> dict[str, object]:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(150):
            try:
                answer = await http.get(url, headers={"Authorization": f"Bearer {token}"})
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
                continue
            body: dict[str, object] = answer.json()
            return body
    raise TimeoutError("identity did not answer within fifteen seconds")


async def _messages(stream: nats.js.JetStreamContext, wanted: int) -> int:
    for _ in range(100):
        found = (await stream.stream_info("EVENTS")).state.messages
        if found >= wanted:
            return found
        await asyncio.sleep(0.1)
    return found
