"""What an installation knows when it is ready: one another's agencies, and the invented offerings."""

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import asyncpg
import httpx
import yaml

from deploy.local.api import AgencyApi, ApiError, Json
from deploy.local.errors import LauncherError
from deploy.local.plan import Plan
from deploy.local.postgres import Server
from deploy.local.state import ROOT, State, read_json

_FIXTURES = ROOT / "deploy" / "local" / "fixtures"
_PATIENCE = 60
_AT_ONCE = 4


async def acquainted(plan: Plan, server: Server) -> None:
    """Wait until every country knows every country's agencies; raises LauncherError when it takes too long."""
    expected = {agency for country in plan.countries for agency in _agencies(country)}
    await asyncio.gather(*(_knows(server.url(f"{country}_referrals"), country, expected) for country in plan.countries))


async def _knows(url: str, country: str, expected: set[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for _ in range(_PATIENCE * 10):
            known = {row["agency_id"] for row in await connection.fetch("SELECT agency_id FROM agency")}
            if known >= expected:
                return
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    missing = ", ".join(sorted(expected - known))
    raise LauncherError(f"After {_PATIENCE} s {country} has not heard of {missing}. See `make status` for a backlog.")


async def seed_offerings(state: State) -> None:
    """Publish the invented offerings of the running countries through the public API; again changes nothing."""
    addresses = read_json(state.addresses)
    limit = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(timeout=30) as http:
        agencies: dict[str, AgencyApi] = {}
        for offering in _offerings(addresses["countries"]):
            agency = offering["agency"]
            agencies.setdefault(agency, AgencyApi(agency, addresses["nodes"][agency[:2]], http))
        await asyncio.gather(
            *(_publish(agencies[one["agency"]], one, limit) for one in _offerings(addresses["countries"]))
        )


async def _publish(agency: AgencyApi, offering: Json, limit: asyncio.Semaphore) -> None:
    async with limit:
        path = f"/v1/service_offerings/{offering['service_offering_id']}"
        try:
            await agency.get(path)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
        else:
            return  # somebody may have counted its places since
        body = offering["body"]
        hours = offering.get("counted_hours_ago")
        if hours is not None:
            counted = datetime.now(UTC) - timedelta(hours=hours)
            body = body | {"capacity": body["capacity"] | {"updated_at": counted.isoformat()}}
        await agency.put(path, body)


def _offerings(countries: list[str]) -> list[Json]:
    document: dict[str, list[Json]] = yaml.safe_load((_FIXTURES / "offerings.yaml").read_text())
    return [one for one in document["offerings"] if one["agency"].split(".", 1)[0] in countries]


def _agencies(country: str) -> list[str]:
    document: dict[str, Any] = yaml.safe_load((_FIXTURES / f"{country}.yaml").read_text())
    return [agency["id"] for agency in document["agencies"]]
