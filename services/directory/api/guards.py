"""Who may do what, and what a route works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from contracts.terms import Country, Role
from services.chassis.auth import Principal, require
from services.directory.domain.errors import AgencyElsewhereError
from services.directory.domain.ports import Desks

READERS = tuple(role for role in Role if role is not Role.PLATFORM_OPERATOR)
PUBLISHERS = (Role.AGENCY_ADMIN, Role.SUPERVISOR, Role.INTEGRATION)


@dataclass(frozen=True)
class Counter:
    """What app.py gives the routes. `corridors` are the countries this one exchanges referrals with."""

    desks: Desks
    home: Country
    corridors: frozenset[Country]
    now: Callable[[], datetime]


async def counter(request: Request) -> Counter:
    found: Counter = request.app.state.counter
    return found


async def publisher(
    principal: Annotated[Principal, Depends(require(*PUBLISHERS))], at: Annotated[Counter, Depends(counter)]
) -> Principal:
    """Raises AgencyElsewhereError: a node publishes its own country's agencies only."""
    if not principal.agency.startswith(f"{at.home}."):
        raise AgencyElsewhereError
    return principal


AtCounter = Annotated[Counter, Depends(counter)]
Reader = Annotated[Principal, Depends(require(*READERS))]
Publisher = Annotated[Principal, Depends(publisher)]
