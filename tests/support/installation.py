"""A whole Safar of one's own: the launcher started as a person would, in a state folder and on ports of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.postgres import ROOT


@dataclass
class Installation:
    """A running installation; `addresses` is its addresses.json."""

    state: Path
    port: int
    environment: dict[str, str]
    launcher: subprocess.Popen[bytes]
    output: Path

    @property
    def addresses(self) -> dict[str, Any]:
        return json.loads((self.state / "addresses.json").read_text())

    def command(self, *words: str, **environment: str) -> str:
        """Run a launcher command and return what it printed."""
        result = subprocess.run(
            [sys.executable, "-m", "deploy.local", *words],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return result.stdout

    def status(self) -> dict[str, Any]:
        return json.loads(self.command("status", FORMAT="json"))

    def pid(self, component: str) -> int:
        """The pid of a running component."""
        return int(json.loads((self.state / "pids" / f"{component}.json").read_text())["pid"])

    def kill(self, component: str) -> None:
        """SIGKILL; the launcher brings it back."""
        os.kill(self.pid(component), signal.SIGKILL)

    @contextmanager
    def stopped(self, component: str) -> Iterator[None]:
        """SIGSTOP; what is told to it meanwhile waits."""
        pid = self.pid(component)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Every file that the installation wrote below its state folder."""
        for path in self.state.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(self.state)), path.read_bytes()


_PATIENCE = 300


@contextmanager
def running_installation(countries: str, port: int, **environment: str) -> Iterator[Installation]:
    """Start, wait until every component is ready, and stop at the end; fails with the launcher's own words."""
    with tempfile.TemporaryDirectory(prefix="safar-", ignore_cleanup_errors=True) as folder:
        state = Path(folder) / "state"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SAFAR_")}
        variables = inherited | {"SAFAR_STATE": str(state), "PORT": str(port), "COUNTRIES": countries, "DEMO": "0"}
        output = Path(folder) / "launcher.log"
        with output.open("wb") as log:
            launcher = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run"],
                cwd=ROOT,
                env=variables | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        made = Installation(state, port, variables | environment, launcher, output)
        try:
            _wait_until_ready(made)
            yield made
        finally:
            launcher.send_signal(signal.SIGINT)
            try:
                launcher.wait(60)
            finally:
                made.command("stop")
                made.command("reset")


def _wait_until_ready(made: Installation) -> None:
    """As long as the launcher itself waits: it ends with a sentence when a component does not come.

    On a machine of half the usual speed a Keycloak with four realms takes 80 s, and the services 30 s after it.
    """
    for _ in range(_PATIENCE * 10):
        said = made.output.read_text(errors="replace")
        assert made.launcher.poll() is None, f"the launcher ended:\n{said}"
        if "Ctrl-C" in said:
            return
        time.sleep(0.1)
    raise TimeoutError(f"not ready after {_PATIENCE} s:\n{made.output.read_text(errors='replace')}")
