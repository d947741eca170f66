"""Two countries on real databases, emptied before each test."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.referrals.nodes import Border, Journey, TestNode, two_countries
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
async def countries(postgres: PostgresServer) -> AsyncIterator[tuple[TestNode, TestNode]]:
    async with two_countries(postgres) as nodes:
        yield nodes


@pytest.fixture
async def journey(countries: tuple[TestNode, TestNode]) -> Journey:
    kz, uz = countries
    await kz.forget()
    await uz.forget()
    return Journey(kz, uz, Border((kz, uz)))
