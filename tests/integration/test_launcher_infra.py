"""The launcher's parts below the services, started as a person would start them."""

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
import httpx
import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import APIError

from deploy.local.processes import marked
from deploy.local.state import ROOT, State

PORT = 9000
Dial = Callable[[str, str], Awaitable[Client]]


@dataclass
class Infra:
    """Postgres, NATS and the edges of KZ and UZ in a folder of their own."""

    folder: Path
    launcher: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SAFAR_")}
        return inherited | {"SAFAR_STATE": str(self.folder), "PORT": str(PORT), "COUNTRIES": "kz,uz,kg"}

    @property
    def addresses(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads((self.folder / "addresses.json").read_text())
        return known

    def start(self) -> None:
        log = self.folder.parent / "launcher.log"
        words = [sys.executable, "-m", "deploy.local", "run", "--only", "infra"]
        with log.open("wb") as output:
            self.launcher = subprocess.Popen(
                words, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        until(lambda: b"ready. Ctrl-C" in log.read_bytes(), 30)

    def command(self, *words: str, expect: int = 0, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", *words],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def status(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self.command("status", FORMAT="json"))
        return known


def until(true: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


async def _ignore(_: Exception) -> None:
    """Refusals are what these tests provoke."""


@pytest.fixture(scope="module")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infra]:
    made = Infra(tmp_path_factory.mktemp("launcher") / "state")
    made.start()
    yield made
    made.command("reset")


@pytest.fixture
async def dial(infra: Infra) -> AsyncIterator[Dial]:
    """Connects to a node's broker with one of its identities."""
    opened: list[Client] = []

    async def connect(node: str, identity: str) -> Client:
        broker = infra.addresses["nodes"][node]["broker"]
        tls = ssl.create_default_context(cafile=broker["ca_file"])
        seed = broker["seed_files"][identity]
        inbox = f"_INBOX.{identity}"
        opened.append(await nats.connect(broker["url"], tls=tls, nkeys_seed=seed, error_cb=_ignore, inbox_prefix=inbox))
        return opened[-1]

    yield connect
    for connection in opened:
        await connection.close()


async def test_a_message_to_uzbekistan_arrives_there_stamped_with_its_origin_and_nowhere_else(dial: Dial) -> None:
    sender = await dial("kz", "border")
    bystander = await dial("kg", "border-deployer")
    overheard: list[str] = []
    await bystander.subscribe("xb.>", cb=_note(overheard))

    acknowledged = await sender.jetstream().publish("xb.out.UZ.kz_sapar-demo.r1", b"sealed", timeout=5)

    arrived = await (await dial("uz", "border-deployer")).jetstream().get_msg("IN_KZ", acknowledged.seq)
    assert acknowledged.stream == "IN_KZ"
    assert re.fullmatch(r"xb\.in\.KZ\.[0-9]+", arrived.subject)
    assert arrived.data == b"sealed"
    assert overheard == []


async def test_what_a_country_writes_in_a_subject_comes_to_no_reader(dial: Dial) -> None:
    """Bytes that are no text would end nats-py's reading, and with it every other country's mail."""
    sender, reader = await dial("kz", "border"), await dial("uz", "border-deployer")
    inbox = sender.new_inbox()
    answers = await sender.subscribe(inbox)

    await sender._send_command(b"PUB xb.out.UZ.kz_x.a\xff\x0bb %s 1\r\nx\r\n" % inbox.encode())
    acknowledged = json.loads((await answers.next_msg(timeout=5)).data)

    arrived = await reader.jetstream().get_msg("IN_KZ", acknowledged["seq"])
    assert re.fullmatch(r"xb\.in\.KZ\.[0-9]+", arrived.subject)


async def test_a_country_cannot_speak_in_the_name_of_another(dial: Dial) -> None:
    forger, reader = await dial("kg", "border-deployer"), await dial("uz", "border-deployer")
    before = (await reader.jetstream().stream_info("IN_KZ")).state.messages

    acknowledged = await forger.jetstream().publish("xb.in.KZ.kz_sapar-demo.r1", b"forged", timeout=5)
    await forger.publish("xb.in.KG.kg_jardam-demo.r1", b"forged")
    await asyncio.sleep(0.5)

    assert acknowledged.domain == "kg", "it never left the forger's own node"
    assert (await reader.jetstream().stream_info("IN_KZ")).state.messages == before
    assert (await reader.jetstream().stream_info("IN_KG")).state.messages == 0


async def test_a_country_cannot_reach_the_streams_of_another(dial: Dial) -> None:
    curious = await dial("kg", "border-deployer")

    with pytest.raises((APIError, nats.errors.Error)):
        await curious.jetstream(domain="uz", timeout=1).stream_info("IN_KZ")


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.STREAM.PURGE.EVENTS",
        "$JS.API.STREAM.MSG.GET.EVENTS",
        "$JS.API.DIRECT.GET.EVENTS",
        "$JS.API.CONSUMER.CREATE.EVENTS",
        "$JS.API.CONSUMER.MSG.NEXT.EVENTS.referrals",
        "event.node.identity.x",
        "event.inbound.identity.x",
        "from.UZ.directory.x",
        "$JS.API.CONSUMER.MSG.NEXT.FROM_UZ.referrals",
    ],
)
async def test_a_service_can_neither_empty_nor_read_the_stream_nor_speak_for_another(dial: Dial, subject: str) -> None:
    service = await dial("kz", "directory")
    before = await _events(dial)

    with pytest.raises(nats.errors.TimeoutError):
        await service.request(subject, b"{}", timeout=1)

    assert await _events(dial) == before


async def test_a_service_tells_its_own_events(dial: Dial) -> None:
    before = await _events(dial)

    await (await dial("kz", "directory")).jetstream().publish("event.addressed.directory.x", b"{}", timeout=5)

    assert await _events(dial) == before + 1


async def test_what_came_from_a_country_is_told_in_a_stream_of_its_own(dial: Dial) -> None:
    before = await _events(dial)

    told = await (await dial("kz", "notifications")).jetstream().publish("from.UZ.identity.x", b"{}", timeout=5)

    assert told.stream == "FROM_UZ"
    kept = await (await dial("kz", "node-deployer")).jetstream().get_msg("FROM_UZ", told.seq)
    assert (kept.subject or "").startswith("event.inbound.identity.")
    assert await _events(dial) == before


async def test_the_border_relay_cannot_pretend_that_something_arrived(dial: Dial) -> None:
    relay = await dial("kz", "border")

    with pytest.raises(nats.errors.TimeoutError):
        await relay.request("xb.in.UZ.uz_najot-demo.r1", b"forged", timeout=1)


async def test_a_service_hears_neither_another_services_answers_nor_the_border(dial: Dial) -> None:
    service = await dial("kz", "directory")
    overheard: list[str] = []
    for subject in (">", "_INBOX.referrals.>", "event.>"):
        await service.subscribe(subject, cb=_note(overheard))

    await (await dial("kz", "referrals")).jetstream().publish("event.node.referrals.x", b"{}", timeout=5)
    await (await dial("kz", "border")).jetstream().publish("out.UZ.kz_sapar-demo.r2", b"sealed", timeout=5)
    await asyncio.sleep(0.3)

    assert overheard == []


async def test_accounts_of_one_node_do_not_hear_each_other(dial: Dial) -> None:
    service = await dial("kz", "node-deployer")
    overheard: list[str] = []
    await service.subscribe("out.>", cb=_note(overheard))

    await (await dial("kz", "border")).jetstream().publish("out.UZ.kz_sapar-demo.r3", b"sealed", timeout=5)
    await asyncio.sleep(0.3)

    assert overheard == []


async def _events(dial: Dial) -> int:
    deployer = await dial("kz", "node-deployer")
    return int((await deployer.jetstream().stream_info("EVENTS")).state.messages)


async def test_status_shows_what_waits_in_a_stream(infra: Infra, dial: Dial) -> None:
    before = _pending(infra.status(), "kz", "OUT_REGION")

    await (await dial("kz", "border")).jetstream().publish("out.REGION.kz_node.counts", b"sealed", timeout=5)

    assert _pending(infra.status(), "kz", "OUT_REGION") == before + 1


def test_status_shows_components_links_and_where_postgres_is(infra: Infra) -> None:
    known = infra.status()

    assert {one["state"] for one in known["components"]} == {"ready"}
    assert {link["node"]: link["state"] for link in known["leaf_links"]} == dict.fromkeys(
        ("region", "kz", "uz", "kg"), "up"
    )
    assert Path(known["postgres"]["data"]).name == "postgres"
    assert (known["postgres"]["system_user"] is not None) == (os.geteuid() == 0)


async def test_postgres_asks_for_a_password_and_listens_on_loopback_only(infra: Infra) -> None:
    url = infra.addresses["postgres"]["admin_url"]
    connection = await asyncpg.connect(url)

    assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
    assert await connection.fetchval("SHOW log_parameter_max_length_on_error") == "0"
    assert await connection.fetchval("SHOW jit") == "off"
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace(":", "x:", 2).replace("postgresqlx:", "postgresql:"), password="guess")


