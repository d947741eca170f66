from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest
from pydantic import ValidationError

from contracts.terms import Country, ReferralStatus
from services.chassis.database import NODE, Context
from services.coordination.domain.disclosure import PARTNER_THRESHOLD
from services.coordination.domain.query import CountQuery, DimensionName
from services.coordination.messaging.publishing import CountPublisher
from services.coordination.settings import CoordinationSettings
from services.coordination.usecases.query_counts import query_counts
from tests.integration.coordination.nodes import Facts, Node, start
from tests.support.postgres import PostgresServer

S = ReferralStatus
THRESHOLD = 11


@pytest.fixture
async def kz(postgres: PostgresServer) -> AsyncIterator[Node]:
    node = await start(postgres, "kz")
    yield node
    await node.database.close()


@pytest.fixture
async def region(postgres: PostgresServer) -> AsyncIterator[Node]:
    node = await start(postgres, "region")
    yield node
    await node.database.close()


async def counts(node: Node) -> dict[tuple[str, str], int]:
    """(side, status) → count, true."""
    async with node.database.transaction(Context(NODE, "test")) as connection:
        rows = await connection.fetch("SELECT side, status, sum(count) AS n FROM count_cells GROUP BY 1, 2")
    return {(row["side"], row["status"]): row["n"] for row in rows if row["n"]}


async def sent(node: Node, number: int, **what: object) -> None:
    for _ in range(number):
        facts = Facts(**what)  # type: ignore[arg-type]
        await node.receive(facts.fact(S.DRAFT), facts.fact(S.SENT))


async def test_a_referral_is_counted_where_it_stands_and_nowhere_else(kz: Node) -> None:
    facts = Facts()

    for status in (S.DRAFT, S.SENT, S.DELIVERED, S.ACKNOWLEDGED, S.ACCEPTED):
        await kz.receive(facts.fact(status))

    assert await counts(kz) == {("referring", "accepted"): 1}


async def test_a_fact_told_twice_counts_once(kz: Node) -> None:
    fact = Facts().fact(S.SENT)

    await kz.receive(fact)
    await kz.receive(fact)

    assert await counts(kz) == {("referring", "sent"): 1}


async def test_facts_out_of_order_count_once_the_gap_is_closed(kz: Node) -> None:
    facts = Facts()
    first, second, third = (facts.fact(status) for status in (S.SENT, S.DELIVERED, S.ACKNOWLEDGED))

    await kz.receive(third)
    await kz.receive(second)
    waiting = await counts(kz)
    await kz.receive(first)

    assert waiting == {}
    assert await counts(kz) == {("referring", "acknowledged"): 1}


async def test_a_fact_that_contradicts_the_counts_parks_its_referral_alone(kz: Node) -> None:
    contradiction = Facts(before=S.ACCEPTED).fact(S.IN_PROGRESS)

    await kz.receive(contradiction)
    await sent(kz, 1)

    assert await kz.parked() == ["count_missing"]
    assert await counts(kz) == {("referring", "sent"): 1}


async def test_a_payload_that_breaks_its_contract_parks_its_lane(kz: Node) -> None:
    good = Facts().fact(S.SENT)
    broken = good.model_copy(update={"data": good.data | {"status": "vanished"}})

    await kz.receive(broken)

    assert await kz.parked() == ["contract_violated"]


async def test_an_agency_sees_its_own_counts_and_no_other(kz: Node) -> None:
    await sent(kz, 2)
    await sent(kz, 3, agency="kz.kamqor-demo")

    async with kz.ledger.agency("kz.sapar-demo", "o.primerova") as books:
        own = await books.counts.of_agency()

    assert [(count.side, count.status, count.count) for count in own] == [("referring", "sent", 2)]


async def test_without_a_context_counts_cannot_be_read(kz: Node) -> None:
    await sent(kz, 1)

    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await kz.database.pool.fetch("SELECT * FROM count_cells")


async def test_the_region_gets_the_counts_and_no_referral_id(kz: Node, region: Node) -> None:
    facts = Facts()
    await kz.receive(facts.fact(S.DRAFT), facts.fact(S.SENT), facts.fact(S.ACKNOWLEDGED, hours_to_acknowledge=3))

    await kz.publisher.publish()
    (told,) = await kz.publications()
    await region.receive(told)

    assert (told.sender, told.recipient, told.subject) == ("kz.node", "region.node", "kz")
    rows = await region.database.pool.fetch("SELECT status, count, acknowledge_hours FROM published_cells")
    assert {row["status"]: row["count"] for row in rows} == {"sent": 0, "acknowledged": 1}
    assert sum(sum(row["acknowledge_hours"]) for row in rows) == 1
    assert str(facts.referral_id) not in told.model_dump_json()


