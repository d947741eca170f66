from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from contracts.terms import Role
from services.chassis.principal import Principal
from services.coordination.api.guards import Desk
from services.coordination.app import coordination_app
from services.coordination.domain.counts import NO_HOURS
from services.coordination.domain.table import CountedCell
from tests.support.described import DescribedTransport

QUERY = {"dimensions": ["origin"]}


class FakeVerifier:
    """A token is the name of a role."""

    async def verify(self, token: str) -> Principal:
        return Principal("subject", "kz.sapar-demo", frozenset({Role(token)}), None, "kz", is_client=False)


class FakeCells:
    async def by(self, axes: Sequence[str]) -> list[CountedCell]:
        return [CountedCell(dict.fromkeys(axes, "kz"), 12, NO_HOURS, NO_HOURS)]

    async def months(self) -> tuple[str, str]:
        return "2026-11", "2026-11"

    async def as_of(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class FakeLedger:
    @asynccontextmanager
    async def node(self, _: str) -> AsyncIterator[Any]:
        yield SimpleNamespace(cells=FakeCells())


def api(role: Role = Role.REGIONAL_COORDINATOR) -> httpx.AsyncClient:
    app = coordination_app(Desk(FakeLedger(), role, 11, None), FakeVerifier())  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=DescribedTransport(app), base_url="http://coordination")


def bearer(role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {role}"}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/count_queries"), ("GET", "/v1/publications"), ("GET", "/v1/agency_counts")]
)
async def test_nobody_is_answered_without_a_token(method: str, path: str) -> None:
    async with api() as http:
        answer = await http.request(method, path, json=QUERY if method == "POST" else None)

    assert answer.status_code == 401


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.NATIONAL_COORDINATOR, Role.AGENCY_ADMIN])
async def test_the_region_answers_its_own_coordinators_only(role: Role) -> None:
    async with api() as http:
        answer = await http.post("/v1/count_queries", json=QUERY, headers=bearer(role))

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_agency_counts_are_for_those_who_work_on_referrals() -> None:
    async with api() as http:
        answer = await http.get("/v1/agency_counts", headers=bearer(Role.REGIONAL_COORDINATOR))

    assert answer.status_code == 403


async def test_a_coordinator_gets_every_code_in_one_order() -> None:
    async with api() as http:
        answer = await http.post("/v1/count_queries", json=QUERY, headers=bearer(Role.REGIONAL_COORDINATOR))

    rows = answer.json()["rows"]
    assert [row["at"]["origin"] for row in rows] == ["kz", "kg", "tj", "tm", "uz"]
    assert [row["value"] for row in rows] == [20, 0, 0, 0, 0]
    assert (answer.json()["threshold"], answer.json()["rounded_to"]) == (11, 10)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"dimensions": ["origin", "sex", "age_band"], "filters": {"service": "shelter"}}, "too_many_dimensions"),
        ({"dimensions": ["name"]}, "invalid_fields"),
        ({"dimensions": ["origin"], "filters": {"period": "2026-13"}}, "invalid_fields"),
        ({"dimensions": ["origin"], "filters": {"agency_id": "kz.sapar-demo"}}, "invalid_fields"),
    ],
    ids=["four axes", "no such dimension", "no such month", "no such filter"],
)
async def test_a_bad_question_is_a_problem_document(body: dict[str, Any], code: str) -> None:
    async with api() as http:
        answer = await http.post("/v1/count_queries", json=body, headers=bearer(Role.REGIONAL_COORDINATOR))

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
