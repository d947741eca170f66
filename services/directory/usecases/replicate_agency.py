"""identity tells of agencies, this country's and the partners'; the directory keeps their public names."""

from dataclasses import replace

from contracts.districts import code_of
from services.directory.domain.errors import ForeignOriginError
from services.directory.domain.ports import Desk, EnrolledAgency


async def enrol_agency(desk: Desk, node: str, agency: EnrolledAgency) -> None:
    """Raises ForeignOriginError when a node speaks for another's agency."""
    _vouch(node, agency.agency_id)
    if agency.country is not None and agency.country != node:
        raise ForeignOriginError
    await desk.agencies.enrol(replace(agency, district=code_of(agency.country, agency.district)))


async def suspend_agency(desk: Desk, node: str, agency_id: str) -> None:
    """Its offerings disappear from every list until it is enrolled again."""
    _vouch(node, agency_id)
    await desk.agencies.suspend(agency_id)


def _vouch(node: str, agency_id: str) -> None:
    if not agency_id.startswith(f"{node}."):
        raise ForeignOriginError