async def test_what_a_country_receives_is_the_other_countrys_to_tell(kz: Node) -> None:
    facts = Facts(side="receiving", origin=Country.UZ, destination=Country.KZ)
    await kz.receive(facts.fact(S.DELIVERED))

    published = await kz.publisher.publish()

    assert published == 0
    assert await counts(kz) == {("receiving", "delivered"): 1}


async def test_publications_that_arrive_twice_or_late_leave_the_newest_values(kz: Node, region: Node) -> None:
    await sent(kz, 2)
    await kz.publisher.publish()
    await sent(kz, 3)
    await kz.publisher.publish()
    first, second = await kz.publications()

    await region.receive(second)
    await region.receive(first)
    await region.receive(second)

    assert await region.database.pool.fetchval("SELECT sum(count) FROM published_cells") == 5


async def test_nothing_is_told_when_nothing_changed(kz: Node) -> None:
    await sent(kz, 1)
    await kz.publisher.publish()

    again = await kz.publisher.publish()

    assert again == 0


async def test_many_cells_go_in_messages_of_two_hundred(kz: Node) -> None:
    for number in range(201):
        await sent(kz, 1, month=f"{2020 + number // 12}-{number % 12 + 1:02}")

    sizes = [await kz.publisher.publish() for _ in range(3)]

    assert sizes == [200, 1, 0]


@pytest.mark.parametrize(
    "forgery", [{"sender": "uz.node"}, {"sender": "kz.sapar-demo"}, {"sender": None}], ids=["node", "agency", "nobody"]
)
async def test_counts_told_by_another_are_parked(kz: Node, region: Node, forgery: dict[str, str | None]) -> None:
    await sent(kz, 1)
    await kz.publisher.publish()
    (told,) = await kz.publications()

    await region.receive(told.model_copy(update=forgery))

    assert await region.parked() == ["foreign_counts"]
    assert await region.database.pool.fetchval("SELECT count(*) FROM published_cells") == 0


async def test_counts_about_another_countrys_referrals_are_parked(kz: Node, region: Node) -> None:
    await sent(kz, 1)
    await kz.publisher.publish()
    (told,) = await kz.publications()
    data = told.data | {"cells": [told.data["cells"][0] | {"origin": "uz"}]}

    await region.receive(told.model_copy(update={"data": data}))

    assert await region.parked() == ["foreign_counts"]


async def test_the_region_sees_corridors_with_small_ones_hidden(kz: Node, region: Node) -> None:
    await sent(kz, 12)
    await sent(kz, 4, destination=Country.KG)
    await sent(kz, 7, destination=Country.TJ)
    while await kz.publisher.publish():
        pass
    await region.receive(*await kz.publications())

    async with region.ledger.node("r.sampleson") as books:
        query = CountQuery((DimensionName.ORIGIN, DimensionName.DESTINATION))
        answer = await query_counts(books.cells, query, THRESHOLD, None, datetime.now(UTC))

    shown = {(n.at["origin"], n.at["destination"]): (n.value, n.suppressed) for n in answer.table.rows}
    assert shown["kz", "uz"] == (20, None), "12, as it is told"
    assert shown["kz", "kg"] == shown["kz", "tj"] == (None, "below_threshold")
    assert shown["kz", "tm"] == (0, None)
    assert answer.as_of is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"month": "9999-12"}, "contract_violated"),
        ({"month": "2026-99"}, "contract_violated"),
        ({"month": "0000-01"}, "contract_violated"),
        ({"month": "2099-12", "count": 0}, "counts_of_the_future"),
        ({"count": 2**31 - 1}, "contract_violated"),
        ({"decide_hours": [2**31 - 1, *[0] * 11]}, "contract_violated"),
    ],
)
async def test_absurd_counts_of_one_country_do_not_blind_the_region(
    kz: Node, region: Node, change: dict[str, object], code: str
) -> None:
    await sent(kz, 12)
    await kz.publisher.publish()
    (told,) = await kz.publications()
    cells = [cell | change for cell in told.data["cells"]]

    await region.receive(told.model_copy(update={"data": told.data | {"cells": cells}}))

    assert await region.parked() == [code]
    assert await region.database.pool.fetchval("SELECT count(*) FROM published_cells") == 0