def test_only_the_owner_can_read_what_the_launcher_wrote(infra: Infra) -> None:
    files = [path for path in (infra.folder / "nodes").rglob("*") if path.is_file() and "store" not in path.parts]
    readable = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]

    assert files
    assert readable == []


def test_the_edge_answers_what_no_service_would_with_problems(infra: Infra) -> None:
    port = infra.addresses["nodes"]["kz"]["portal"].rsplit(":", 1)[1].strip("/")
    edge = f"http://127.0.0.1:{port}"

    foreign = httpx.get(f"{edge}/v1/me", headers={"Host": "evil.example"})
    absent = httpx.get(f"{edge}/v1/cases")

    assert [answer.status_code for answer in (foreign, absent)] == [421, 503]
    assert [answer.json()["code"] for answer in (foreign, absent)] == ["wrong_host", "unavailable"]
    assert {answer.headers["content-type"] for answer in (foreign, absent)} == {"application/problem+json"}


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/cases%2f..%2f..", "/v1/nothing/..%2f..", "//v1/x"])
def test_what_looks_like_the_api_is_never_answered_with_a_page(infra: Infra, path: str) -> None:
    with socket.create_connection(("127.0.0.1", PORT + 20), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'"code":"not_found"' in answer
    assert b"Content-Type: application/problem+json" in answer


@pytest.mark.parametrize(
    "body", [b"ZZ\r\nabc\r\n0\r\n\r\n", b"5;" + b"x" * 5000 + b"\r\nabcde\r\n0\r\n\r\n", b"2\r\nabXX\r\n0\r\n\r\n"]
)
def test_the_edge_says_of_a_broken_body_that_it_is_the_senders(infra: Infra, body: bytes) -> None:
    head = b"POST /v1/cases HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with _service(PORT + 24), socket.create_connection(("127.0.0.1", PORT + 20), 10) as connection:
        connection.sendall(head + body)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"malformed_request"' in answer
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer
    assert b"Retry-After" not in answer


def test_the_edge_refuses_a_request_larger_than_a_mebibyte(infra: Infra) -> None:
    with _service(PORT + 24) as received:
        small = httpx.post(f"http://127.0.0.1:{PORT + 20}/v1/cases?token=hidden", content=b"x" * 2**20)
        large = httpx.post(f"http://127.0.0.1:{PORT + 20}/v1/cases?token=hidden", content=b"x" * (2**20 + 1))

    assert (small.status_code, large.status_code) == (204, 413)
    assert not {"server", "via"} & {*small.headers, *large.headers}
    assert large.json()["code"] == "body_too_large"
    assert received == [2**20]
    assert "hidden" not in (infra.folder / "logs" / "kz.edge.log").read_text()


def test_a_component_that_is_killed_comes_back(infra: Infra) -> None:
    before = _pid(infra, "uz.nats")

    os.kill(before, signal.SIGKILL)

    until(lambda: _pid(infra, "uz.nats") not in {None, before}, 20)


def test_a_second_run_is_told_so_in_one_sentence(infra: Infra) -> None:
    said = infra.command("run", "--only", "infra", expect=1)

    assert "already running" in said
    assert "Traceback" not in said


def test_a_taken_port_is_named_with_its_holder(infra: Infra, tmp_path: Path) -> None:
    holder = _pid(infra, "region.edge")

    said = Infra(tmp_path / "state").command("run", "--only", "infra", expect=1)

    assert f"Port {PORT}, which region.edge needs, is taken by caddy (pid {holder})" in said
    assert "Traceback" not in said


def test_nothing_survives_a_killed_launcher_and_the_next_run_finds_the_state(infra: Infra) -> None:
    assert infra.launcher is not None
    os.kill(infra.launcher.pid, signal.SIGKILL)
    infra.launcher.wait()

    infra.command("stop")

    assert marked(State(infra.folder)) == []
    infra.start()
    assert _pending(infra.status(), "kz", "OUT_REGION") > 0


def test_stop_ends_a_running_launcher_cleanly(infra: Infra) -> None:
    assert infra.launcher is not None

    infra.command("stop")

    assert infra.launcher.wait(5) == 0
    assert marked(State(infra.folder)) == []
    assert {one["state"] for one in infra.status()["components"]} == {"down"}


@contextmanager
def _service(port: int) -> Iterator[list[int]]:
    """Stands in for a service: the sizes of the bodies it was sent whole."""
    received: list[int] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if "Content-Length" not in self.headers:
                self.rfile.read()  # until the edge gives up: who hangs up first would be taken for the one that failed
                return
            wanted = int(self.headers["Content-Length"])
            if len(self.rfile.read(wanted)) == wanted:
                received.append(wanted)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", port), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield received
        server.shutdown()


def _note(overheard: list[str]) -> Callable[[Any], Any]:
    async def note(message: Any) -> None:
        overheard.append(message.subject)

    return note


def _pending(known: dict[str, Any], node: str, stream: str) -> int:
    return next(int(one["pending"]) for one in known["streams"] if (one["node"], one["stream"]) == (node, stream))


def _pid(infra: Infra, component: str) -> Any:
    return next(one["pid"] for one in infra.status()["components"] if one["id"] == component)
