"""A real nats-server with JetStream for integration tests; killed and restarted at will."""

import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import nkeys

from tests.support.postgres import free_port

_CONFIG = """
listen: 127.0.0.1:{port}
http: 127.0.0.1:{monitor}
jetstream {{ store_dir: "{store}", sync_interval: always }}
authorization {{ users: [ {{ nkey: {public} }} ] }}
"""


@dataclass
class NatsServer:
    """`seed_file` is the services' identity."""

    folder: Path
    port: int = field(default_factory=free_port)
    monitor: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def seed_file(self) -> Path:
        return self.folder / "seed"

    def start(self) -> None:
        """Start, or start again with the same store."""
        if not self.seed_file.exists():
            self.seed_file.write_bytes(bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)))
        public = nkeys.from_seed(bytearray(self.seed_file.read_bytes())).public_key.decode()
        config = self.folder / "nats.conf"
        store = self.folder / "js"
        config.write_text(_CONFIG.format(port=self.port, monitor=self.monitor, store=store, public=public))
        binary = Path(sys.executable).parent / "nats-server"
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([binary, "-c", config], stdout=log, stderr=log)
        self._wait()

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("nats-server did not answer within ten seconds")
