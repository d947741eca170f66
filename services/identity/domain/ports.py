"""What identity needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contracts.terms import Country
from services.identity.domain.agencies import Agency, AgencyKey, ApiClient, Corridor, Declaration, Staff


class Agencies(Protocol):
    """Public reference data of the node."""

    async def find(self, agency_id: str) -> Agency | None: ...
    async def save(self, agency: Agency) -> None: ...
    async def has_key(self, agency_id: str, version: int) -> bool: ...
    async def add_key(self, key: AgencyKey) -> datetime: ...


class Corridors(Protocol):
    async def is_open(self, origin: Country, destination: Country) -> bool: ...
    async def add(self, corridor: Corridor) -> None: ...


class People(Protocol):
    """The rows of one agency, behind the wall."""

    async def find_staff(self, username: str) -> Staff | None: ...
    async def save_staff(self, staff: Staff) -> None: ...
    async def find_client(self, client_id: str) -> ApiClient | None: ...
    async def save_client(self, client: ApiClient) -> None: ...


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
