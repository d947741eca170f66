"""A pull subscription that is given back."""

import contextlib
from collections.abc import AsyncIterator

import nats.errors

from services.chassis.bus import Bus
from services.chassis.pull import Pull


@contextlib.asynccontextmanager
async def bound(bus: Bus, stream: str, durable: str) -> AsyncIterator[Pull]:
    """Bind, and unsubscribe at the end: a pull request left open would swallow messages until `ack_wait` is over."""
    subscription = await bus.bind(stream, durable)
    try:
        yield subscription
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
