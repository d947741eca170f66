"""Journeys run on a whole installation of two countries and a bystander, embedded parts, started once."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from deploy.local.demo import Cast
from tests.support.installation import Installation, running_installation


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Kazakhstan, Uzbekistan, and Kyrgyzstan as the third country that must see nothing."""
    with running_installation("kz,uz,kg", 18400) as made:
        yield made


@pytest.fixture(scope="session")
async def cast(installation: Installation) -> AsyncIterator[Cast]:
    async with httpx.AsyncClient(timeout=30) as http:
        yield Cast(installation.addresses, http)
