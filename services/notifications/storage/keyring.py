"""The private keys of this node's agencies. Sealing and opening run on two threads, off the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from services.chassis.keys import FileKeyProvider, PrivateKeys, PublicKeys
from services.notifications.domain.envelope import Letter, Opened, Sealed, open_envelope, seal
from services.notifications.domain.errors import EnvelopeRefusedError

_THREADS = 2
Result = TypeVar("Result")


class Keyring:
    """Reads keys when they are first needed and keeps them while the process lives."""

    def __init__(self, provider: FileKeyProvider, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._provider = provider
        self._clock = clock
        self._cached: dict[str, PrivateKeys] = {}
        self._threads = ThreadPoolExecutor(_THREADS, "seal")

    def holds(self, agency_id: str) -> bool:
        """Whether this node keeps that agency's private keys."""
        return self._find(agency_id) is not None

    async def seal(self, letter: Letter, recipient: PublicKeys) -> Sealed:
        """Raises TooLargeError."""
        sender = self._find(letter.sender)
        if sender is None:
            raise KeyError(letter.sender)
        return await self._run(lambda: seal(letter, sender, recipient, self._clock()))

    async def open(self, data: bytes, recipient: str, known: Mapping[int, PublicKeys], at: datetime) -> Opened:
        """Raises EnvelopeRefusedError or KeyNotYetKnownError."""
        keys = self._find(recipient)
        if keys is None:
            raise EnvelopeRefusedError("recipient_unknown")
        return await self._run(lambda: open_envelope(data, keys, known, at))

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _find(self, agency_id: str) -> PrivateKeys | None:
        if agency_id not in self._cached:
            try:
                self._cached[agency_id] = self._provider.agency_keys(agency_id)
            except FileNotFoundError:
                return None
        return self._cached[agency_id]
