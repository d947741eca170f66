"""Server-side sessions in Postgres: the browser holds a random id, the database its hash and sealed content."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import asyncpg

from gateway.portal.forms import LIMIT, Form
from gateway.portal.sealing import Seal, digest, new_id

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=10)
SIGN_IN = timedelta(minutes=10)

_MOST_HELD = 8
Held = dict[str, Any]
"""A form that waits for its owner (subject and agency): `name`, `path` and what was `given`."""


@dataclass(frozen=True)
class Session:
    """A signed-in person. `held` are forms that were sent after the session before had ended.

    `forms` are the latest forms under way by an opaque name: an address names one without telling what was typed.
    """

    subject: str
    name: str
    agency: str
    agency_names: dict[str, str]
    roles: tuple[str, ...]
    csrf: str
    access_token: str
    expires: float
    refresh_token: str | None = None
    id_token: str | None = None
    held: list[Held] = field(default_factory=list)
    forms: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def has(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)


def hold(held: list[Held], path: str, given: dict[str, list[str]], owner: tuple[str, str]) -> list[Held]:
    """One more form that waits, under a name of its own; the oldest go where that is too much."""
    others = [one for one in held if (one["path"], tuple(one["owner"])) != (path, owner)]
    kept = [*others, {"name": new_id(), "path": path, "given": given, "owner": list(owner)}]
    while len(kept) > _MOST_HELD or sum(Form(one["given"]).size for one in kept[:-1]) > LIMIT:
        kept = kept[1:]
    return kept


@dataclass(frozen=True)
class SignIn:
    """A sign-in under way: what must come back unchanged from the provider; `onward` is the page that was asked for.

    `held` are forms that wait, each for its owner and for nobody else.
    """

    state: str
    nonce: str
    verifier: str
    held: list[Held] = field(default_factory=list)
    onward: str = ""


@dataclass(frozen=True)
class Found:
    """A session by its id, and whether it still runs."""

    session: Session
    alive: bool


Renewal = Callable[[Session], Awaitable[Session | None]]


class Sessions(Protocol):
    """Where sessions are kept."""

    async def start(self, session: Session) -> str: ...
    async def find(self, identifier: str) -> Found | None: ...
    async def renew(self, identifier: str, renewal: Renewal) -> Session | None: ...
    async def replace(self, identifier: str, session: Session) -> None: ...
    async def end(self, identifier: str) -> None: ...
    async def begin_sign_in(self, sign_in: SignIn) -> str: ...
    async def take_sign_in(self, identifier: str) -> SignIn | None: ...
    async def ready(self) -> bool: ...


class PostgresSessions:
    """Sessions in the portal's own database."""

    def __init__(self, pool: asyncpg.Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    async def start(self, session: Session) -> str:
        """Keep a session under a fresh id; what ended long ago is swept on the way."""
        identifier = new_id()
        row = digest(identifier)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("DELETE FROM session WHERE ends_at < now() - interval '1 hour'")
            await connection.execute(
                "INSERT INTO session (id_hash, sealed, ends_at) VALUES ($1, $2, now() + $3)",
                row,
                self._seal.close(asdict(session), row),
                LONGEST,
            )
        return identifier

    async def find(self, identifier: str) -> Found | None:
        """The session, its idle time started anew if it is alive."""
        row = digest(identifier)
        found = await self._pool.fetchrow(
            """WITH before AS (SELECT * FROM session WHERE id_hash = $1), touched AS (
                 UPDATE session s SET seen_at = now() FROM before b
                 WHERE s.id_hash = b.id_hash AND b.ends_at > now() AND b.seen_at > now() - $2::interval RETURNING 1)
               SELECT sealed, EXISTS (SELECT 1 FROM touched) AS alive FROM before""",
            row,
            IDLE,
        )
        return Found(self._session(found["sealed"], row), found["alive"]) if found else None

    async def renew(self, identifier: str, renewal: Renewal) -> Session | None:
        """Renew tokens once, however many requests ask for it: the row is locked meanwhile."""
        row = digest(identifier)
        async with self._locked(row) as (connection, session):
            if session is None:
                return None
            renewed = await renewal(session)
            if renewed is None:
                await connection.execute("DELETE FROM session WHERE id_hash = $1", row)
            elif renewed is not session:
                await self._write(connection, row, renewed)
            return renewed

    async def replace(self, identifier: str, session: Session) -> None:
        row = digest(identifier)
        await self._write(self._pool, row, session)

    async def end(self, identifier: str) -> None:
        await self._pool.execute("DELETE FROM session WHERE id_hash = $1", digest(identifier))

    async def begin_sign_in(self, sign_in: SignIn) -> str:
        identifier = new_id()
        row = digest(identifier)
        await self._pool.execute("DELETE FROM sign_in WHERE begun_at < now() - $1::interval", SIGN_IN)
        await self._pool.execute(
            "INSERT INTO sign_in (id_hash, sealed) VALUES ($1, $2)", row, self._seal.close(asdict(sign_in), row)
        )
        return identifier

    async def take_sign_in(self, identifier: str) -> SignIn | None:
        """A sign-in can be finished once."""
        row = digest(identifier)
        sealed = await self._pool.fetchval(
            "DELETE FROM sign_in WHERE id_hash = $1 AND begun_at > now() - $2::interval RETURNING sealed", row, SIGN_IN
        )
        return SignIn(**self._seal.open(sealed, row)) if sealed else None

    async def ready(self) -> bool:
        return bool(await self._pool.fetchval("SELECT true"))

    @asynccontextmanager
    async def _locked(self, row: bytes) -> AsyncIterator[tuple[Any, Session | None]]:
        async with self._pool.acquire() as connection, connection.transaction():
            sealed = await connection.fetchval("SELECT sealed FROM session WHERE id_hash = $1 FOR UPDATE", row)
            yield connection, self._session(sealed, row) if sealed else None

    async def _write(self, connection: Any, row: bytes, session: Session) -> None:
        sealed = self._seal.close(asdict(session), row)
        await connection.execute("UPDATE session SET sealed = $2 WHERE id_hash = $1", row, sealed)

    def _session(self, sealed: bytes, row: bytes) -> Session:
        value = self._seal.open(sealed, row)
        return Session(**value | {"roles": tuple(value["roles"])})
