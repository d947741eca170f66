"""A name put into a beneficiary is found nowhere it does not belong."""

import pytest

from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.databases import dump
from tests.support.installation import Installation

CANARY = "Canary Zimorodok-Primerova"
QUESTION = "question-vesna-0173"


@pytest.fixture(scope="module")
async def served(cast: Cast) -> Story:
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name=CANARY))
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "request_information", question=QUESTION)
    await story.seen_by(story.referring, "information_requested")
    await story.say(story.referring, "give_information", answer=QUESTION)
    await story.seen_by(story.receiving, "acknowledged")
    await story.say(story.receiving, "accept")
    await story.identity_seen()
    return story


def _variants(text: str) -> list[bytes]:
    return [form.encode(coding) for form in (text, text.lower()) for coding in ("utf-8", "utf-16-le")]


async def test_the_canary_arrived_where_it_belongs(served: Story) -> None:
    released = await served.identity_seen()

    assert released["identity"]["full_name"] == CANARY


async def test_the_canary_is_in_no_log_no_trace_and_no_broker_storage(
    installation: Installation, served: Story
) -> None:
    found = [
        name
        for name, content in installation.texts()
        for text in (CANARY, QUESTION)
        for needle in _variants(text)
        if needle in content
    ]

    assert found == []


@pytest.mark.parametrize("node", ["kz", "uz", "kg", "region"])
async def test_the_canary_is_in_no_database_in_plain(installation: Installation, served: Story, node: str) -> None:
    found = [name for name, content in dump(installation, node) if any(n in content for n in _variants(CANARY))]

    assert found == []


async def test_the_region_holds_no_referral_at_all(installation: Installation, served: Story) -> None:
    needles = [served.referral_id.encode(), served.case_id.encode(), served.code.encode()]

    held = [name for name, content in dump(installation, "region") if any(needle in content for needle in needles)]

    assert held == []
