"""A third country's agency sees none of a crossing: by id, by subject, in its database, in its logs."""

import asyncio
import ssl
from pathlib import Path

import nats
import pytest

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
    logged = [name for name, text in installation.texts() if name.startswith("logs/kg.") and needle in text]
    stored = [name for name, text in installation.texts() if name.startswith("nodes/kg/") and needle in text]

    assert (held, logged, stored) == ([], [], [])


async def test_a_third_countrys_border_key_hears_nothing_of_a_crossing(installation: Installation, cast: Cast) -> None:
    heard: list[str] = []

    async def hear(message: object) -> None:
        heard.append(getattr(message, "subject", ""))

    client = await _border_client(installation, "kg")
    await client.subscribe(">", cb=hear)
    await client.flush()
    story = Story(cast.first("kz"), cast.first("uz"), Plot())
    await story.send()
    await asyncio.sleep(0.5)
    await client.close()

    assert [subject for subject in heard if "KZ" in subject and "UZ" in subject] == []
    assert [subject for subject in heard if story.referral_id in subject] == []


async def _border_client(installation: Installation, node: str) -> nats.aio.client.Client:
    broker = installation.addresses["nodes"][node]["broker"]
    seed = Path(broker["seed_files"]["border-deployer"]).read_text().strip()  # noqa: ASYNC240  (58 bytes)
    authority = ssl.create_default_context(cafile=broker["ca_file"])
    return await nats.connect(broker["url"], nkeys_seed_str=seed, tls=authority)
