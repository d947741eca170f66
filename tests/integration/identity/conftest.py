"""Real identity providers for integration tests, each from the fixture of Kazakhstan."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deploy.keycloak import server
from services.chassis.settings import Issuer
from services.chassis.tokens import TokenVerifier
from services.identity.domain.agencies import Declaration
from services.identity.domain.ports import IdentityProvider
from services.identity.storage.fixture import read_fixture
from services.identity.storage.keycloak import Keycloak
from services.identity.storage.nanoidp import NanoIdp
from tests.support.code_flow import Portal
from tests.support.postgres import ROOT, free_port

FIXTURES = ROOT / "deploy" / "local" / "fixtures"
ORIGIN = "http://localhost:9299"


@dataclass(frozen=True)
class RunningProvider:
    """A provider that was brought to the fixture, and what `access.json` says of it."""

    provider: IdentityProvider
    directory: Path
    verifier: TokenVerifier

    @property
    def access(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.directory / "access.json").read_text())
        return said

    @property
    def portal(self) -> Portal:
        return Portal.of(self.access, ORIGIN)

    def login(self, username: str) -> tuple[str, str]:
        password = next(one["password"] for one in self.access["logins"] if one["username"] == username)
        return username, password


@pytest.fixture(scope="session")
def kazakhstan() -> Declaration:
    return read_fixture(FIXTURES / "kz.yaml")


@pytest_asyncio.fixture(scope="session")
async def nanoidp(tmp_path_factory: pytest.TempPathFactory, kazakhstan: Declaration) -> AsyncIterator[RunningProvider]:
    """nanoidp, started as the launcher starts it."""
    directory, port = tmp_path_factory.mktemp("nanoidp"), free_port()
    provider = NanoIdp(directory, f"http://localhost:{port}", ORIGIN)
    await provider.reconcile(kazakhstan)
    command = [sys.executable, "-m", "deploy.nanoidp.server", str(directory)]
    with _running(command, {**os.environ}, f"http://127.0.0.1:{port}/health"):
        described = _described(provider, directory)
        yield described
        await described.verifier.close()


@pytest_asyncio.fixture(scope="session")
async def keycloak(tmp_path_factory: pytest.TempPathFactory, kazakhstan: Declaration) -> AsyncIterator[RunningProvider]:
    """A real Keycloak; fetched and built on first use."""
    directory, state = tmp_path_factory.mktemp("kz"), tmp_path_factory.mktemp("keycloak")
    await asyncio.to_thread(server.prepare)
    port, management, password = free_port(), free_port(), secrets.token_urlsafe(12)
    environment = {**os.environ, **server.environment(state, password)}
    command = server.command(port, management)
    with _running(command, environment, f"http://127.0.0.1:{management}/health/ready"):
        provider = Keycloak(directory, f"http://localhost:{port}", ORIGIN, server.ADMINISTRATOR, password)
        await provider.reconcile(kazakhstan)
        described = _described(provider, directory)
        yield described
        await described.verifier.close()


def _described(provider: IdentityProvider, directory: Path) -> RunningProvider:
    issuer = Issuer.model_validate(json.loads((directory / "access.json").read_text())["issuer"])
    return RunningProvider(provider, directory, TokenVerifier([issuer], mode="development"))


@contextmanager
def _running(command: list[str], environment: dict[str, str], ready: str) -> Iterator[None]:
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            _wait(ready, process)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(ready: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1500):
        try:
            with urllib.request.urlopen(ready, timeout=1):  # noqa: S310  (loopback)
                return
        except OSError:
            assert process.poll() is None, "the identity provider ended"
            time.sleep(0.2)
    raise TimeoutError("the identity provider was not ready within five minutes")
