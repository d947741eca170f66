"""No page is a dead end, no list hides what it does not show, and nothing final happens at one press."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.charts.cells import Cell
from gateway.portal.forms import Form
from gateway.portal.present.region import Counts, figures
from gateway.portal.present.verbs import check
from gateway.portal.sessions import SignIn, hold
from tests.unit.gateway.conftest import sign_in
from tests.unit.gateway.fakes import CASE, FakeServices, referral_id, session
from tests.unit.gateway.memory import MemorySessions
from tests.unit.gateway.test_pages import CONSENT

CSRF = session().csrf


async def test_the_inbox_leads_on_from_each_list(browser: httpx.AsyncClient, services: FakeServices) -> None:
    services.page_size = 1
    asked: list[str] = []
    services.watch = lambda request: asked.append(str(request.url))

    first = (await browser.get("/inbox")).text
    second = (await browser.get("/inbox", params={"mine": "1"})).text

    assert 'href="/inbox?mine=1"' in first
    assert referral_id(21) in first
    assert referral_id(21) not in second
    assert referral_id(22) in second
    assert all("order=due" in one for one in asked if "move=mine" in one or "move=theirs" in one)


async def test_my_work_says_that_there_is_more(browser: httpx.AsyncClient, services: FakeServices) -> None:
    services.page_size = 2

    text = (await browser.get("/work")).text

    assert '<a class="btn second small" href="/work?mine=2">Show what follows</a>' in text
    assert '<a class="btn second small" href="/work?waiting=2">Show what follows</a>' in text
    assert "<strong>2+</strong> waiting for others" in text


async def test_withdrawal_of_consent_is_asked_before_it_is_done(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    grant = services.grant()["consent_grant_id"]

    case = (await browser.get(f"/cases/{CASE}")).text
    asked = (await browser.get(f"/consents/{grant}/withdraw")).text
    done_before = [one for one in services.asked if one[1].endswith("/withdraw")]
    done = await browser.post(f"/consents/{grant}/withdraw", data={"csrf": CSRF})

    assert f'<a href="/consents/{grant}/withdraw">' in case
    assert f'action="/consents/{grant}/withdraw"' not in case
    assert "This cannot be taken back" in asked
    assert done_before == []
    assert done.headers["location"] == f"/cases/{CASE}"


@pytest.mark.parametrize("consent", [None, {"status": "withdrawn"}])
async def test_a_draft_without_consent_leads_to_it(
    browser: httpx.AsyncClient, services: FakeServices, consent: dict[str, Any] | None
) -> None:
    told = services.referral

    def without(one: str) -> dict[str, Any] | None:
        found = told(one)
        return found and found | {"consent": consent and found["consent"] | consent, "service_offering_id": None}

    services.referral = without  # type: ignore[method-assign]

    text = (await browser.get(f"/referrals/{referral_id(9)}/send")).text

    assert "There is no valid consent" in text
    assert 'action="/find"' in text
    assert 'name="agency" value="uz.najot-demo"' in text
    assert 'name="sex" value="female"' in text
    assert "Send the referral" not in text


async def test_who_comes_too_late_is_led_on_with_what_was_typed(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    services.refuse[f"/v1/referrals/{referral_id(22)}/decline"] = (409, {"code": "wrong_state"})

    answer = await browser.post(
        f"/referrals/{referral_id(22)}/decline", data={"csrf": CSRF, "reason": "no_capacity", "note": "До четверга"}
    )

    assert f'href="/referrals/{referral_id(22)}">Open the referral' in answer.text
    assert "До четверга" in answer.text
    assert "Send again" not in answer.text


async def test_the_question_stands_where_it_is_answered(browser: httpx.AsyncClient) -> None:
    text = (await browser.get(f"/referrals/{referral_id(2)}/give_information")).text

    assert "Нужна ли отдельная комната для ребёнка?" in text


def test_a_reason_beside_a_service_that_was_given_is_asked_about() -> None:
    form = Form.filled({"result": "delivered", "reason": "no_show"})

    check("record_service", form)

    assert "Which is right?" in form.problems["result"]


async def test_a_page_that_was_asked_for_is_shown_after_signing_in(
    visitor: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    path = f"/referrals/{referral_id(5)}"

    answer = await visitor.get(path)

    (waiting,) = sessions.sign_ins.values()
    assert answer.headers["location"] == "/"
    assert (waiting.onward, waiting.state) == (path, "")


async def test_an_api_that_this_node_does_not_have_answers_with_a_problem(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/v1/referrals")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_who_has_no_pages_is_told_so(visitor: httpx.AsyncClient, sessions: MemorySessions) -> None:
    await sign_in(visitor, sessions, replace(session(), roles=("data_protection_officer",)))

    text = (await visitor.get("/help")).text

    assert text.index("Your role has no pages here") < text.index("You cannot sign in")


def test_of_a_whole_that_is_held_back_no_share_is_told() -> None:
    """Sent 25+, served 29, open 14 of 25+, about 56 %: so it stood there once."""
    hidden = Cell(None, "withheld")
    ends = {("uz", "served"): Cell(29), ("uz", "open"): Cell(14), ("uz", "silent"): Cell(0)}
    sums = {("", one): ends["uz", one] for one in ("served", "open", "silent")}
    counts = Counts({("kz", "uz"): Cell(25), ("uz", "kz"): hidden}, ends, {}, {}, 11, None, end_sums=sums)

    told = {one["title"]: (one["value"], one["of"], one["note"]) for one in figures(counts)}

    assert told["Sent"][0] == "43+"
    assert told["Served"] == ("29", "", "")
    assert told["Still open"] == ("14", "", "")


@pytest.mark.parametrize(
    ("go", "leads"), [("stay", "{here}"), ("language/ru", "/language/ru?back={here}"), ("language//elsewhere", "")]
)
async def test_another_language_or_staying_takes_along_what_is_typed(
    browser: httpx.AsyncClient, go: str, leads: str
) -> None:
    here = (await browser.get("/cases/new")).headers["location"]

    answer = await browser.post(here, data={"csrf": CSRF, "full_name": "Имя Вымышленное", "birth_date": "?", "go": go})
    back = await browser.get(here)

    assert answer.headers["location"] == (leads.format(here=here) or f"{here}?checked=1")
    assert 'value="Имя Вымышленное"' in back.text
    assert 'name="go"' not in back.text


async def test_for_a_service_of_its_own_an_agency_needs_no_consent(
    visitor: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    own = session(agency="uz.najot-demo")
    await sign_in(visitor, sessions, own)

    answer = await visitor.post(
        "/find", data={"csrf": own.csrf, "need": "shelter", "case_id": CASE}, follow_redirects=True
    )

    assert "Your own service: no referral is needed." in answer.text
    assert "Take consent for this service" not in answer.text


async def test_a_language_changed_on_the_page_of_a_verb_keeps_what_is_typed(browser: httpx.AsyncClient) -> None:
    form = {"csrf": CSRF, "reason": "no_capacity", "note": "До четверга", "go": "language/ru"}

    answer = await browser.post(f"/referrals/{referral_id(22)}/decline", data=form)
    back = answer.headers["location"].partition("?back=")[2]
    page = await browser.get(back)

    assert answer.headers["location"].startswith("/language/ru?back=/referrals/")
    assert "До четверга" in page.text
    assert 'value="no_capacity" id="f-reason" checked' in page.text
    assert 'role="alert"' not in page.text


async def test_a_form_with_something_wrong_that_comes_too_late_is_shown_what_was_typed(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    answer = await browser.post(f"/referrals/{referral_id(22)}/decline", data={"csrf": CSRF, "note": "До четверга"})
    services.received = list  # type: ignore[assignment]
    services.sent = lambda: [  # type: ignore[method-assign]
        services.item(22, "withdrawn", None, "none", 0, 0, side="receiving", case_id=None)
    ]

    page = await browser.get(answer.headers["location"])

    assert "The referral has moved on" in page.text
    assert "До четверга" in page.text
    assert f'href="/referrals/{referral_id(22)}">Open the referral' in page.text


async def test_a_note_that_names_the_person_is_mended_before_it_is_read_to_them(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    refusal = {"code": "names_the_person", "field": "note", "recorded": "full_name"}
    services.refuse[f"/v1/cases/{CASE}/check_note"] = (422, refusal)
    form = CONSENT | {"note": "Ask for Vydumana"}

    answers = [
        await browser.post(f"/cases/{CASE}/consent/x", data=form, follow_redirects=True),
        await browser.post(f"/cases/{CASE}/consent/x/read", data=form | {"answer": "yes"}, follow_redirects=True),
    ]

    for answer in answers:
        assert "gives away what is recorded: First and last name. Take that out" in answer.text
        assert "What may they know?" in answer.text
    assert not [path for method, path, _body in services.asked if (method, path) == ("POST", "/v1/consent_grants")]


async def test_a_consent_under_which_nothing_could_be_drafted_does_not_stay(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    services.refuse["/v1/referrals"] = (422, {"code": "unknown_agency", "field": "receiving_agency"})

    answer = await browser.post(f"/cases/{CASE}/consent/x/read", data=CONSENT | {"answer": "yes"})

    posts = [path for method, path, _body in services.asked if method == "POST"]
    assert [path.rpartition("/")[2] for path in posts[-3:]] == ["consent_grants", "referrals", "withdraw"]
    assert answer.status_code == 422
    assert 'name="once" value="one"' not in answer.text


async def test_a_form_that_waits_for_a_sign_in_outlives_a_page_that_is_asked_for(
    visitor: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    waiting = await sessions.begin_sign_in(SignIn("", "", "", hold([], "/cases/new/x", {}, ("o.primerova", "kz.x"))))

    answer = await visitor.get("/work", headers={"Cookie": f"__Host-safar-kz-signin={waiting}"})

    assert "__Host-safar-kz-signin" not in answer.headers.get("set-cookie", "")
    assert list(sessions.sign_ins) == [waiting]


async def test_who_was_advised_searches_at_that_agency_with_what_the_case_asks_for(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    told = services.referral
    redirected = {"status": "redirected", "redirected_to": "uz.mehr-demo", "redirected_to_names": {"en": "Mehr-Demo"}}

    def advised(one: str) -> dict[str, Any] | None:
        found = told(one)
        return found and found | redirected

    services.referral = advised  # type: ignore[method-assign]

    page = (await browser.get(f"/referrals/{referral_id(5)}")).text
    asked = {"csrf": CSRF, "case_id": CASE, "need": "shelter", "sex": "female", "agency": "uz.mehr-demo"}
    found = (await browser.post("/find", data=asked, follow_redirects=True)).text
    odd = {"csrf": CSRF, "need": "shelter", "agency": "<b>"}
    await browser.post("/find", data=odd, follow_redirects=True)

    searched = [body for _method, path, body in services.asked if path == "/v1/service_offering_searches"]
    assert "A better agency was named: Mehr-Demo" in page
    assert 'name="agency" value="uz.mehr-demo"' in page
    assert 'name="sex" value="female"' in page
    assert (searched[0]["agency_id"], searched[0]["sex"]) == ("uz.mehr-demo", "female")
    assert "Only Mehr" in found
    assert "agency_id" not in searched[1]


async def test_consent_is_recorded_for_the_agency_that_was_read_aloud_or_for_none(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    form = CONSENT | {"to": "uz.mehr-demo", "answer": "yes"}

    answer = await browser.post(f"/cases/{CASE}/consent/x/read", data=form)

    assert answer.status_code == 404
    assert not [path for method, path, _body in services.asked if method == "POST" and "consent" in path]


def _shown_as(services: FakeServices, n: int, **change: object) -> str:
    """The address of that referral's page, where it is told with this change."""
    told = services.referral

    def changed(one: str) -> dict[str, Any] | None:
        found = told(one)
        return found and found | change

    services.referral = changed  # type: ignore[method-assign]
    return f"/referrals/{referral_id(n)}"


