"""The directory: offerings, searches, districts."""

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.portal.clients.api import Api, segment
from gateway.portal.clients.referrals import Answer

_S = "directory"


class LastAnswer(Answer):
    available: int
    maximum: int | None = None


class Capacity(Answer):
    state: str = "unknown"
    available: int | None = None
    maximum: int | None = None
    updated_at: datetime | None = None
    last_answer: LastAnswer | None = None


class Agency(Answer):
    agency_id: str
    names: dict[str, str] | None = None


class Eligibility(Answer):
    """Whom a service takes; empty or unknown means that nobody said."""

    sexes: list[str] = Field(default_factory=list)
    age_bands: list[str] = Field(default_factory=list)
    minimum_age: int | None = None
    maximum_age: int | None = None
    with_children: str = "unknown"
    around_the_clock: str = "unknown"
    any_nationality: str = "unknown"
    victim_status_required: str = "unknown"


class Offering(Answer):
    """The public part of a service offering."""

    service_offering_id: str
    agency: Agency
    country: str
    district: str
    district_names: dict[str, str] | None = None
    service: str
    names: dict[str, str]
    descriptions: dict[str, str] | None = None
    languages: list[str] = Field(default_factory=list)
    eligibility: Eligibility = Eligibility()
    capacity: Capacity = Capacity()
    status: str | None = None


class Criterion(Answer):
    name: str
    state: str
    value: Any = None


class Result(Offering):
    group: str
    criteria: list[Criterion] = Field(default_factory=list)


class Found(Answer):
    """A page of results; `groups` count all that were found."""

    results: list[Result]
    groups: dict[str, int]
    countries: dict[str, int] = Field(default_factory=dict)
    truncated: bool = False


class District(Answer):
    code: str
    country: str
    names: dict[str, str]


async def search(api: Api, body: dict[str, Any]) -> Found:
    """Search terms travel in a body, never in an address."""
    return Found.model_validate(await api.post(_S, "/v1/service_offering_searches", body))


async def offering(api: Api, service_offering_id: str) -> Offering:
    return Offering.model_validate(await api.get(_S, f"/v1/service_offerings/{segment(service_offering_id)}"))


async def own_offerings(api: Api) -> list[Offering]:
    found = await api.get(_S, "/v1/service_offerings")
    return [Offering.model_validate(one) for one in found["service_offerings"]]


async def change_capacity(api: Api, service_offering_id: str, available: int, maximum: int | None) -> None:
    body = {"available": available, "maximum": maximum}
    await api.put(_S, f"/v1/service_offerings/{segment(service_offering_id)}/capacity", body)


async def districts(api: Api) -> list[District]:
    found = await api.get(_S, "/v1/districts")
    return [District.model_validate(one) for one in found["districts"]]
