"""A portal for one signed-in caseworker, over fake services."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gateway.portal.sessions import Session
from gateway.portal.words import speak
from tests.unit.gateway.fakes import ORIGIN, FakeServices, portal, session
from tests.unit.gateway.memory import MemorySessions


@pytest.fixture(autouse=True)
def _speech() -> None:
    """Outside a request somebody reads English in Kazakhstan."""
    speak("en", "kz", datetime.now(UTC))


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def sessions() -> MemorySessions:
    return MemorySessions()


@pytest.fixture
async def visitor(tmp_path: Path, services: FakeServices, sessions: MemorySessions) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is not signed in."""
    transport = httpx.ASGITransport(portal(tmp_path, services, sessions), raise_app_exceptions=False)
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        yield browser


async def sign_in(browser: httpx.AsyncClient, sessions: MemorySessions, who: Session, node: str = "kz") -> None:
    browser.cookies.set(f"__Host-safar-{node}", await sessions.start(who))


@pytest.fixture
async def browser(visitor: httpx.AsyncClient, sessions: MemorySessions) -> httpx.AsyncClient:
    """A caseworker's browser."""
    await sign_in(visitor, sessions, session())
    return visitor


@pytest.fixture
async def coordinator(visitor: httpx.AsyncClient, sessions: MemorySessions) -> httpx.AsyncClient:
    await sign_in(visitor, sessions, session("national_coordinator"))
    return visitor
