"""What a country tells the region: counts, never a person, never a referral id."""

from typing import Annotated

from pydantic import Field

from contracts.envelope import Count, Frozen, Instant, Month
from contracts.registry import contract
from contracts.terms import AgeBand, Country, ReferralStatus, Service, Sex

Hours = Annotated[tuple[Count, ...], Field(min_length=12, max_length=12)]
"""How many waits ended within 1, 2, 4, 8, 12, 24, 48, 72, 120, 168, 336 hours, and later."""


class CountCell(Frozen):
    """How many referrals sent in `month` from origin to destination stand in `status` now.

    Waits are counted in the cell of the status that ended them, and stay there when the referral moves on.
    """

    month: Month
    origin: Country
    destination: Country
    service: Service
    sex: Sex
    age_band: AgeBand
    status: ReferralStatus
    count: Count
    acknowledge_hours: Hours
    decide_hours: Hours


@contract("country_counts.published.v1", producer="coordination", consumers=("coordination",))
class CountryCountsPublished(Frozen):
    """Cells that changed since the last publication, with their absolute values."""

    country: Country
    as_of: Instant
    cells: Annotated[tuple[CountCell, ...], Field(max_length=500)]
