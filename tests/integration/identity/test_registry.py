"""The registry on a real Postgres: authorisation first, then reconcile, then what the API shows."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.chassis.auth import TokenVerifier
from services.chassis.database import Context, Database
from services.chassis.keys import FileKeyProvider
from services.chassis.outbox import Outbox
from services.chassis.transport import Transport
from services.chassis.work import Units
from services.identity.app import NodeRegistry, ProvidedKeys, application
from services.identity.domain.agencies import Declaration
from services.identity.storage.fixture import read_fixture
from services.identity.storage.nanoidp import NanoIdp
from services.identity.storage.people import PeopleRepository
from services.identity.usecases.reconcile import reconcile
from tests.integration.identity.conftest import FIXTURES, ORIGIN
from tests.support.described import DescribedTransport
from tests.support.postgres import PostgresServer, ServiceDatabase
from tests.unit.identity.issuers import Clock, FakeIssuer, an_issuer, claims

ISSUER = FakeIssuer()


@dataclass(frozen=True)
class Node:
    """Identity of Kazakhstan, reconciled once."""

    http: httpx.AsyncClient
    database: Database
    place: ServiceDatabase
    registry: NodeRegistry
    keys: ProvidedKeys
    provider: NanoIdp

    async def get(self, path: str, **said: Any) -> httpx.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {ISSUER.token(claims(**said))}"})

    async def outbox(self) -> list[asyncpg.Record]:
        return await self.database.pool.fetch("SELECT lane, sequence, type, subject, payload FROM outbox ORDER BY id")


@pytest_asyncio.fixture(scope="session")
async def node(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    folder = tmp_path_factory.mktemp("identity")
    place = await postgres.database("identity")
    database = place.connect()
    await database.open()
    files = FileKeyProvider(folder / "keys")
    registry = NodeRegistry(Units(database, Outbox("/kz/identity", Transport(files.transport_key()))), "kz")
    app = application(registry, TokenVerifier([an_issuer()], ISSUER.http(), clock=Clock()))
    provider = NanoIdp(folder / "provider", "http://localhost:9207", ORIGIN)
    keys = ProvidedKeys(files)
    await reconcile(read_fixture(FIXTURES / "kz.yaml"), registry, keys, provider)
    async with httpx.AsyncClient(transport=DescribedTransport(app), base_url="http://identity") as http:
        yield Node(http, database, place, registry, keys, provider)
    await database.close()


PATHS = ["/v1/me", "/v1/agencies", "/v1/agencies/kz.sapar-demo", "/v1/agency_keys", "/v1/corridors"]
STAFF = "/v1/agencies/kz.sapar-demo/staff"


async def test_of_two_tokens_none_is_believed(node: Node) -> None:
    headers = [("Authorization", f"Bearer {one}") for one in ("first", "second")]

    answer = await node.http.get("/v1/me", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize("path", [*PATHS, STAFF])
async def test_nobody_reads_anything(node: Node, path: str) -> None:
    answer = await node.http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [*PATHS, STAFF])
async def test_a_forged_token_reads_nothing(node: Node, path: str) -> None:
    forged = FakeIssuer().token(claims(roles=["agency_admin"]))

    answer = await node.http.get(path, headers={"Authorization": f"Bearer {forged}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_another_agencys_staff_answers_like_an_agency_that_does_not_exist(node: Node) -> None:
    others = await node.get("/v1/agencies/kz.kamqor-demo/staff", roles=["agency_admin"])
    nobodys = await node.get("/v1/agencies/kz.no-such/staff", roles=["agency_admin"])

    assert others.status_code == nobodys.status_code == 404
    assert _without_trace(others) == _without_trace(nobodys)


async def test_a_caseworker_does_not_list_staff(node: Node) -> None:
    answer = await node.get(STAFF, roles=["caseworker"])

    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_an_administrator_lists_the_staff_of_her_agency(node: Node) -> None:
    answer = await node.get(STAFF, sub="a.adminova", roles=["agency_admin"])

    names = [one["name"] for one in answer.json()["staff"]]
    assert names == ["A. Adminova", "D. Zashitina", "O. Primerova", "S. Starshina"]


@pytest.mark.parametrize("path", PATHS)
async def test_any_principal_reads_the_public_data_of_the_node(node: Node, path: str) -> None:
    answer = await node.get(path)

    assert answer.status_code == 200


async def test_me_tells_who_asks_and_for_whom(node: Node) -> None:
    said = (await node.get("/v1/me")).json()

    assert said["agency_id"] == "kz.sapar-demo"
    assert said["agency"]["names"]["en"] == "Sapar crisis centre (demo)"
    assert said["roles"] == ["caseworker"]
    assert said["name"] == "O. Primerova"


async def test_an_unknown_agency_is_not_found(node: Node) -> None:
    answer = await node.get("/v1/agencies/kz.no-such")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_wall_hides_another_agencys_staff_from_sql(node: Node) -> None:
    async with node.database.transaction(Context("kz.kamqor-demo", "test")) as connection:
        seen = await PeopleRepository(connection).all_staff()

    assert {one.agency_id for one in seen} == {"kz.kamqor-demo"}


async def test_without_a_context_staff_cannot_be_read_at_all(node: Node) -> None:
    with pytest.raises(asyncpg.PostgresError, match="no tenant context"):
        async with node.database.plain() as connection:
            await connection.fetch("SELECT * FROM staff")


async def test_a_second_run_changes_nothing_and_tells_nothing(node: Node, kazakhstan: Declaration) -> None:
    before = len(await node.outbox())

    done = await reconcile(kazakhstan, node.registry, node.keys, node.provider)

    assert done.nothing
    assert len(await node.outbox()) == before


async def test_agencies_and_keys_are_told_to_the_node_and_to_partners_in_order(node: Node) -> None:
    told = await node.outbox()

    lanes = {lane: [r["type"] for r in told if r["lane"] == lane] for lane in {r["lane"] for r in told}}
    both = ["agency.enrolled.v1", "agency_key.published.v1"]
    assert lanes["node:kz.sapar-demo"] == both
    assert lanes["addressed:kz.sapar-demo"] == both
    assert lanes["node:kz-uz"] == ["corridor.opened.v1"]
    addressed = [json.loads(r["payload"]) for r in told if r["lane"].startswith("addressed:")]
    assert {(one["sender"], one["recipient"]) for one in addressed} == {("kz.node", "partners")}


async def test_a_changed_agency_is_told_again(node: Node, kazakhstan: Declaration) -> None:

    moved = replace(kazakhstan.agencies[3], district="Karaganda")
    changed = replace(kazakhstan, agencies=(*kazakhstan.agencies[:3], moved))

    done = await reconcile(changed, node.registry, node.keys, node.provider)

    assert done.events == 1
    assert (await node.get("/v1/agencies/kz.clinic-demo")).json()["district"] == "Karaganda"


async def test_whom_the_declaration_no_longer_names_takes_part_no_more(node: Node, kazakhstan: Declaration) -> None:
    gone, (first, *corridors) = "kz.kamqor-demo", kazakhstan.corridors
    smaller = replace(
        kazakhstan,
        agencies=tuple(one for one in kazakhstan.agencies if one.agency_id != gone),
        staff=tuple(one for one in kazakhstan.staff if one.agency_id != gone and one.username != "s.starshina"),
        clients=tuple(one for one in kazakhstan.clients if one.agency_id != gone),
        corridors=tuple(corridors),
    )
    before = len(await node.outbox())

    await reconcile(smaller, node.registry, node.keys, node.provider)
    again = await reconcile(smaller, node.registry, node.keys, node.provider)

    told = [(row["lane"], row["type"]) for row in (await node.outbox())[before:]]
    listed = {one["agency_id"] for one in (await node.get("/v1/agencies")).json()["agencies"]}
    left = [one["username"] for one in (await node.get(STAFF, roles=["agency_admin"])).json()["staff"]]
    open_ways = {(one["origin"], one["destination"]) for one in (await node.get("/v1/corridors")).json()["corridors"]}
    async with node.database.transaction(Context(gone, "test")) as connection:
        theirs = await PeopleRepository(connection).all_staff()
    assert (f"node:{gone}", "agency.suspended.v1") in told
    assert (f"addressed:{gone}", "agency.suspended.v1") in told
    assert (f"node:{first.origin}-{first.destination}", "corridor.closed.v1") in told
    assert gone not in listed
    assert (await node.get(f"/v1/agencies/{gone}")).status_code == 404
    assert "s.starshina" not in left
    assert "a.adminova" in left
    assert theirs == []
    assert (first.origin, first.destination) not in open_ways
    assert again.nothing

    await reconcile(kazakhstan, node.registry, node.keys, node.provider)

    back = {one["agency_id"] for one in (await node.get("/v1/agencies")).json()["agencies"]}
    assert gone in back


async def test_no_private_key_leaves_the_key_folder(node: Node) -> None:
    stored = await node.database.pool.fetch("SELECT sign_public, seal_public FROM agency_keys")
    published = (await node.get("/v1/agency_keys")).json()["agency_keys"]

    assert {len(row["sign_public"]) for row in stored} == {32}
    assert {len(row["seal_public"]) for row in stored} == {1184 + 32}
    assert {one["agency_id"] for one in published} >= {"kz.node", "kz.sapar-demo"}


async def test_migrations_reach_the_declared_tables(node: Node) -> None:
    from services.identity.storage.tables import Table

    connection = await asyncpg.connect(node.place.admin_url)
    try:
        rows = await connection.fetch(
            """SELECT table_name, column_name, is_nullable = 'YES' AS nullable FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT IN ('outbox', 'outbox_position', 'alembic_version')"""
        )
    finally:
        await connection.close()

    declared = {
        (table.name, column.name, bool(column.nullable))
        for table in Table.metadata.tables.values()
        for column in table.columns
    }
    assert {(row[0], row[1], row[2]) for row in rows} == declared


def _without_trace(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "trace_id"}
