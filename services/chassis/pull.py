"""A durable consumer's messages, by one pull request at a time that stands at the server.

Not nats-py's own fetch: in 2.16 it now and then keeps a message in hand until its window of seconds is over.
"""

import asyncio
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

    def __init__(self, client: Client, inbox: str, subject: str) -> None:
        self._client = client
        self._inbox = inbox
        self._subject = subject
        self._subscription: Subscription | None = None
        self._heard: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._lost = False
        self._number = 0
        self._left = 0
        self._until = 0.0

    @classmethod
    async def open(cls, client: Client, stream: str, durable: str) -> "Pull":
        pull = cls(client, client.new_inbox(), f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}")
        pull._subscription = await client.subscribe(f"{pull._inbox}.*", cb=pull._heard.put)
        return pull

    async def fetch(self, batch: int, wait: float) -> list[Msg]:
        """As soon as there is one message, all that are there, at most `batch`; none after `wait` seconds.

        Raises:
            nats.errors.Error: the consumer is gone, or the connection was: bind anew.
        """
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError  # wait_for of Python 3.11, in nats-py's requests, can swallow it
        messages: list[Msg] = []
        deadline = time.monotonic() + wait
        while not messages or (self._heard.qsize() and len(messages) < batch):
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

    def lose(self) -> None:
        """The connection was lost, and with it the request: whoever waits is told."""
        self._lost = True
        self._heard.put_nowait(None)

    async def unsubscribe(self) -> None:
        if self._subscription is not None:
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
            if self._lost:
                raise nats.errors.Error("nats: 'connection lost'")
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0.001)):
                    message = await self._heard.get()
            except TimeoutError:
                return None
            if message is None:
                continue
            if not message.subject.startswith(f"{self._inbox}."):  # its own subject: a message, whatever it says it is
                self._left -= 1
                return message
            status = JetStreamContext.is_status_msg(message)
            if message.subject == f"{self._inbox}.{self._number}" and status != _HEARTBEAT:
                self._left = 0
                if status not in _OVER:
                    raise nats.errors.Error(f"nats: '{(message.headers or {}).get('Description', status)}'")
                return None
