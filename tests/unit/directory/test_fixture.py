"""The invented offerings are valid, varied, and say that they are invented."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from contracts.terms import Country
from services.directory.api.schemas import ServiceOfferingBody
from services.directory.domain.service_offering import ServiceOffering

FIXTURES = Path(__file__).resolve().parents[3] / "deploy/local/fixtures"
OFFERINGS: list[dict[str, Any]] = yaml.safe_load((FIXTURES / "offerings.yaml").read_text())["offerings"]


@pytest.mark.parametrize("offering", OFFERINGS, ids=lambda one: one["body"]["names"]["en"])
def test_an_invented_offering_would_be_published(offering: dict[str, Any]) -> None:
    body = ServiceOfferingBody.model_validate(offering["body"])
    agency: str = offering["agency"]
    draft = body.draft(UUID(offering["service_offering_id"]), agency, Country(agency[:2]))

    made = ServiceOffering.publish(draft, datetime.now(UTC))

    assert "demo" in made.public.names.en
    assert (body.capacity is None) == ("counted_hours_ago" not in offering)
    assert made.private.address is None or made.private.address not in repr(made.events)


def test_every_demo_agency_offers_something_in_every_country() -> None:
    declared = {
        agency["id"]
        for country in Country
        for agency in yaml.safe_load((FIXTURES / f"{country}.yaml").read_text())["agencies"]
    }

    assert {offering["agency"] for offering in OFFERINGS} == declared
    assert len({offering["service_offering_id"] for offering in OFFERINGS}) == len(OFFERINGS)


def test_fresh_old_stale_and_unknown_places_occur() -> None:
    hours = [offering.get("counted_hours_ago") for offering in OFFERINGS]

    assert {None if h is None else (h >= 24) + (h >= 168) for h in hours} == {None, 0, 1, 2}
