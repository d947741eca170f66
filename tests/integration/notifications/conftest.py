"""Kazakhstan, Uzbekistan and the hub, started once; each test speaks of a referral of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.notifications.world import Servers, Side, open_side, prepared, until
from tests.support.postgres import PostgresServer

AGENCIES = {"kz": ("kz.sapar-demo", "kz.kamqor-demo"), "uz": ("uz.najot-demo", "uz.mehr-demo")}


@dataclass
class World:
    servers: Servers
    kz: Side
    uz: Side


@pytest.fixture(scope="session")
async def world(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Both exchanges run, know each other's agencies, and have open corridors."""
    servers = await prepared(Path(tmp_path_factory.mktemp("border")))
    made = World(
        servers,
        await open_side(postgres, servers.state, servers.plan, "kz"),
        await open_side(postgres, servers.state, servers.plan, "uz"),
    )
    sides = (made.kz, made.uz)
    try:
        for side in sides:
            side.start()
            await side.corridor("kz", "uz")
            await side.corridor("uz", "kz")
            for agency in AGENCIES[side.node]:
                await side.enrol(agency)
        for side, foreign in ((made.kz, "uz"), (made.uz, "kz")):
            for agency in AGENCIES[foreign]:
                await until(lambda side=side, agency=agency: side.knows_key(agency))
        yield made
    finally:
        for side in sides:
            await side.close()
        servers.kill(*tuple(servers.processes))
        await servers.leaf.stop()


@pytest.fixture
def kz(world: World) -> Side:
    return world.kz


@pytest.fixture
def uz(world: World) -> Side:
    return world.uz