async def test_counts_add_up_beyond_what_one_cell_can_hold(region: Node) -> None:
    await region.database.pool.execute(
        """INSERT INTO published_cells (month, origin, destination, service, sex, age_band, status, count,
            acknowledge_hours, decide_hours) SELECT '2026-01', 'kz', 'uz', service, 'female', '24-30', 'closed',
            2000000000, array_fill(2000000000, ARRAY[12]), array_fill(0, ARRAY[12])
            FROM unnest(ARRAY['shelter', 'health']) AS service"""
    )

    async with region.ledger.node("r.sampleson") as books:
        answer = await query_counts(books.cells, CountQuery(), THRESHOLD, None, datetime.now(UTC))

    assert [number.value for number in answer.table.rows] == [4_000_000_000]


async def test_an_inland_referral_counts_once_in_the_national_view(kz: Node) -> None:
    await sent(kz, 6, destination=Country.KZ)
    for _ in range(6):
        facts = Facts(side="receiving", agency="kz.kamqor-demo", destination=Country.KZ)
        await kz.receive(facts.fact(S.DELIVERED))
    await kz.publisher.publish()

    async with kz.ledger.node("n.coordinator") as books:
        answer = await query_counts(books.cells, CountQuery(), None, Country.KZ, datetime.now(UTC))

    assert [number.value for number in answer.table.rows] == [6]


async def test_nothing_is_published_before_enough_referrals_have_changed(kz: Node) -> None:
    kz.publisher = CountPublisher(kz.ledger, Country.KZ, 0.05, THRESHOLD)
    one = Facts()
    for status in (S.DRAFT, S.SENT, S.DELIVERED, S.ACKNOWLEDGED, S.ACCEPTED):
        await kz.receive(one.fact(status))
    await sent(kz, THRESHOLD - 2)

    before = await kz.publisher.publish()
    await sent(kz, 1)
    published = await kz.publisher.publish()
    await sent(kz, 1)
    after = await kz.publisher.publish()

    assert (before, after) == (0, 0)
    assert published > 0


async def national(node: Node) -> int | None:
    """All that is counted of what the country's coordinators see, before it is rounded."""
    async with node.ledger.node("n.coordinator") as books:
        answer = await query_counts(books.cells, CountQuery(), None, Country.KZ, datetime.now(UTC))
    return answer.table.rows[0].value


async def test_the_national_view_too_moves_only_when_enough_referrals_have_changed(kz: Node) -> None:
    kz.publisher = CountPublisher(kz.ledger, Country.KZ, 0.05, THRESHOLD)
    await sent(kz, PARTNER_THRESHOLD)
    await kz.publisher.publish()
    first = await national(kz)

    incoming = Facts(side="receiving", origin=Country.UZ, destination=Country.KZ)
    for status in (S.DELIVERED, S.ACKNOWLEDGED, S.ACCEPTED):
        await kz.receive(incoming.fact(status))
        await kz.publisher.publish()
    await sent(kz, PARTNER_THRESHOLD - 2)
    await kz.publisher.publish()
    before = await national(kz)
    await sent(kz, 1)
    await kz.publisher.publish()

    assert (first, before, await national(kz)) == (PARTNER_THRESHOLD, PARTNER_THRESHOLD, 2 * PARTNER_THRESHOLD)
    assert await kz.publications() == [], "ten changed referrals are too few for the region"


async def test_an_inland_arrival_is_no_second_change(kz: Node) -> None:
    kz.publisher = CountPublisher(kz.ledger, Country.KZ, 0.05, THRESHOLD)
    for _ in range(PARTNER_THRESHOLD):
        await kz.receive(Facts(side="receiving", destination=Country.KZ).fact(S.DELIVERED))
    await kz.publisher.publish()

    assert await national(kz) == 0


async def test_one_publisher_at_a_time(kz: Node) -> None:
    await sent(kz, THRESHOLD)

    async with kz.ledger.node("publish") as other:
        held = await other.counts.is_only_publisher()
        told = await kz.publisher.publish()

    assert held
    assert told == 0
    assert await kz.publisher.publish() > 0
    assert await national(kz) == THRESHOLD


def test_production_refuses_to_publish_in_smaller_steps() -> None:
    given = {"node": "kz", "database_url": "x", "context_key_file": "x", "nats_url": "x", "nats_seed_file": "x"}

    with pytest.raises(ValidationError):
        CoordinationSettings(**given, mode="production", publish_step=THRESHOLD - 1)
    assert CoordinationSettings(**given, mode="production").publish_step == THRESHOLD
