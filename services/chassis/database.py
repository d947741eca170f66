"""Postgres by asyncpg: one pool, transactions that carry a signed tenant context (design §5)."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg
from asyncpg.exceptions._base import DataError as UnencodableError
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"

NODE = "*"
"""The agency of the node's own work (clock, receipts): only policies made with `system=True` let it through."""

_LIFETIME = 300

BAD_VALUE = (asyncpg.DataError, UnencodableError)
"""A value that Postgres or its protocol cannot hold: NUL in a text, a number or a date out of range."""

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""A connection, or a server, that may be back when asked again.

The last of them is what asyncpg says of a connection that broke while a statement was under way and is used once more.
"""

AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""Postgres is going, gone or coming; of `LOST` what no statement of ours can cause."""

UNSTORABLE = (*BAD_VALUE, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""What a value does that no repetition mends; anything else of Postgres may pass."""


def may_pass(error: Exception) -> bool:
    """Whether the same may succeed when it is tried again: something was lost, and nothing is wrong with the value."""
    return isinstance(error, LOST) and not isinstance(error, UNSTORABLE)


@dataclass(frozen=True)
class Context:
    """For whom a transaction runs."""

    agency: str
    principal: str


class ContextSigner:
    """Signs a context so that SQL injection can replay its own but never name another agency."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, context: Context) -> str:
        """`agency|principal|expires|mac`, checked by `safar.agency()` in the database."""
        message = f"{context.agency}|{context.principal.replace('|', '')}|{int(time.time()) + _LIFETIME}"
        return f"{message}|{hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()}"


class Database:
    """A service's own database."""

    def __init__(self, url: str, signer: ContextSigner, pool_size: int = 8) -> None:
        self._url = url
        self._signer = signer
        self._size = pool_size
        self._pool: asyncpg.Pool | None = None
        self._hint: asyncio.Task[None] | None = None
        self._hinted = False

    @property
    def pool(self) -> asyncpg.Pool:
        if self._pool is None:
            raise RuntimeError("the database is not open")
        return self._pool

    async def open(self) -> None:
        """Connect; waits for a database that is still starting."""
        while self._pool is None:
            try:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=self._size,
                    reset=_nothing_to_reset,
                    server_settings={"application_name": "safar", "timezone": "UTC"},
                )
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError):
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def transaction(self, context: Context) -> AsyncIterator[Connection]:
        """One transaction in that agency's context; commits at the end, rolls back on any error."""
        async with self.pool.acquire() as connection, connection.transaction():
            await self.enter(connection, context)
            yield connection

    @asynccontextmanager
    async def plain(self) -> AsyncIterator[Connection]:
        """One transaction without a tenant: tenant tables raise, infrastructure tables work."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    async def enter(self, connection: Connection, context: Context) -> None:
        """Set the context of the running transaction."""
        await connection.execute("SELECT set_config('safar.context', $1, true)", self._signer.sign(context))

    def signed(self, context: Context) -> str:
        """The signed context as a value, for a statement that sets it itself (hot paths)."""
        return self._signer.sign(context)

    def hint(self) -> None:
        """Wake the relay soon; after commit, because NOTIFY inside a transaction serialises commits (nats.md §5)."""
        self._hinted = True
        if self._hint is None or self._hint.done():
            self._hint = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        while self._hinted:  # what commits while a NOTIFY is under way may have come too late for it
            await asyncio.sleep(0.002)
            self._hinted = False
            if self._pool is None:
                return  # closed meanwhile
            try:
                await self._pool.execute("NOTIFY outbox")
            except LOST:
                return  # the relay polls every second as well


async def _nothing_to_reset(_: object) -> None:
    """All settings are transaction-local, so the pool's reset round trip would buy nothing."""
