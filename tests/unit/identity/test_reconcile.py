from dataclasses import replace
from pathlib import Path

import pytest

from contracts.envelope import PARTNERS
from contracts.terms import Audience, Country
from services.identity.domain.events import (
    AgencyEnrolled,
    AgencyKeyPublished,
    AgencySuspended,
    CorridorClosed,
    CorridorOpened,
)
from services.identity.messaging.outgoing import outgoing
from services.identity.storage.fixture import read_fixture
from services.identity.usecases.reconcile import reconcile
from tests.unit.identity.fakes import FakeKeys, FakeProvider, FakeRegistry

FIXTURES = Path(__file__).resolve().parents[3] / "deploy" / "local" / "fixtures"
KAZAKHSTAN = read_fixture(FIXTURES / "kz.yaml")


async def test_a_declaration_becomes_agencies_keys_staff_clients_and_corridors() -> None:
    registry = FakeRegistry()

    done = await reconcile(KAZAKHSTAN, registry, FakeKeys(), FakeProvider())

    assert len(registry.known) == 4
    assert {agency for agency, _ in registry.published} == {"kz.node", *registry.known}
    assert len(registry.staff) == len(KAZAKHSTAN.staff)
    assert len(registry.clients) == 4
    assert len(registry.opened) == 8
    assert done.events == len(registry.told) == 4 + 5 + 8


async def test_a_second_run_changes_nothing_and_tells_nothing() -> None:
    registry, provider = FakeRegistry(), FakeProvider()
    await reconcile(KAZAKHSTAN, registry, FakeKeys(), provider)
    told = len(registry.told)

    done = await reconcile(KAZAKHSTAN, registry, FakeKeys(), provider)

    assert done.nothing
    assert len(registry.told) == told
    assert provider.asked == 2


async def test_an_agency_is_told_before_its_key() -> None:
    registry = FakeRegistry()

    await reconcile(KAZAKHSTAN, registry, FakeKeys(), FakeProvider())

    kinds = [type(event) for event in registry.told[1:3]]
    assert kinds == [AgencyEnrolled, AgencyKeyPublished]


async def test_a_renamed_agency_is_told_once_more_and_nothing_else() -> None:
    registry = FakeRegistry()
    await reconcile(KAZAKHSTAN, registry, FakeKeys(), FakeProvider())
    renamed = replace(KAZAKHSTAN.agencies[0], district="Almaty")
    changed = replace(KAZAKHSTAN, agencies=(renamed, *KAZAKHSTAN.agencies[1:]))
    before = len(registry.told)

    await reconcile(changed, registry, FakeKeys(), FakeProvider())

    assert registry.told[before:] == [AgencyEnrolled(renamed)]


async def test_a_role_taken_away_is_written_and_told_to_nobody() -> None:
    registry = FakeRegistry()
    await reconcile(KAZAKHSTAN, registry, FakeKeys(), FakeProvider())
    before = len(registry.told)
    staff = (replace(KAZAKHSTAN.staff[0], roles=frozenset()), *KAZAKHSTAN.staff[1:])

    done = await reconcile(replace(KAZAKHSTAN, staff=staff), registry, FakeKeys(), FakeProvider())

    assert done.accounts == 1
    assert registry.staff[KAZAKHSTAN.staff[0].username].roles == frozenset()
    assert len(registry.told) == before


async def test_who_is_named_no_more_leaves_and_what_is_open_no_more_is_closed() -> None:
    registry = FakeRegistry()
    await reconcile(KAZAKHSTAN, registry, FakeKeys(), FakeProvider())
    before, gone = len(registry.told), KAZAKHSTAN.agencies[-1]
    smaller = replace(
        KAZAKHSTAN,
        agencies=KAZAKHSTAN.agencies[:-1],
        staff=tuple(one for one in KAZAKHSTAN.staff[1:] if one.agency_id != gone.agency_id),
        clients=tuple(one for one in KAZAKHSTAN.clients if one.agency_id != gone.agency_id),
        corridors=KAZAKHSTAN.corridors[1:],
    )

    done = await reconcile(smaller, registry, FakeKeys(), FakeProvider())

    assert registry.told[before:] == [CorridorClosed(KAZAKHSTAN.corridors[0]), AgencySuspended(gone.agency_id)]
    assert set(registry.staff) == {one.username for one in smaller.staff}
    assert set(registry.clients) == {one.client_id for one in smaller.clients}
    assert done.accounts == len(KAZAKHSTAN.staff) + len(KAZAKHSTAN.clients) - len(smaller.staff) - len(smaller.clients)


def test_agencies_and_keys_go_to_the_node_and_to_partners_corridors_to_the_node() -> None:
    agency, corridor = KAZAKHSTAN.agencies[1], KAZAKHSTAN.corridors[0]

    told = list(outgoing([AgencyEnrolled(agency), CorridorOpened(corridor)], "kz"))

    assert [(one.audience, one.recipient, one.key) for one in told] == [
        (Audience.NODE, None, "kz.sapar-demo"),
        (Audience.ADDRESSED, PARTNERS, "kz.sapar-demo"),
        (Audience.NODE, None, f"{Country.KZ}-{corridor.destination}"),
    ]


@pytest.mark.parametrize("node", [*Country, "region"])
def test_every_fixture_is_sound_and_holds_no_secret(node: str) -> None:
    path = FIXTURES / f"{node}.yaml"

    assert read_fixture(path).node == node
    assert not any(word in path.read_text() for word in ("password:", "secret:", "token:"))
