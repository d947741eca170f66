"""A durable consumer's messages, by one pull request at a time that stands at the server.

Not nats-py's own fetch: in 2.16 it now and then keeps a message in hand until its window of seconds is over.
"""

import json
import time

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext

_GRACE = 1.0
_HEARTBEAT = "100"
_OVER = frozenset({"404", "408"})  # nothing there, or its time is up


class Pull:
    """Each request has an inbox of its own, so that a late word about an earlier one is told from the present one's."""

    def __init__(self, client: Client, subscription: Subscription, inbox: str, subject: str) -> None:
        self._client = client
        self._subscription = subscription
        self._inbox = inbox
        self._subject = subject
        self._number = 0
        self._left = 0
        self._until = 0.0

    @classmethod
    async def open(cls, client: Client, stream: str, durable: str) -> "Pull":
        inbox = client.new_inbox()
        subscription = await client.subscribe(f"{inbox}.*")
        return cls(client, subscription, inbox, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}")

    async def fetch(self, batch: int, wait: float) -> list[Msg]:
        """As soon as there is one message, all that are there, at most `batch`; none after `wait` seconds.

        Raises:
            nats.errors.Error: the consumer is gone, or the connection was closed: bind anew.
        """
        messages: list[Msg] = []
        deadline = time.monotonic() + wait
        while not messages or (self._subscription.pending_msgs and len(messages) < batch):
            try:
                if not messages and (self._left <= 0 or time.monotonic() > self._until):
                    await self._ask(batch, wait)
                message = await self._next(deadline)
            except nats.errors.Error:
                if messages:
                    break  # what is in hand goes first; the next request meets the same refusal
                raise
            if message is not None:
                messages.append(message)
            elif messages or time.monotonic() >= deadline:
                break
        return messages

    async def unsubscribe(self) -> None:
        await self._subscription.unsubscribe()

    async def _ask(self, batch: int, wait: float) -> None:
        self._number += 1
        self._left = batch
        self._until = time.monotonic() + wait + _GRACE
        request = json.dumps({"batch": batch, "expires": int(wait * 1e9)}).encode()
        await self._client.publish(self._subject, request, f"{self._inbox}.{self._number}")

    async def _next(self, deadline: float) -> Msg | None:
        """The next message; None when the request is over, or the deadline is there (the request then stands on)."""
        while True:
            try:
                message = await self._subscription.next_msg(max(deadline - time.monotonic(), 0.001))
            except nats.errors.TimeoutError:
                return None
            status = JetStreamContext.is_status_msg(message)
            if status is None:
                self._left -= 1
                return message
            if message.subject == f"{self._inbox}.{self._number}" and status != _HEARTBEAT:
                self._left = 0
                if status not in _OVER:
                    raise nats.errors.Error(f"nats: '{(message.headers or {}).get('Description', status)}'")
                return None
