"""What a country tells the region: counts, never a person, never a referral id."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from contracts.envelope import Frozen
from contracts.registry import contract
from contracts.terms import AgeBand, Country, ReferralStatus, Service, Sex


class CountCell(Frozen):
    """How many referrals sent in `month` from origin to destination stand in `status` now."""

    month: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    origin: Country
    destination: Country
    service: Service
    sex: Sex
    age_band: AgeBand
    status: ReferralStatus
    count: Annotated[int, Field(ge=0)]
    hours_to_acknowledge: Annotated[int, Field(ge=0)] = 0
    acknowledged: Annotated[int, Field(ge=0)] = 0
    hours_to_decide: Annotated[int, Field(ge=0)] = 0
    decided: Annotated[int, Field(ge=0)] = 0


@contract("country_counts.published.v1", producer="coordination", consumers=("coordination",))
class CountryCountsPublished(Frozen):
    """Cells that changed since the last publication, with their absolute values."""

    country: Country
    as_of: AwareDatetime
    cells: Annotated[tuple[CountCell, ...], Field(max_length=500)]