@pytest.mark.parametrize(("seconds", "said"), [(20, "On its way"), (7200, "Waiting for the link")])
async def test_who_has_received_nothing_is_shown_no_clock(
    browser: httpx.AsyncClient, services: FakeServices, seconds: int, said: str
) -> None:
    since = (services.now - timedelta(seconds=seconds)).isoformat()

    text = (await browser.get(_shown_as(services, 7, in_queue_since=since))).text

    assert text.count(f"<b>{said}</b>") == 2
    assert "still on its way to Panoh-Demo" in text
    assert "is to act" not in text
    assert "They have" not in text
    assert " left" not in text
    assert "If nobody answers" not in text


@pytest.mark.parametrize(
    ("status", "button"), [("redirected", "Find its services"), ("declined", "Find another service")]
)
async def test_what_came_back_is_our_move_and_the_next_search_is_what_can_be_done(
    browser: httpx.AsyncClient, services: FakeServices, status: str, button: str
) -> None:
    advice = {"redirected_to": "uz.mehr-demo"} if status == "redirected" else {}

    text = (await browser.get(_shown_as(services, 5, status=status, move="none", next_deadline=None, **advice))).text

    assert ", your move</span>" in text
    assert "the person still needs help" in text
    assert "Finished" not in text
    assert "finished" not in text
    assert text.index("What can be done now") < text.index(button) < text.index("For the file; without names.")


