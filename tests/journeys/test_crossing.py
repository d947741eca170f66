"""The whole story over the API: a referral leaves Kazakhstan, is served in Uzbekistan, and comes back."""

import asyncio

import pytest

from deploy.local.api import AgencyApi, ApiError
from deploy.local.demo import Cast
from deploy.local.story import Plot, Story

THE_ACTS_OF_A_SERVED_REFERRAL = [
    "sent",
    "acknowledged",
    "information_requested",
    "information_given",
    "accepted",
    "identity_released",
    "service_started",
    "service_delivered",
    "closed",
]


async def test_a_referral_crosses_the_border_is_served_and_closed_on_both_sides(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name="Sample Crossing Person"))

    await story.send()
    await story.serve_to_the_end(ask=True)

    ours, theirs = await story.timeline(story.referring), await story.timeline(story.receiving)
    assert [entry["act"] for entry in ours["entries"]] == THE_ACTS_OF_A_SERVED_REFERRAL
    assert [entry["hash"] for entry in ours["entries"]] == [entry["hash"] for entry in theirs["entries"]]
    assert ours["head"] == theirs["head"]
    for agency in (story.referring, story.receiving):
        deliveries = (await agency.get("/v1/deliveries", referral_id=story.referral_id))["items"]
        assert {one["direction"] for one in deliveries} == {"outbound", "inbound"}


async def test_the_receiving_agency_sees_a_preview_and_no_identity_until_it_accepts(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.first("uz"), Plot(name="Sample Preview Person"))
    await story.send()

    preview = await story.receiving.get(f"/v1/referrals/{story.referral_id}")
    with pytest.raises(ApiError) as before:
        await story.receiving.get(f"/v1/referrals/{story.referral_id}/identity", purpose="casework")
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "accept")
    released = await story.identity_seen()

    assert "Sample Preview Person" not in str(preview)
    assert before.value.problem["code"] == "identity_not_released"
    assert released["identity"] == {"full_name": "Sample Preview Person", "birth_date": "2000-01-01"}


async def test_a_field_that_was_withheld_never_leaves(cast: Cast) -> None:
    story = Story(cast.first("uz"), cast.first("kz"), Plot())
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "accept")

    released = await story.identity_seen()

    assert "phone" not in released["identity"]


async def test_without_consent_nothing_is_sent(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.first("uz"), Plot())
    await story.draft()

    with pytest.raises(ApiError) as refused:
        await story.say(story.referring, "send")

    draft = await story.referring.get(f"/v1/referrals/{story.referral_id}")
    assert (refused.value.status, refused.value.problem["code"]) == (409, "consent_missing")
    assert refused.value.problem["remedy"]
    assert draft["status"] == "draft"


async def test_a_declined_referral_tells_its_reason(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.second("uz"), Plot(service="health"))
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "decline", reason="no_capacity")

    ours = await story.seen_by(story.referring, "declined")

    assert ours["decline_reason"] == "no_capacity"


async def test_a_redirected_referral_names_the_better_agency(cast: Cast) -> None:
    story = Story(cast.first("uz"), cast.first("kz"), Plot(service="documents"))
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "redirect", to_agency="kz.kamqor-demo")

    ours = await story.seen_by(story.referring, "redirected")

    assert ours["redirected_to"] == "kz.kamqor-demo"


async def test_a_withdrawn_consent_closes_the_other_sides_access(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.first("uz"), Plot())
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "accept")
    await story.identity_seen()

    await story.say(story.referring, "withdraw_consent")
    await story.seen_by(story.receiving, "consent_withdrawn")

    with pytest.raises(ApiError) as closed:
        await story.receiving.get(f"/v1/referrals/{story.referral_id}/identity", purpose="casework")
    assert closed.value.status == 409


@pytest.mark.parametrize("country", ["kz", "uz"])
async def test_a_referral_inside_a_country_goes_the_same_way(cast: Cast, country: str) -> None:
    story = Story(cast.first(country), cast.second(country), Plot(service="legal_assistance"))

    await story.send()
    await story.serve_to_the_end()

    ours, theirs = await story.timeline(story.referring), await story.timeline(story.receiving)
    assert ours["head"] == theirs["head"]


async def test_each_verb_has_one_actor(cast: Cast) -> None:
    """Each is tried in a state in which the other agency may do it, and changes neither copy."""
    story = Story(cast.first("kz"), cast.first("uz"), Plot())

    await story.draft()
    await story.consent()
    await _refused(story, story.receiving, "send", code="not_found")
    await story.say(story.referring, "send")
    await story.seen_by(story.receiving, "delivered")
    await story.seen_by(story.referring, "delivered")
    await _refused(story, story.referring, "acknowledge", code="wrong_state")
    await _refused(story, story.receiving, "withdraw", code="wrong_state", reason="sent_in_error")
    await story.say(story.receiving, "acknowledge")
    await story.seen_by(story.referring, "acknowledged")
    await _refused(story, story.referring, "request_information", code="wrong_state", question="Is there a room?")
    await _refused(story, story.referring, "accept", code="wrong_state")
    await _refused(story, story.referring, "decline", code="wrong_state", reason="no_capacity")
    await story.say(story.receiving, "request_information", question="Is a room for one enough?")
    await story.seen_by(story.referring, "information_requested")
    await _refused(story, story.receiving, "give_information", code="wrong_state", answer="Yes.")


async def _refused(story: Story, agency: AgencyApi, verb: str, *, code: str, **body: object) -> None:
    before = await _copies(story)
    with pytest.raises(ApiError) as refused:
        await story.say(agency, verb, **body)
    assert (verb, refused.value.problem["code"]) == (verb, code)
    assert await _copies(story) == before


async def _copies(story: Story) -> list[object]:
    """Status and version of each side's own copy, or why there is none."""
    copies: list[object] = []
    for agency in (story.referring, story.receiving):
        try:
            copy = await agency.get(f"/v1/referrals/{story.referral_id}")
        except ApiError as error:
            copies.append(error.problem["code"])
        else:
            copies.append((copy["status"], copy["version"]))
    return copies


async def test_the_same_create_sent_twenty_times_makes_one_case(cast: Cast) -> None:
    story = Story(cast.first("kz"), cast.first("uz"), Plot())

    answers = await asyncio.gather(
        *(story.referring.post("/v1/cases", story._case(), key="the-same-key") for _ in range(20)),
        return_exceptions=True,
    )

    made = {answer["case_id"] for answer in answers if isinstance(answer, dict)}
    refused = [answer for answer in answers if not isinstance(answer, dict)]
    assert len(made) == 1
    assert all(isinstance(answer, ApiError) and answer.status == 409 for answer in refused)
