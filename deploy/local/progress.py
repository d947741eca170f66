"""Lines that tell what is happening, and how long it has taken."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Progress:
    started: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """One line with the seconds since the start."""
        print(f"[{time.monotonic() - self.started:5.1f} s] {text}", flush=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announce a step when it is done, with its own duration."""
        begun = time.monotonic()
        yield
        self.say(f"{text} ({time.monotonic() - begun:.1f} s)")
