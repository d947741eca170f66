"""What identity needs from outside."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from contracts.terms import Country
from services.identity.domain.agencies import Agency, AgencyKey, ApiClient, Corridor, Declaration, Staff
from services.identity.domain.events import Event


class Agencies(Protocol):
    """Public reference data of the node; a suspended agency is not among them until it is saved again."""

    async def find(self, agency_id: str) -> Agency | None: ...
    async def all(self) -> list[Agency]: ...
    async def save(self, agency: Agency) -> None: ...
    async def suspend(self, agency_id: str) -> bool: ...
    async def has_key(self, agency_id: str, version: int) -> bool: ...
    async def add_key(self, key: AgencyKey) -> datetime: ...
    async def keys(self) -> list[tuple[AgencyKey, datetime]]: ...


class Corridors(Protocol):
    async def is_open(self, origin: Country, destination: Country) -> bool: ...
    async def add(self, corridor: Corridor) -> None: ...
    async def close(self, origin: Country, destination: Country) -> bool: ...
    async def all_open(self) -> list[Corridor]: ...


class People(Protocol):
    """The rows of one agency, behind the wall."""

    async def find_staff(self, username: str) -> Staff | None: ...
    async def all_staff(self) -> list[Staff]: ...
    async def save_staff(self, staff: Staff) -> None: ...
    async def keep_only(self, staff: Collection[str], clients: Collection[str]) -> int: ...
    async def find_client(self, client_id: str) -> ApiClient | None: ...
    async def save_client(self, client: ApiClient) -> None: ...


class Unit(Protocol):
    """One transaction: the repositories that share it, and the events told in it."""

    @property
    def agencies(self) -> Agencies: ...
    @property
    def corridors(self) -> Corridors: ...
    @property
    def people(self) -> People: ...

    async def tell(self, events: Iterable[Event]) -> None: ...


class Registry(Protocol):
    """Begins transactions: for one agency, or for the node's public data only."""

    def begin(self, agency_id: str | None = None, principal: str = "") -> AbstractAsyncContextManager[Unit]: ...


class AgencyKeys(Protocol):
    """Makes key pairs; the private halves never come out of it."""

    def create_keys(self, agency_id: str) -> AgencyKey: ...


class IdentityProvider(Protocol):
    """Where people and systems prove who they are: Keycloak, or nanoidp in development.

    Both are brought to the same declaration; a second call with the same declaration changes nothing.
    """

    async def reconcile(self, declaration: Declaration) -> Sequence[str]:
        """Bring realm, organizations, staff and clients to the declaration; what was changed, in words without names.

        Raises:
            ProviderUnavailableError: the provider does not answer.
        """
