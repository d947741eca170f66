"""Who takes part: agencies, their public keys, corridors, and who is asking."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from contracts.terms import Role
from services.chassis.auth import Principal, require
from services.chassis.problems import NotFoundError
from services.identity.api import schemas
from services.identity.domain.ports import Registry

router = APIRouter(prefix="/v1")

Anyone = Annotated[Principal, Depends(require())]
Overseer = Annotated[Principal, Depends(require(Role.AGENCY_ADMIN, Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER))]


async def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


NodeRegistry = Annotated[Registry, Depends(_registry)]


@router.get("/me")
async def read_me(principal: Anyone, registry: NodeRegistry) -> schemas.MeView:
    async with registry.begin() as unit:
        agency = await unit.agencies.find(principal.agency)
    return schemas.MeView(
        subject=principal.subject,
        name=principal.name,
        is_client=principal.is_client,
        node=principal.node,
        agency_id=principal.agency,
        agency=schemas.AgencyView.of(agency) if agency else None,
        roles=sorted(principal.roles),
    )


@router.get("/agencies")
async def list_agencies(_: Anyone, registry: NodeRegistry) -> schemas.AgencyList:
    async with registry.begin() as unit:
        found = await unit.agencies.all()
    return schemas.AgencyList(agencies=[schemas.AgencyView.of(agency) for agency in found])


@router.get("/agencies/{agency_id}")
async def read_agency(agency_id: str, _: Anyone, registry: NodeRegistry) -> schemas.AgencyView:
    async with registry.begin() as unit:
        agency = await unit.agencies.find(agency_id)
    if agency is None:
        raise NotFoundError
    return schemas.AgencyView.of(agency)


@router.get("/agencies/{agency_id}/staff")
async def list_staff(agency_id: str, principal: Overseer, registry: NodeRegistry) -> schemas.StaffList:
    """The staff of one's own agency; another agency's answers like one that does not exist."""
    if agency_id != principal.agency:
        raise NotFoundError
    async with registry.begin(principal.agency, principal.subject) as unit:
        found = await unit.people.all_staff()
    return schemas.StaffList(staff=[schemas.StaffView.of(staff) for staff in found])


@router.get("/agency_keys")
async def list_agency_keys(_: Anyone, registry: NodeRegistry) -> schemas.AgencyKeyList:
    async with registry.begin() as unit:
        found = await unit.agencies.keys()
    return schemas.AgencyKeyList(agency_keys=[schemas.AgencyKeyView.of(key, since) for key, since in found])


@router.get("/corridors")
async def list_corridors(_: Anyone, registry: NodeRegistry) -> schemas.CorridorList:
    async with registry.begin() as unit:
        found = await unit.corridors.all_open()
    return schemas.CorridorList(corridors=[schemas.CorridorView.of(corridor) for corridor in found])
