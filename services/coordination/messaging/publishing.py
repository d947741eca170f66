"""The role `publish`: every few seconds, what changed goes to the region."""

import asyncio
from datetime import UTC, datetime

from contracts.terms import Country
from services.chassis.database import LOST
from services.chassis.logs import Log
from services.coordination.domain.disclosure import PARTNER_THRESHOLD
from services.coordination.domain.ports import Ledger
from services.coordination.usecases.publish_counts import publish_at_home, publish_counts

log = Log("publishing")


class CountPublisher:
    """Any number may run; the database lets one at a time publish.

    `step`: how many referrals must have changed; at home never more than the threshold that applies there.
    """

    def __init__(self, ledger: Ledger, country: Country | None, seconds: float, step: int) -> None:
        self._ledger = ledger
        self._country = country
        self._seconds = seconds
        self._step = step

    async def run(self) -> None:
        """For ever; the region itself has nobody to tell."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                while await self.publish():
                    pass
            except LOST as error:
                log.warning("publishing_lost_database", error=type(error).__name__)

    async def publish(self) -> int:
        """What is due at home, and one message of changed cells to the region; returns how many cells."""
        if self._country is None:
            return 0
        async with self._ledger.node("publish") as books:
            await publish_at_home(books.counts, min(self._step, PARTNER_THRESHOLD))
        async with self._ledger.node("publish") as books:
            return await publish_counts(books, self._country, datetime.now(UTC), self._step)
