"""The shapes of identity's answers."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from contracts.terms import AgencyKind, Country, Role
from services.chassis.keys import b64
from services.identity.domain import agencies as domain


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class NamesView(_Answer):
    en: str
    ru: str

    @classmethod
    def of(cls, names: domain.Names) -> Self:
        return cls(en=names.en, ru=names.ru)


class AgencyView(_Answer):
    agency_id: str
    kind: AgencyKind
    names: NamesView
    district: str | None
    focal_point: str | None

    @classmethod
    def of(cls, agency: domain.Agency) -> Self:
        return cls(
            agency_id=agency.agency_id,
            kind=agency.kind,
            names=NamesView.of(agency.names),
            district=agency.district,
            focal_point=agency.focal_point,
        )


class AgencyList(_Answer):
    agencies: list[AgencyView]


class AgencyKeyView(_Answer):
    """Public keys, base64url raw bytes."""

    agency_id: str
    version: int
    suite: str
    sign_public: str
    seal_public: str
    valid_from: datetime

    @classmethod
    def of(cls, key: domain.AgencyKey, valid_from: datetime) -> Self:
        return cls(
            agency_id=key.agency_id,
            version=key.version,
            suite=key.suite,
            sign_public=b64(key.sign_public),
            seal_public=b64(key.seal_public),
            valid_from=valid_from,
        )


class AgencyKeyList(_Answer):
    agency_keys: list[AgencyKeyView]


class AgreementView(_Answer):
    reference: str
    title: str
    opened_on: date


class CorridorView(_Answer):
    origin: Country
    destination: Country
    agreement: AgreementView

    @classmethod
    def of(cls, corridor: domain.Corridor) -> Self:
        agreement = corridor.agreement
        return cls(
            origin=corridor.origin,
            destination=corridor.destination,
            agreement=AgreementView(
                reference=agreement.reference, title=agreement.title, opened_on=agreement.opened_on
            ),
        )


class CorridorList(_Answer):
    corridors: list[CorridorView]


class StaffView(_Answer):
    username: str
    name: str
    roles: list[Role]

    @classmethod
    def of(cls, staff: domain.Staff) -> Self:
        return cls(username=staff.username, name=staff.name, roles=sorted(staff.roles))


class StaffList(_Answer):
    staff: list[StaffView]


class MeView(_Answer):
    """Who is signed in, for whom, and what they may do. `agency` is None for an agency not enrolled here."""

    subject: str
    name: str | None
    is_client: bool
    node: str
    agency_id: str
    agency: AgencyView | None
    roles: list[Role]
