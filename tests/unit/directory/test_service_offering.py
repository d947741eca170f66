"""The aggregate: what it records, what it refuses, and that the same again is no news."""

from datetime import timedelta

import pytest

from services.directory.domain.errors import (
    AddressInPublicTextError,
    AgeRangeReversedError,
    CapacityFromFutureError,
    CapacitySupersededError,
    DistrictUnknownError,
    ServiceOfferingWithdrawnError,
)
from services.directory.domain.service_offering import (
    CapacityChanged,
    Count,
    Eligibility,
    PrivateDetails,
    Published,
    ServiceOffering,
    Texts,
    Withdrawn,
)
from tests.unit.directory.needs import ADDRESS, NOW, a_draft

LATER = NOW + timedelta(hours=1)


def published(**changes: object) -> ServiceOffering:
    offering = ServiceOffering.publish(a_draft(**changes), NOW)
    return ServiceOffering(offering.public, offering.private)


def test_publishing_tells_the_public_part_without_the_address() -> None:
    offering = ServiceOffering.publish(a_draft(), NOW)

    assert offering.events == [Published(offering.public)]
    assert ADDRESS not in repr(offering.events)
    assert offering.private.address == ADDRESS


def test_the_same_again_changes_and_tells_nothing() -> None:
    offering = published()

    offering.revise(a_draft(), LATER)

    assert (offering.events, offering.changed) == ([], False)
    assert offering.public.capacity is not None
    assert offering.public.capacity.updated_at == NOW


def test_another_description_is_told_and_keeps_the_count() -> None:
    offering = published()

    offering.revise(a_draft(names=Texts("Other", "Другой"), count=None), LATER)

    assert offering.events == [Published(offering.public)]
    assert offering.public.capacity is not None


def test_another_address_is_kept_and_told_to_nobody() -> None:
    offering = published()

    offering.revise(a_draft(private=PrivateDetails("Elsewhere 5, flat 6")), LATER)

    assert (offering.events, offering.changed) == ([], True)


def test_another_count_alone_is_told_as_a_count() -> None:
    offering = published()

    offering.revise(a_draft(count=Count(2, 12)), LATER)

    assert isinstance(offering.events[0], CapacityChanged)


def test_an_older_count_never_replaces_a_newer_one() -> None:
    offering = published()

    with pytest.raises(CapacitySupersededError):
        offering.change_capacity(Count(9, 12, NOW - timedelta(hours=1)), LATER)
    offering.revise(a_draft(count=Count(9, 12, NOW - timedelta(hours=1))), LATER)

    assert offering.public.capacity is not None
    assert offering.public.capacity.available == 3


def test_the_same_count_again_is_fresh_news() -> None:
    offering = published()

    offering.change_capacity(Count(3, 12), LATER)

    assert isinstance(offering.events[0], CapacityChanged)
    assert offering.events[0].capacity.updated_at == LATER


def test_the_same_count_at_the_same_time_is_a_repetition() -> None:
    offering = published()

    offering.change_capacity(Count(3, 12, NOW), LATER)

    assert offering.events == []


def test_places_counted_in_the_future_are_refused() -> None:
    with pytest.raises(CapacityFromFutureError):
        published().change_capacity(Count(3, 12, NOW + timedelta(minutes=6)), NOW)


def test_more_places_than_there_should_be_are_believed() -> None:
    offering = published(count=Count(12, 10))

    assert offering.public.capacity is not None
    assert offering.public.capacity.available == 12


def test_withdrawing_twice_tells_once() -> None:
    offering = published()

    offering.withdraw()
    offering.withdraw()

    assert offering.events == [Withdrawn(offering.public.service_offering_id, "kz.sapar-demo")]


def test_a_withdrawn_offering_has_no_capacity_to_change_and_can_be_published_again() -> None:
    offering = published()
    offering.withdraw()

    with pytest.raises(ServiceOfferingWithdrawnError):
        offering.change_capacity(Count(1), LATER)
    offering.revise(a_draft(), LATER)

    assert isinstance(offering.events[-1], Published)


@pytest.mark.parametrize("district", ["", "KZ-99", "UZ-TK", "Almaty"])
def test_a_district_of_nowhere_or_of_another_country_is_refused(district: str) -> None:
    with pytest.raises(DistrictUnknownError):
        published(district=district)


def test_a_reversed_age_range_is_refused() -> None:
    with pytest.raises(AgeRangeReversedError):
        published(eligibility=Eligibility(minimum_age=46, maximum_age=45))


@pytest.mark.parametrize("text", [ADDRESS, "come to INVENTED STREET, 12/34 any time"])
def test_the_address_in_a_public_text_is_refused(text: str) -> None:
    with pytest.raises(AddressInPublicTextError) as refused:
        published(descriptions=Texts("nothing", text))

    assert refused.value.field == "descriptions.ru"
    assert text not in str(refused.value.problem())
