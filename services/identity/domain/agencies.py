"""Who takes part at a node: agencies, their staff and API clients, and the corridors between countries."""

from dataclasses import dataclass
from datetime import date

from contracts.terms import AgencyKind, Country, Role


@dataclass(frozen=True)
class Names:
    """A public name; both languages are always there."""

    en: str
    ru: str


@dataclass(frozen=True)
class Agency:
    """The tenant. `focal_point` is the username of the person partners turn to."""

    agency_id: str
    kind: AgencyKind
    names: Names
    district: str | None = None
    focal_point: str | None = None

    @property
    def node(self) -> str:
        return self.agency_id.partition(".")[0]

    @property
    def alias(self) -> str:
        """How the identity provider names it: the first dot becomes a dash."""
        return self.agency_id.replace(".", "-", 1)


@dataclass(frozen=True)
class Staff:
    """A member of an agency's staff."""

    username: str
    name: str
    agency_id: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class ApiClient:
    """A system that acts for one agency."""

    client_id: str
    agency_id: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Agreement:
    """The text that allows referrals over a corridor."""

    reference: str
    title: str
    opened_on: date


@dataclass(frozen=True)
class Corridor:
    """Referrals may go from origin to destination under an agreement."""

    origin: Country
    destination: Country
    agreement: Agreement


@dataclass(frozen=True)
class AgencyKey:
    """An agency's public keys of one version: raw bytes, Ed25519 to verify, `suite` to seal."""

    agency_id: str
    version: int
    suite: str
    sign_public: bytes
    seal_public: bytes


@dataclass(frozen=True)
class Declaration:
    """A node as its fixture declares it."""

    node: str
    names: Names
    agencies: tuple[Agency, ...]
    staff: tuple[Staff, ...]
    clients: tuple[ApiClient, ...]
    corridors: tuple[Corridor, ...]

    def agency(self, agency_id: str) -> Agency:
        return next(agency for agency in self.agencies if agency.agency_id == agency_id)

    def staff_of(self, agency: Agency) -> tuple[Staff, ...]:
        return tuple(one for one in self.staff if one.agency_id == agency.agency_id)

    def clients_of(self, agency: Agency) -> tuple[ApiClient, ...]:
        return tuple(one for one in self.clients if one.agency_id == agency.agency_id)

    @property
    def node_agency(self) -> str:
        """The pseudo-agency that signs and opens what the node itself sends and gets."""
        return f"{self.node}.node"
