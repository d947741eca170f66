"""A message crosses the border and its receipts come back."""

from services.notifications.domain.frame import SIZE_CLASSES
from tests.integration.notifications.world import Side, a_referral, about, until

SAPAR, KAMQOR, NAJOT = "kz.sapar-demo", "kz.kamqor-demo", "uz.najot-demo"


async def test_a_message_crosses_whole_and_its_receipts_come_back(kz: Side, uz: Side) -> None:
    referral = a_referral()

    sent = await kz.say(referral, SAPAR, NAJOT)
    await uz.arrived(referral, 1)
    receipts = await kz.receipts(referral, 2)

    arrived = next(event for event in uz.inbound if about(event) == referral)
    assert arrived.model_copy(update={"traceparent": None}) == sent.model_copy(update={"traceparent": None})
    assert [one.data["stage"] for one in receipts] == ["received", "opened"]
    assert {(one.data["event_id"], one.data["sender"], one.data["recipient"]) for one in receipts} == {
        (str(sent.id), SAPAR, NAJOT)
    }


async def test_both_agencies_see_the_delivery_and_nobody_else_does(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.say(referral, SAPAR, NAJOT)
    await kz.receipts(referral, 2)

    outbound = await kz.deliveries(f"{SAPAR}:caseworker", referral)
    inbound = await uz.deliveries(f"{NAJOT}:caseworker", referral)

    assert [(one["direction"], one["state"]) for one in outbound] == [("outbound", "opened")]
    assert all(outbound[0][f"{stage}_at"] for stage in ("queued", "sent", "received", "opened"))
    assert [(one["direction"], one["state"]) for one in inbound] == [("inbound", "opened")]
    assert await kz.deliveries(f"{KAMQOR}:caseworker", referral) == []
    assert await uz.deliveries("uz.mehr-demo:caseworker", referral) == []


async def test_nothing_readable_is_kept_on_the_way(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.say(referral, SAPAR, NAJOT)
    await kz.receipts(referral, 2)

    ids = {str(event.id) for event in uz.inbound if about(event) == referral}
    stored = [one for one in uz.stored if one.headers and one.headers["Safar-Id"] in ids]
    rest = await kz.rows("SELECT body FROM message WHERE split_part(subject, ':', 1) = $1", referral)
    payloads = await uz.rows("SELECT payload FROM arrival WHERE state = 'opened' AND payload IS NOT NULL")

    assert stored
    assert all(referral not in one.subject for one in stored)
    assert all(not one.data.startswith(b"{") for one in stored)
    assert rest == []
    assert payloads == []


async def test_many_messages_of_one_referral_stay_in_order(kz: Side, uz: Side) -> None:
    referrals = [a_referral() for _ in range(5)]
    for _ in range(10):
        for referral in referrals:
            await kz.say(referral, SAPAR, NAJOT)

    for referral in referrals:
        assert await uz.arrived(referral, 10) == list(range(1, 11))


async def test_answers_come_back_in_a_lane_of_their_own(kz: Side, uz: Side) -> None:
    referral = a_referral()
    await kz.say(referral, SAPAR, NAJOT)
    await uz.arrived(referral, 1)

    await uz.say(referral, NAJOT, SAPAR)

    assert await kz.arrived(referral, 1) == [1]
    assert {event.source for event in kz.inbound if about(event) == referral} == {"/uz/referrals"}


async def test_a_message_inside_the_country_takes_the_same_way_less_the_border(kz: Side) -> None:
    referral = a_referral()

    await kz.say(referral, SAPAR, KAMQOR)

    assert await kz.arrived(referral, 1) == [1]
    assert [one.data["stage"] for one in await kz.receipts(referral, 2)] == ["received", "opened"]
    own = await kz.deliveries(f"{SAPAR}:caseworker", referral)
    theirs = await kz.deliveries(f"{KAMQOR}:caseworker", referral)
    assert [(own[0]["direction"], own[0]["state"]), (theirs[0]["direction"], theirs[0]["state"])] == [
        ("outbound", "opened"),
        ("inbound", "opened"),
    ]


async def test_sealed_sizes_say_only_their_class(uz: Side, kz: Side) -> None:
    referral = a_referral()
    await kz.say(referral, SAPAR, NAJOT)
    await uz.arrived(referral, 1)

    sizes = {row["size"] for row in await uz.rows("SELECT size - 1136 AS size FROM arrival WHERE origin = 'kz'")}

    assert all(any(0 <= size - kind < 1024 for kind in SIZE_CLASSES) for size in sizes)


async def test_the_link_is_alive_and_empty(kz: Side) -> None:
    async def settled() -> bool:
        links = {one["node"]: one for one in (await kz.ask(None, "links")).json()["items"]}
        return links["uz"]["waiting"] == 0 and links["uz"]["last_heard_at"] is not None

    await until(settled)
