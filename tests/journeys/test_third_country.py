"""A third country's agency sees none of a crossing: by id, by subject, in its database, in its logs."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import pytest
from nats.aio.msg import Msg

from deploy.local.api import ApiError
from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.databases import dump
from tests.support.installation import Installation


@pytest.fixture(scope="module")
async def crossing(cast: Cast) -> Story:
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name="Sample Unseen Person"))
    await story.send()
    await story.serve_to_the_end()
    return story


@pytest.mark.parametrize("outsider", ["kg.tayanych-demo", "kz.kamqor-demo", "uz.mehr-demo"])
async def test_another_agencys_id_answers_like_an_id_that_does_not_exist(
    cast: Cast, crossing: Story, outsider: str
) -> None:
    agency = cast.agency(outsider)
    nobody = "00000000-0000-7000-8000-000000000000"

    for path in ("/v1/referrals/{}", "/v1/referrals/{}/timeline", "/v1/referrals/{}/identity?purpose=casework"):
        answers = []
        for referral_id in (crossing.referral_id, nobody):
            with pytest.raises(ApiError) as refused:
                await agency.get(path.format(referral_id))
            answers.append((refused.value.status, refused.value.problem | {"trace_id": ""}))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


@pytest.mark.parametrize("outsider", ["kg.tayanych-demo", "kz.kamqor-demo", "uz.mehr-demo"])
async def test_no_verb_of_an_outsider_touches_the_referral(cast: Cast, crossing: Story, outsider: str) -> None:
    for verb, body in (("acknowledge", {}), ("accept", {}), ("withdraw", {"reason": "sent_in_error"}), ("send", {})):
        with pytest.raises(ApiError) as refused:
            await cast.agency(outsider).post(f"/v1/referrals/{crossing.referral_id}/{verb}", body)
        assert refused.value.status == 404


async def test_a_third_country_holds_nothing_of_the_crossing(installation: Installation, crossing: Story) -> None:
    needle = crossing.referral_id.encode()

    held = [name for name, text in dump(installation, "kg") if needle in text]
    control = [name for name, text in dump(installation, "kz") if needle in text]
    logged = [name for name, text in installation.texts() if name.startswith("logs/kg.") and needle in text]
    stored = [name for name, text in installation.texts() if name.startswith("nodes/kg/") and needle in text]

    assert control
    assert (held, logged, stored) == ([], [], [])


async def test_a_third_countrys_border_key_hears_nothing_of_a_crossing(installation: Installation, cast: Cast) -> None:
    heard: dict[str, list[bytes]] = {node: [] for node in ("kz", "uz", "kg")}
    story = Story(cast.first("kz"), cast.first("uz"), Plot())

    async with AsyncExitStack() as listening:
        for node, messages in heard.items():
            await _hear_everything(listening, installation, node, messages)
        await story.send()
        async with asyncio.timeout(30):  # the control: by the same filter, the two countries hear it
            while not (
                any(one.startswith(b"out.UZ.kz_sapar-demo.") for one in _told_of(story, heard["kz"]))
                and any(one.startswith(b"xb.in.KZ.kz_sapar-demo.") for one in _told_of(story, heard["uz"]))
            ):
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)

    assert _told_of(story, heard["kg"]) == []


def _told_of(story: Story, messages: list[bytes]) -> list[bytes]:
    return [one for one in messages if _names_a_party(one, story)]


def _names_a_party(message: bytes, story: Story) -> bool:
    """Whether its subject, or the readable header of its envelope, is of one of the two agencies."""
    parties = [agency.agency_id for agency in (story.referring, story.receiving)]
    return any(form.encode() in message for party in parties for form in (party, party.replace(".", "_")))


async def _hear_everything(
    listening: AsyncExitStack, installation: Installation, node: str, heard: list[bytes]
) -> None:
    """All that the border key of a node is given, subject and data, until the end of `listening`."""

    async def hear(message: Msg) -> None:
        heard.append(message.subject.encode() + b" " + message.data)

    client = await _border_client(installation, node)
    listening.push_async_callback(client.close)
    await client.subscribe(">", cb=hear)
    await client.flush()


async def _border_client(installation: Installation, node: str) -> nats.aio.client.Client:
    broker = installation.addresses["nodes"][node]["broker"]
    seed = Path(broker["seed_files"]["border-deployer"]).read_text().strip()  # noqa: ASYNC240  (58 bytes)
    authority = ssl.create_default_context(cafile=broker["ca_file"])
    return await nats.connect(broker["url"], nkeys_seed_str=seed, tls=authority)
