"""Contracts → use cases: facts in a country, countries' counts in the region."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

from contracts.envelope import CloudEvent
from contracts.events.coordination import CountCell, CountryCountsPublished
from contracts.events.referrals import IndicatorFactRecorded
from services.chassis.database import NODE, Context
from services.chassis.inbox import Handler
from services.chassis.work import Work
from services.coordination.domain.counts import Fact, Publication, PublishedCell, Side
from services.coordination.domain.ports import Books
from services.coordination.usecases.record_fact import record_fact
from services.coordination.usecases.store_country_counts import store_country_counts

BooksOf = Callable[[Work], Books]


def country_handlers(books_of: BooksOf) -> Mapping[str, Handler]:
    """What a country's coordination listens to."""

    async def on_indicator_fact(work: Work, _: CloudEvent, payload: IndicatorFactRecorded) -> None:
        await work.enter(Context(NODE, "facts"))
        await record_fact(books_of(work).counts, _fact(payload))

    return {"indicator_fact.recorded.v1": on_indicator_fact}


def region_handlers(books_of: BooksOf) -> Mapping[str, Handler]:
    """What the region's coordination listens to."""

    async def on_country_counts(work: Work, event: CloudEvent, payload: CountryCountsPublished) -> None:
        publication = Publication(payload.country, payload.as_of, datetime.now(UTC))
        cells = [_cell(cell) for cell in payload.cells]
        await store_country_counts(books_of(work).published, event.sender, publication, cells)

    return {"country_counts.published.v1": on_country_counts}


def _fact(told: IndicatorFactRecorded) -> Fact:
    return Fact(
        referral_id=told.referral_id,
        agency_id=told.agency_id,
        side=cast("Side", told.side),
        month=told.sent_month,
        origin=told.origin,
        destination=told.destination,
        service=told.service,
        sex=told.sex,
        age_band=told.age_band,
        urgency=told.urgency,
        exploitation=told.exploitation,
        before=told.status_before,
        status=told.status,
        hours_to_acknowledge=told.hours_to_acknowledge,
        hours_to_decide=told.hours_to_decide,
    )


def _cell(told: CountCell) -> PublishedCell:
    return PublishedCell(
        month=told.month,
        origin=told.origin,
        destination=told.destination,
        service=told.service,
        sex=told.sex,
        age_band=told.age_band,
        status=told.status,
        count=told.count,
        acknowledge_hours=told.acknowledge_hours,
        decide_hours=told.decide_hours,
    )
