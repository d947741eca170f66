"""Who may ask, and where the answers come from."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from contracts.terms import Country, Role
from services.chassis.auth import Principal, RoleMissingError, require
from services.coordination.domain.ports import Ledger


@dataclass(frozen=True)
class Desk:
    """The node's counts, who coordinates with them, the threshold that applies to that role (design §7).

    `home` is the country whose view it is; None in the region.
    """

    ledger: Ledger
    role: Role
    threshold: int
    home: Country | None


async def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


CountDesk = Annotated[Desk, Depends(desk_of)]


async def coordinator(request: Request, found: Annotated[Principal, Depends(require())]) -> Principal:
    """The coordinator of this node: the national one in a country, the regional one in the region."""
    role = (await desk_of(request)).role
    if not found.has(role):
        raise RoleMissingError(frozenset({role}))
    return found


Coordinator = Annotated[Principal, Depends(coordinator)]
Colleague = Annotated[
    Principal, Depends(require(Role.CASEWORKER, Role.SUPERVISOR, Role.AGENCY_ADMIN, Role.INTEGRATION))
]
