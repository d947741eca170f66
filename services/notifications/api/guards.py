"""Who may see what, and what a route works with."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends, Request

from contracts.terms import Role
from services.chassis.auth import Principal, require
from services.chassis.database import NODE, Context

READERS = (
    Role.CASEWORKER,
    Role.SUPERVISOR,
    Role.AGENCY_ADMIN,
    Role.DATA_PROTECTION_OFFICER,
    Role.INTEGRATION,
)
KEEPERS = (Role.PLATFORM_OPERATOR, Role.AGENCY_ADMIN)

Reader = Annotated[Principal, Depends(require(*READERS))]
Keeper = Annotated[Principal, Depends(require(*KEEPERS))]

Rows = Sequence[Mapping[str, Any]]


class Envelopes(Protocol):
    async def about(self, subject: str) -> Rows: ...


class DeadLetters(Protocol):
    async def page(self, limit: int) -> Rows: ...
    async def retry(self, dead_letter_id: UUID) -> bool: ...


class Messages(Protocol):
    async def waiting(self) -> Rows: ...


class Arrivals(Protocol):
    async def heard(self) -> dict[str, datetime]: ...


class Unit(Protocol):
    """One transaction's repositories, as far as the routes need them."""

    @property
    def envelopes(self) -> Envelopes: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def arrivals(self) -> Arrivals: ...


class Desk(Protocol):
    """What app.py gives the routes."""

    @property
    def peers(self) -> Sequence[str]: ...
    def begin(self, context: Context) -> AbstractAsyncContextManager[Unit]: ...


async def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def scope(principal: Principal) -> Context:
    """A platform operator keeps the whole node's letters, anyone else the own agency's."""
    everything = principal.has(Role.PLATFORM_OPERATOR)
    return Context(NODE if everything else principal.agency, principal.subject)
