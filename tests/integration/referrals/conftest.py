"""Two countries with fresh databases for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.referrals.nodes import Journey, two_countries
from tests.support.postgres import PostgresServer


@pytest.fixture
async def journey(postgres: PostgresServer) -> AsyncIterator[Journey]:
    async with two_countries(postgres) as journey:
        yield journey
