"""One program that the launcher keeps running."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """The system account a component runs as, where that is not our own."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Component:
    """What to start, how to know that it is ready, how to end it.

    `ready` is an http address that answers 2xx, or a TCP port. `rank` orders shutdown: higher ends first.
    """

    id: str
    node: str
    kind: str
    command: tuple[str, ...]
    port: int
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    url: str | None = None
    ready: str | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within: float = 90.0
    ends_within: float = 15.0
    rank: int = 1
