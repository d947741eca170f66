"""Changed counts → contract."""

from collections.abc import Sequence
from datetime import datetime

from contracts.events.coordination import CountCell, CountryCountsPublished
from contracts.terms import Audience, Country
from services.chassis.outbox import Outgoing
from services.coordination.domain.counts import PublishedCell

REGION = "region.node"


def published(country: Country, as_of: datetime, cells: Sequence[PublishedCell]) -> Outgoing:
    """The message to the region."""
    told = tuple(
        CountCell(
            month=cell.month,
            origin=cell.origin,
            destination=cell.destination,
            service=cell.service,
            sex=cell.sex,
            age_band=cell.age_band,
            status=cell.status,
            count=cell.count,
            acknowledge_hours=cell.acknowledge_hours,
            decide_hours=cell.decide_hours,
        )
        for cell in cells
    )
    payload = CountryCountsPublished(country=country, as_of=as_of, cells=told)
    return Outgoing(payload, str(country), Audience.ADDRESSED, f"{country}.node", REGION)
