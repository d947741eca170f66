"""A shelter's address never leaves: it is in its own row, in its own agency's answers, and nowhere else."""

import logging
from uuid import uuid4

import asyncpg
import pytest

from services.chassis.database import Context
from tests.integration.directory.conftest import DirectoryNode

OWNER = "kz.sapar-demo:agency_admin"
MARK = "Concealedstreet 77"
PRIVATE = {"address": MARK, "contact": f"ask at {MARK}"}


async def test_the_address_is_seen_by_its_own_agency_only(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering(private=PRIVATE)))["service_offering_id"]
    path = f"service_offerings/{made}"

    own = await kz.ask("kz.sapar-demo:caseworker", "GET", path)
    others = [
        await kz.ask("kz.kamqor-demo:agency_admin", "GET", path),
        await kz.ask("kz.ministry-demo:national_coordinator", "GET", path),
        await kz.ask("kz.kamqor-demo:caseworker", "POST", "service_offering_searches", {"text": MARK}),
        await kz.ask(OWNER, "POST", "service_offering_searches", {}),
    ]

    assert own.json()["private"]["address"] == MARK
    assert others[0].json()["private"] is None
    assert all(answer.status_code == 200 and MARK not in answer.text for answer in others)


async def test_the_address_is_in_no_event_and_in_no_row_but_its_own(kz: DirectoryNode, offering) -> None:
    made = (await kz.put(offering(private=PRIVATE)))["service_offering_id"]
    await kz.put(offering("Renamed", private=PRIVATE), offering_id=made)
    await kz.ask(OWNER, "PUT", f"service_offerings/{made}/capacity", {"available": 1})
    await kz.ask(OWNER, "POST", f"service_offerings/{made}/withdraw")

    holding = await _tables_with(kz, MARK)

    assert holding == {"service_offering"}
    told = await kz.told("node") + await kz.told("addressed")
    assert len(told) == 8
    assert not any(MARK in event.model_dump_json() for event in told)


async def test_an_address_in_a_public_text_is_refused_and_not_repeated(kz: DirectoryNode, offering) -> None:
    body = offering(private=PRIVATE, descriptions={"en": f"Come to {MARK.upper()}!", "ru": "Нет"})

    answer = await kz.ask(OWNER, "PUT", f"service_offerings/{uuid4()}", body)

    assert (answer.status_code, answer.json()["field"]) == (422, "descriptions.en")
    assert MARK.casefold() not in answer.text.casefold()


async def test_the_wall_stands_between_agencies(kz: DirectoryNode, offering) -> None:
    await kz.put(offering(private=PRIVATE))

    async with kz.database.transaction(Context("kz.kamqor-demo", "x")) as connection:
        seen = await connection.fetch("SELECT * FROM service_offering")
        changed = await connection.execute("UPDATE service_offering SET private_address = 'x'")
    async with kz.database.plain() as connection:
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await connection.fetch("SELECT * FROM service_offering")

    assert (seen, changed) == ([], "UPDATE 0")


async def test_what_was_searched_for_is_in_no_log(
    kz: DirectoryNode, offering, caplog: pytest.LogCaptureFixture
) -> None:
    await kz.put(offering())

    with caplog.at_level(logging.DEBUG):
        await kz.search(text="Unspeakable", age=17)
        refused = await kz.ask(OWNER, "POST", "service_offering_searches", {"text": "Unspeakable\u0007", "age": 900})

    assert refused.status_code == 422
    assert "Unspeakable" not in refused.text + caplog.text


async def _tables_with(kz: DirectoryNode, mark: str) -> set[str]:
    """Every table of the database that holds the mark in any column, as the owner of the wall sees it."""
    async with kz.database.transaction(Context("kz.sapar-demo", "x")) as connection:
        tables = await connection.fetch(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        holding = set()
        for table in tables:
            rows = await connection.fetch(f'SELECT * FROM "{table["name"]}"')
            if any(mark in _text(value) for row in rows for value in row.values()):
                holding.add(table["name"])
    return holding


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
