"""The node's NATS server. The traps of nats-py 2.16 that this avoids are listed in nats.md §4."""

import asyncio
import contextlib
import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from services.chassis.logs import Log
from services.chassis.nats_client import SteadyClient
from services.chassis.pull import Pull

log = Log("bus")

PUBLISH_TIMEOUT = 5.0
REQUEST_SECONDS = 5.0
"""How long a reader's request for messages stands at the server."""
_SETTLE_SECONDS = 0.2


class Publisher(Protocol):
    """What the relay needs of a bus."""

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None: ...


class RefusedError(Exception):
    """The server will never take this message as it is (too large, no permission, no such stream)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_NO_ACKNOWLEDGEMENT = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""Reading an answer that is none raises these: at the border anybody may answer."""


class Bus:
    """One connection to one account; never gives up, and ends the process if NATS closes it for good."""

    def __init__(self, client: Client, pulls: set[Pull]) -> None:
        self.client = client
        self.jetstream: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT)
        self._pulls = pulls

    @classmethod
    async def connect(cls, url: str, seed_file: Path, ca_file: Path | None, name: str) -> "Bus":
        """Connect as `name`, whose inbox is nobody else's to hear; waits for a server that is still starting."""
        tls = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
        said, pulls = "", set[Pull]()
        while True:
            try:
                async with asyncio.timeout(10):
                    client = await _connect(url, seed_file, tls, name, pulls)
                return cls(client, pulls)
            except (OSError, TimeoutError, nats.errors.Error) as error:
                if type(error).__name__ != said:
                    said = type(error).__name__
                    log.warning("bus_unreachable", error=said)
                await asyncio.sleep(0.2)

    @property
    def is_connected(self) -> bool:
        return bool(self.client.is_connected)

    async def close(self) -> None:
        with contextlib.suppress(OSError):  # nats-py flushes into a lost connection; the outbox keeps what was unsent
            await self.client.close()

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
        """Publish and wait for the stream's PubAck; raises RefusedError when repeating cannot help."""
        try:
            await self.jetstream.publish(subject, payload, headers=dict(headers), timeout=PUBLISH_TIMEOUT)
        except nats.errors.MaxPayloadError as error:
            raise RefusedError("too_large") from error
        except nats.errors.BadSubjectError as error:
            raise RefusedError("bad_subject") from error
        except _NO_ACKNOWLEDGEMENT as error:
            raise nats.errors.Error("nats: 'no acknowledgement'") from error

    @contextlib.asynccontextmanager
    async def bound(self, stream: str, durable: str) -> AsyncIterator[Pull]:
        """The messages of a consumer that deployment made, from the oldest that is not acknowledged; waits for it.

        Given back at the end: a pull request left open would swallow messages until `ack_wait` is over.
        """
        pull = await self._bind(stream, durable)
        self._pulls.add(pull)
        try:
            yield pull
        finally:
            self._pulls.remove(pull)
            with contextlib.suppress(nats.errors.Error):
                await pull.unsubscribe()

    async def _bind(self, stream: str, durable: str) -> Pull:
        while True:
            try:
                await self._settle(stream, durable)
                await self._rewind(stream, durable)
                return await Pull.open(self.client, stream, durable)
            except (TimeoutError, nats.errors.Error) as error:
                log.warning("consumer_missing", stream=stream, durable=durable, error=_code(error))
                await asyncio.sleep(1)

    async def _settle(self, stream: str, durable: str) -> None:
        """Wait until no other request stands: on a server with leaf nodes, one that died still takes messages for 2 s.

        Who takes over from a reader that has just ended would miss them, and get them late and out of order. A reader
        that lives is not waited for longer than its request may stand.
        """
        for _ in range(round(REQUEST_SECONDS / _SETTLE_SECONDS)):
            if not (await self.jetstream.consumer_info(stream, durable, timeout=2)).num_waiting:
                return
            await asyncio.sleep(_SETTLE_SECONDS)

    async def _rewind(self, stream: str, durable: str) -> None:
        """Have all that is not acknowledged delivered again now and in order; of a missing consumer nothing is heard.

        Else what a killed process had in hand comes `ack_wait` later, and at the border 2 of 23,748 overtook.
        """
        answer = await self.client.request(f"$JS.API.CONSUMER.RESET.{stream}.{durable}", b"", timeout=2)
        refused = json.loads(answer.data).get("error")
        if refused:
            raise nats.errors.Error(f"nats: '{refused.get('description')}'")


async def _connect(url: str, seed_file: Path, tls: ssl.SSLContext | None, name: str, pulls: set[Pull]) -> Client:
    async def on_error(error: Exception) -> None:
        log.warning("bus_error", error=_code(error))

    async def on_lost() -> None:
        log.warning("bus_lost")
        for pull in pulls:
            pull.lose()

    seed = seed_file.read_text().strip()  # noqa: ASYNC240  (once, at start, 58 bytes)
    client = SteadyClient()
    await client.connect(
        url,
        name=name,
        inbox_prefix=f"_INBOX.{name}",
        nkeys_seed_str=seed,
        tls=tls,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=20,
        max_outstanding_pings=2,
        error_cb=on_error,
        reconnected_cb=on_lost,
        closed_cb=on_lost,
    )
    return client


def _code(error: Exception) -> str:
    """The server's own words as a code, without the subject it may name: `authorization_violation`."""
    words = re.match(r"nats: '([A-Za-z ]+?)(?: for [A-Z].*)?'?$", str(error))
    return words[1].lower().replace(" ", "_") if words else type(error).__name__
