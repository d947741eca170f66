"""The declarative fixture of a node (YAML) → a declaration. Holds no secret: an unknown key is refused."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import AgencyId
from contracts.terms import AgencyKind, Country, Role
from services.identity.domain import agencies as domain
from services.identity.domain.errors import DeclarationError

Username = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,40}$")]
ClientId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,80}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamesEntry(_Entry):
    en: str
    ru: str

    def read(self) -> domain.Names:
        return domain.Names(self.en, self.ru)


class AgencyEntry(_Entry):
    id: AgencyId
    kind: AgencyKind
    names: NamesEntry
    district: str | None = None
    focal_point: Username | None = None

    def read(self) -> domain.Agency:
        return domain.Agency(self.id, self.kind, self.names.read(), self.district, self.focal_point)


class StaffEntry(_Entry):
    username: Username
    name: str
    agency: AgencyId
    roles: frozenset[Role]

    def read(self) -> domain.Staff:
        return domain.Staff(self.username, self.name, self.agency, self.roles)


class ClientEntry(_Entry):
    client_id: ClientId
    agency: AgencyId
    roles: frozenset[Role]

    def read(self) -> domain.ApiClient:
        return domain.ApiClient(self.client_id, self.agency, self.roles)


class AgreementEntry(_Entry):
    reference: str
    title: str
    opened_on: date

    def read(self) -> domain.Agreement:
        return domain.Agreement(self.reference, self.title, self.opened_on)


class CorridorEntry(_Entry):
    origin: Country
    destination: Country
    agreement: str


class NodeEntry(_Entry):
    """The whole file. Whom it does not name takes part no more, so a file without agencies is refused."""

    node: str
    names: NamesEntry
    agencies: Annotated[tuple[AgencyEntry, ...], Field(min_length=1)]
    staff: tuple[StaffEntry, ...]
    clients: tuple[ClientEntry, ...] = ()
    corridors: tuple[CorridorEntry, ...] = ()
    agreements: tuple[AgreementEntry, ...] = ()


def read_fixture(path: Path) -> domain.Declaration:
    """The declaration in this file.

    Raises:
        DeclarationError: it contradicts itself.
        pydantic.ValidationError: an entry is malformed.
    """
    return declared(NodeEntry.model_validate(yaml.safe_load(path.read_text("utf-8"))))


def declared(entry: NodeEntry) -> domain.Declaration:
    """The declaration, once every reference in it leads somewhere."""
    known = _unique([agency.id for agency in entry.agencies], "agency")
    people = _unique([staff.username for staff in entry.staff], "username")
    _unique([client.client_id for client in entry.clients], "client_id")
    agreements = {agreement.reference: agreement.read() for agreement in entry.agreements}
    _within({agency.id.partition(".")[0] for agency in entry.agencies}, {entry.node}, "node")
    _within({staff.agency for staff in entry.staff} | {client.agency for client in entry.clients}, known, "agency")
    _within({agency.focal_point for agency in entry.agencies if agency.focal_point}, people, "username")
    _within({corridor.agreement for corridor in entry.corridors}, set(agreements), "agreement")
    for corridor in entry.corridors:
        if entry.node not in (corridor.origin, corridor.destination) or corridor.origin == corridor.destination:
            raise DeclarationError(f"corridor {corridor.origin}-{corridor.destination} is not of node {entry.node}")
    return domain.Declaration(
        node=entry.node,
        names=entry.names.read(),
        agencies=tuple(one.read() for one in entry.agencies),
        staff=tuple(one.read() for one in entry.staff),
        clients=tuple(one.read() for one in entry.clients),
        corridors=tuple(
            domain.Corridor(one.origin, one.destination, agreements[one.agreement]) for one in entry.corridors
        ),
    )


def _unique(ids: list[str], kind: str) -> set[str]:
    for one in ids:
        if ids.count(one) > 1:
            raise DeclarationError(f"{kind} {one} is declared twice")
    return set(ids)


def _within(named: set[str], known: set[str], kind: str) -> None:
    if unknown := sorted(named - known):
        raise DeclarationError(f"{kind} {unknown[0]} is named but not declared")
