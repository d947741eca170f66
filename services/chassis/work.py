"""The unit of work: one request or one message is one transaction, with its events in the same transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.chassis.database import Connection, Context, Database
from services.chassis.outbox import Outbox, Outgoing


@dataclass
class Work:
    """A running transaction and the outbox it tells its events to."""

    connection: Connection
    database: Database
    outbox: Outbox

    async def enter(self, context: Context) -> None:
        """Act for this agency from here on."""
        await self.database.enter(self.connection, context)

    async def tell(self, *outgoing: Outgoing) -> None:
        """Store events; they are published after commit, in this order within a lane."""
        await self.outbox.append(self.connection, outgoing)


class Units:
    """Begins units of work for a service."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self.database = database
        self.outbox = outbox

    @asynccontextmanager
    async def begin(self, context: Context | None) -> AsyncIterator[Work]:
        """A transaction for that agency, or without tenant; commits at the end and wakes the relay."""
        scope = self.database.plain() if context is None else self.database.transaction(context)
        async with scope as connection:
            yield Work(connection, self.database, self.outbox)
        self.database.hint()