async def test_what_came_back_and_was_followed_is_finished(browser: httpx.AsyncClient, services: FakeServices) -> None:
    newer = services.case()["referrals"][0] | {"referral_id": referral_id(6), "service": "rehabilitation"}
    case = services.case() | {"referrals": [newer]}
    services.case = lambda: case  # type: ignore[method-assign]

    text = (await browser.get(_shown_as(services, 5, status="redirected", move="none", next_deadline=None))).text

    assert ", finished</span>" in text
    assert "<b>Finished</b>" in text
    assert "nothing is expected" in text
    assert "your move" not in text
    assert 'action="/find"' not in text


async def test_a_withdrawal_that_is_not_confirmed_yet_is_their_move(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    text = (await browser.get(_shown_as(services, 5, status="consent_withdrawn", move="theirs"))).text

    assert ", their move</span>" in text
    assert "Najot-Demo is to act" in text
    assert "finished" not in text


@pytest.mark.parametrize(
    ("shown", "leads"),
    [
        (f"/cases/{CASE}/person", f"/cases/{CASE}"),
        (f"/referrals/{referral_id(22)}/identity", f"/referrals/{referral_id(22)}"),
    ],
)
async def test_the_page_that_shows_a_person_has_a_way_back_in_every_language(
    browser: httpx.AsyncClient, shown: str, leads: str
) -> None:
    page = await browser.post(shown, data={"csrf": CSRF})
    bookmark = await browser.get(shown)

    assert "Имя Вымышленное" in page.text
    assert f'href="/language/ru?back={leads}"' in page.text
    assert (bookmark.status_code, bookmark.headers["location"]) == (303, leads)


async def test_a_search_for_one_need_of_a_case_offers_the_others(browser: httpx.AsyncClient) -> None:
    asked = {"csrf": CSRF, "case_id": CASE, "need": "shelter", "sex": "female"}

    found = (await browser.post("/find", data=asked, follow_redirects=True)).text

    assert '<a href="#others">Not in this search: rehabilitation</a>' in found
    others = found[found.index("The case asks for more.") :]
    assert 'name="need" value="rehabilitation"' in others
    assert 'name="sex" value="female"' in others
    assert '<button class="btn second small">Rehabilitation</button>' in others


@pytest.mark.parametrize(
    ("shelter", "next_step", "other"),
    [("delivered", "First: rehabilitation", "Shelter"), ("declined", "First: shelter", "Rehabilitation")],
)
async def test_the_next_step_of_a_case_is_what_no_referral_is_for(
    browser: httpx.AsyncClient, services: FakeServices, shelter: str, next_step: str, other: str
) -> None:
    services.case_referral_status = shelter

    case = (await browser.get(f"/cases/{CASE}")).text

    assert next_step in case
    assert f'<button class="btn second small">{other}</button>' in case[case.index("The case asks for more.") :]


async def test_a_case_for_which_nothing_was_sent_is_work(
    browser: httpx.AsyncClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {"KZ-AAAA-26": (0, 0, False), "KZ-BBBB-26": (1, 0, False), "KZ-CCCC-26": (0, 1, False)}
    codes |= {"KZ-DDDD-26": (0, 0, True)}
    monkeypatch.setattr(
        services,
        "cases",
        lambda: [
            services.case() | {"code": code, "referrals": sent, "drafts": drafts, "erased": erased}
            for code, (sent, drafts, erased) in codes.items()
        ],
    )

    page = (await browser.get("/work")).text

    untouched = page[page.index("Nothing sent yet") :]
    assert [code for code in codes if code in untouched] == ["KZ-AAAA-26"]


async def test_a_case_that_has_a_referral_for_every_need_says_so(
    browser: httpx.AsyncClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = services.case() | {"needs": ["shelter"]}
    monkeypatch.setattr(services, "case", lambda: whole)

    assert "There is a referral for all that was asked for." in (await browser.get(f"/cases/{CASE}")).text


async def test_a_page_says_when_its_session_has_ended(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/cases")).text

    assert 'id="ending" hidden data-after="780"' in page
    assert 'id="ended" hidden data-after="900"' in page
    assert "This page is hidden until you sign in again." in page
    assert 'data-go="stay">Sign in again</a>' in page
