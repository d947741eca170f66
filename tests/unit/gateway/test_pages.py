"""Every page, as a browser gets it."""

import gzip
import re
from dataclasses import replace

import httpx
import pytest

from gateway.charts.cells import Cell
from gateway.portal.assets import STATIC, Assets
from gateway.portal.clients.referrals import Case
from gateway.portal.present.cases import search_of
from gateway.portal.present.region import Counts, asked_most, figures, needs
from gateway.portal.present.waits import slowest
from tests.unit.gateway.fakes import CASE, OFFERING, FakeServices, referral_id, session

CSRF = session().csrf
PAGES = [
    "/work",
    "/inbox",
    "/find",
    "/cases",
    f"/cases/{CASE}",
    f"/offerings/{OFFERING}",
    f"/referrals/{referral_id(5)}",
    f"/referrals/{referral_id(22)}",
    f"/referrals/{referral_id(22)}/decline",
    f"/referrals/{referral_id(22)}/accept",
    f"/referrals/{referral_id(22)}/redirect",
    f"/referrals/{referral_id(2)}/give_information",
    f"/referrals/{referral_id(9)}/send",
    "/help",
    "/accessibility",
    "/data",
    "/parts",
]
CONSENT = {
    "csrf": CSRF,
    "offering": OFFERING,
    "to": "uz.najot-demo",
    "once": "one",
    "fields": ["full_name", "phone"],
    "why": "fear",
    "service": "shelter",
    "urgency": "urgent",
    "days": "90",
    "given_by": "beneficiary",
    "explanation_language": "uz",
    "interpreter": "no",
    "recorded_how": "spoken",
}


STEPS = ["/cases/new", f"/cases/{CASE}/consent?offering={OFFERING}"]
"""Each leads to a form of its own."""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", PAGES + STEPS)
async def test_a_page_is_small_and_brings_nothing_inline(browser: httpx.AsyncClient, path: str, language: str) -> None:
    answer = await browser.get(path, headers={"Accept-Language": language}, follow_redirects=path in STEPS)

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert len(gzip.compress(answer.content, 9)) <= 8 * 1024
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert " onclick=" not in answer.text
    assert answer.text.count("<h1") == 1


async def test_the_landing_promises_and_shows_five_countries(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/")

    assert "Referrals that reach help" in answer.text
    assert all(name in answer.text for name in ("Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan"))
    assert "waiting since" in answer.text


def test_the_styles_and_the_script_keep_their_budget() -> None:
    assert len(gzip.compress((STATIC / "portal.css").read_bytes(), 9)) <= 12 * 1024
    assert len((STATIC / "portal.js").read_bytes()) <= 2 * 1024


def test_styles_name_only_files_that_exist() -> None:
    assets = Assets()

    named = set(re.findall(r"url\(([^)]+)\)", (STATIC / "portal.css").read_text()))

    assert {name for name in named if assets.find(name) is None} == set()


async def test_a_file_is_kept_for_ever_under_its_digest_only(visitor: httpx.AsyncClient) -> None:
    address = Assets().address("portal.css")

    kept = await visitor.get(address)
    other = await visitor.get("/static/other/portal.css")

    assert "immutable" in kept.headers["cache-control"]
    assert other.headers["cache-control"] == "no-cache"


async def test_my_work_begins_with_what_is_overdue(browser: httpx.AsyncClient) -> None:
    text = (await browser.get("/work")).text

    assert text.index("Overdue") < text.index("Before the day ends" if "today" in text else "Later")
    assert "overdue" in text
    assert "Waiting for the link" in text
    assert "Silent for" in text


async def test_the_inbox_shows_previews_without_names(browser: httpx.AsyncClient) -> None:
    text = (await browser.get("/inbox")).text

    assert "This is a preview" in text
    assert ' · <span class="nowrap">' in text
    assert "Вымышленное" not in text


async def test_a_consent_answer_is_never_preselected(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(f"/cases/{CASE}/consent/x", data=CONSENT, follow_redirects=True)

    question = answer.text[answer.text.index('class="answers"') :]
    assert answer.status_code == 200
    assert "checked" not in question
    assert "What happened" in answer.text[answer.text.index("Stays with us") :]


async def test_what_is_read_aloud_names_all_that_the_preview_will_say(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(f"/cases/{CASE}/consent/x", data=CONSENT, follow_redirects=True)

    heard = answer.text[answer.text.index("sees at once") : answer.text.index("Opens only if")]
    for part in ("What help is needed: ", "Language: ", "Form of exploitation: ", "Sex: ", "Region: ", "years"):
        assert part in heard


async def test_without_an_answer_the_question_is_asked_again(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    answer = await browser.post(f"/cases/{CASE}/consent/x/read", data=CONSENT, follow_redirects=True)

    assert "Choose what the person answered" in answer.text
    assert not any(method == "POST" for method, _path, _body in services.asked)


async def test_yes_records_the_consent_and_drafts_the_referral(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    answer = await browser.post(f"/cases/{CASE}/consent/x/read", data=CONSENT | {"answer": "yes"})

    assert answer.headers["location"] == f"/referrals/{referral_id(77)}/send"
    posted = {path: body for method, path, body in services.asked if method == "POST"}
    grant = posted["/v1/consent_grants"]
    assert grant["fields"] == ["full_name", "phone"]
    assert {"field": "circumstances", "why": "fear"} in grant["withheld"]
    assert posted["/v1/referrals"]["receiving_agency"] == "uz.najot-demo"
    assert posted["/v1/referrals"]["redirected_from"] is None


async def test_a_draft_after_a_redirected_referral_says_which(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    services.case_referral_status = "redirected"

    await browser.post(f"/cases/{CASE}/consent/x/read", data=CONSENT | {"answer": "yes"})

    (body,) = [body for method, path, body in services.asked if (method, path) == ("POST", "/v1/referrals")]
    assert body["redirected_from"] == referral_id(5)


async def test_no_sends_nothing(browser: httpx.AsyncClient, services: FakeServices) -> None:
    answer = await browser.post(f"/cases/{CASE}/consent/x/read", data=CONSENT | {"answer": "no"})

    page = await browser.get(answer.headers["location"])

    assert answer.headers["location"] == f"/cases/{CASE}?notice=refused"
    assert "The person did not agree" in page.text
    assert not any(method == "POST" for method, _path, _body in services.asked)


async def test_a_search_travels_in_a_body(browser: httpx.AsyncClient, services: FakeServices) -> None:
    sent = await browser.post("/find", data={"csrf": CSRF, "need": "shelter", "text": "слово", "sex": "unknown"})
    answer = await browser.get(sent.headers["location"])

    assert sent.status_code == 303
    assert "2 services fit" in answer.text
    assert "Does not fit:" in answer.text
    assert "Unknown:" in answer.text
    body = next(body for method, path, body in services.asked if path == "/v1/service_offering_searches")
    assert body == {"service": "shelter", "text": "слово", "countries": ["kz", "kg", "tj", "tm", "uz"]}


async def test_the_way_back_leads_to_the_same_search_and_an_unknown_one_to_the_form(browser: httpx.AsyncClient) -> None:
    searches = [
        await browser.post("/find", data={"csrf": CSRF, "need": need}) for need in ("shelter", "legal_assistance")
    ]
    addresses = [one.headers["location"] for one in searches]

    first, second = [(await browser.get(address)).text for address in addresses]
    unknown = await browser.get("/find/nothing-like-it")

    assert "shelter" not in addresses[0]
    assert '<option value="shelter" selected' in first
    assert '<option value="legal_assistance" selected' in second
    assert unknown.headers["location"] == "/find?notice=forgotten"


@pytest.mark.parametrize(
    ("said", "problem"),
    [("31.02.1998", "no such day"), ("1850-01-01", "before 1900"), ("01.01.2999", "in the future"), ("04/98", "as in")],
)
async def test_a_new_case_keeps_every_answer_when_one_is_wrong(
    browser: httpx.AsyncClient, said: str, problem: str
) -> None:
    form = {"csrf": CSRF, "full_name": "Имя Вымышленное \U0001f469\u200d\U0001f467", "birth_date": said, "once": "x"}

    answer = await browser.post("/cases/new/x", data=form, follow_redirects=True)

    assert "<title>Error: New case</title>" in answer.text
    assert 'role="alert"' in answer.text
    assert 'href="#f-birth_date"' in answer.text
    assert problem in answer.text
    assert f'value="{form["full_name"]}"' in answer.text
    assert f'value="{said}"' in answer.text


async def test_going_back_finds_what_was_typed_until_the_case_is_saved(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    first = (await browser.get("/cases/new")).headers["location"]
    other_tab = (await browser.get("/cases/new")).headers["location"]
    person = {"csrf": CSRF, "full_name": "Имя Вымышленное", "birth_date": "2.4.1998", "once": "x"}

    second = (await browser.post(first, data=person)).headers["location"]
    back = await browser.get(first)
    empty = await browser.get(other_tab)
    saved = await browser.post(second, data=person | {"needs": "shelter", "urgency": "urgent", "risk": "high"})

    assert second == f"{first}/needs"
    assert "Имя Вымышленное" in back.text
    assert "Имя Вымышленное" not in empty.text
    assert [(await browser.get(one)).headers["location"] for one in (first, second)] == [saved.headers["location"]] * 2
    again = await browser.post(second, data=person | {"needs": "health", "urgency": "normal", "risk": "low"})
    assert again.headers["location"] == saved.headers["location"]
    assert [method for method, path, _body in services.asked if path == "/v1/cases"] == ["POST"]


async def test_nobody_but_the_caseworker_chooses_how_soon_and_how_risky(browser: httpx.AsyncClient) -> None:
    first = (await browser.get("/cases/new")).headers["location"]

    answer = await browser.post(f"{first}/needs", data={"csrf": CSRF, "needs": "shelter"}, follow_redirects=True)

    assert "Choose how soon help is needed" in answer.text
    assert "Choose the risk for the person" in answer.text
    assert 'name="urgency" value="normal" checked' not in answer.text


async def test_a_new_case_is_made_of_both_steps(browser: httpx.AsyncClient, services: FakeServices) -> None:
    form = {"csrf": CSRF, "full_name": "Имя Вымышленное", "sex": "female", "age_band": "24-30", "with_children": "yes",
            "languages": ["uz", "ru"], "needs": ["shelter", "health"], "urgency": "urgent", "risk": "high", "once": "x",
            "birth_date": "02.04.1998", "exploitation": "forced_labour", "health": "лекарства"}  # fmt: skip

    answer = await browser.post("/cases/new/x/needs", data=form)

    assert answer.headers["location"] == f"/cases/{CASE}"
    body = next(body for method, path, body in services.asked if (method, path) == ("POST", "/v1/cases"))
    assert body["beneficiary"]["identity"] == {
        "full_name": "Имя Вымышленное",
        "birth_date": "1998-04-02",
        "health": "лекарства",
    }
    assert body["beneficiary"]["with_children"] is True
    assert body["needs"] == ["shelter", "health"]


async def test_a_refusal_needs_a_coded_reason(browser: httpx.AsyncClient, services: FakeServices) -> None:
    refused = {"csrf": CSRF, "note": "слова"}
    wrong = await browser.post(f"/referrals/{referral_id(22)}/decline", data=refused, follow_redirects=True)
    right = await browser.post(f"/referrals/{referral_id(22)}/decline", data={"csrf": CSRF, "reason": "no_capacity"})

    assert 'role="alert"' in wrong.text
    assert "слова" in wrong.text
    assert right.headers["location"] == f"/referrals/{referral_id(22)}"
    assert ("POST", f"/v1/referrals/{referral_id(22)}/decline", {"reason": "no_capacity"}) in services.asked


async def test_an_action_that_is_not_possible_says_why(browser: httpx.AsyncClient) -> None:
    text = (await browser.get(f"/referrals/{referral_id(5)}")).text

    assert "not possible, the referral is already accepted." in text


async def test_names_stand_in_no_title_and_no_address(browser: httpx.AsyncClient) -> None:
    shown = await browser.post(f"/cases/{CASE}/person", data={"csrf": CSRF})

    title = re.search(r"<title>(.*?)</title>", shown.text)
    assert "Имя Вымышленное" in shown.text
    assert title
    assert title.group(1) == "KZ-1C8R-26"
    assert all("Вымышленное" not in link for link in re.findall(r'(?:href|action)="([^"]*)"', shown.text))


async def test_a_service_that_is_away_loses_nothing_typed(browser: httpx.AsyncClient, services: FakeServices) -> None:
    services.away.add("referrals")

    answer = await browser.post(
        f"/referrals/{referral_id(22)}/request_information", data={"csrf": CSRF, "question": "Сколько детей?"}
    )

    assert answer.status_code == 503
    assert 'name="question" value="Сколько детей?"' in answer.text
    assert f'action="/referrals/{referral_id(22)}/request_information"' in answer.text


async def test_a_referral_that_moved_on_is_told_in_words(browser: httpx.AsyncClient, services: FakeServices) -> None:
    services.refuse[f"/v1/referrals/{referral_id(22)}/accept"] = (409, {"code": "wrong_state"})

    answer = await browser.post(f"/referrals/{referral_id(22)}/accept", data={"csrf": CSRF})

    assert answer.status_code == 409
    assert "The referral has moved on" in answer.text


@pytest.mark.parametrize(
    "path", [f"/referrals/{referral_id(404)}", "/referrals/not-an-id", "/nothing", "/referrals/..%2F"]
)
async def test_what_is_not_there_looks_the_same(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)

    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.text
    assert "not-an-id" not in answer.text.replace("back=/referrals/not-an-id", "").replace(
        'href="/referrals/not-an-id"', ""
    )


async def test_the_coordinator_sees_counts_with_small_ones_withheld(coordinator: httpx.AsyncClient) -> None:
    text = (await coordinator.get("/corridors")).text

    assert "&lt;11" in text
    assert "withheld" in text
    assert 'fill="url(#h-broad)"' in text
    assert "318 referrals ended in a service" in text
    assert 'Kazakhstan</tspan> <tspan x="124" dy="16">361</tspan>' in text, "a total that was told is not added up"
    assert '<strong class="figure">650</strong>' in text
    assert '<strong class="figure">151 <small class="same">of 650</small></strong>' in text
    assert "11\N{NO-BREAK SPACE}h" in text


async def test_the_coordinator_sees_waits_by_month_against_the_limit(coordinator: httpx.AsyncClient) -> None:
    text = (await coordinator.get("/corridors")).text

    assert "Nov: 36\N{NO-BREAK SPACE}h, in time" in text
    assert "Nov: 108\N{NO-BREAK SPACE}h, over" in text
    assert "a year before" in text
    assert "too few that month, no value shown" in text


async def test_one_month_alone_has_no_curve(coordinator: httpx.AsyncClient) -> None:
    text = (await coordinator.get("/corridors", params={"part": "period:2026-10"})).text

    assert 'class="curves"' not in text
    assert "Median time from sending, by receiving country." in text


@pytest.mark.parametrize(
    ("part", "filters"),
    [
        ("service:shelter", {"service": "shelter"}),
        ("period:2026-10", {"period": "2026-10"}),
        ("", {}),
    ],
)
async def test_a_coordinator_looks_at_one_part_of_what_is_offered(
    coordinator: httpx.AsyncClient, services: FakeServices, part: str, filters: dict[str, str]
) -> None:
    text = (await coordinator.get("/corridors", params={"part": part})).text

    assert {
        tuple(body["filters"].items()) for *_call, body in services.asked if body and "month" not in body["dimensions"]
    } == {tuple(filters.items())}
    assert f'<option value="{part}" selected>' in text or not filters
    assert "period:2026-11" in text
    assert "period:2026-09" not in text, "nothing was counted in it"


@pytest.mark.parametrize("part", ["sex:<b>", "x", "age_band:48 "])
async def test_a_part_that_nobody_offers_is_not_the_whole(coordinator: httpx.AsyncClient, part: str) -> None:
    answers = [await coordinator.get(path, params={"part": part}) for path in ("/corridors", "/corridors.csv")]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_counts_leave_as_a_file_with_the_same_ones_withheld(coordinator: httpx.AsyncClient) -> None:
    answer = await coordinator.get("/corridors.csv")

    lines = answer.text.splitlines()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="safar-')
    assert lines[0] == "table,sent_from,received_in,service,outcome,month,referrals,median_hours,not_shown,rounded_to"
    assert "corridors,kz,uz,,,,206,,,10" in lines
    assert "corridors,kz,tm,,,,,,below_threshold," in lines
    assert "corridors,kz,,,,,361,,,10" in lines
    assert "corridors,,,,,,650,,,10" in lines
    assert "services,,tj,psychosocial_support,,,,,withheld," in lines
    assert "hours_to_decide,,uz,,,,,36,," in lines
    assert "hours_to_decide,,uz,,,2026-11,,108,," in lines
    assert "hours_to_decide,,uz,,,2026-01,,,withheld," in lines


async def test_counts_do_not_leave_for_a_caseworker(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/corridors.csv")).status_code == 403


def test_of_too_few_the_page_says_that_they_are_too_few() -> None:
    small = Counts({("kz", "uz"): Cell(None, "below")}, {}, {}, {}, 11, None, sent_sums={("", ""): Cell(None, "below")})
    withheld = replace(small, sent_sums={("", ""): Cell(None, "withheld")})

    assert (small.is_small, figures(small)[0]["value"]) == (True, "<11")
    assert (withheld.is_small, figures(withheld)[0]["value"]) == (False, "withheld")


def test_headings_state_what_is_certain_and_no_more() -> None:
    asked = {("shelter", "kz"): Cell(60), ("shelter", "uz"): Cell(None, "below"), ("documents", "kz"): Cell(40)}
    close = asked | {("documents", "kz"): Cell(50)}
    doubtful = asked | {("documents", "uz"): Cell(None, "below")}
    withheld = asked | {("documents", "uz"): Cell(None, "withheld")}

    def heading(cells: dict[tuple[str, str], Cell], *, alone: bool = False) -> str:
        return asked_most(Counts({}, {}, cells, {}, 11, None, rounded_to=10), alone=alone)

    assert heading(asked) == "Shelter is asked for most: 60+"
    assert heading(close) == "What was asked for, and where"
    assert heading(doubtful) == "What was asked for, and where"
    assert heading(withheld) == "What was asked for, and where"
    assert heading(asked, alone=True) == "What was asked for, and where"
    assert heading({}) == "What was asked for, and where"
    assert slowest({("decide", ("uz",)): 36, ("decide", ("kz",)): 12}) == (
        "Decisions take longest in Uzbekistan: median 36\N{NO-BREAK SPACE}h"
    )
    assert "decide: under 1\N{NO-BREAK SPACE}h in" in slowest({("decide", ("uz",)): 0, ("decide", ("kz",)): 0})
    assert slowest({("decide", ("uz",)): None, ("acknowledge", ("uz",)): 1}) == "How long an answer takes"


def _only(services: FakeServices, *items: dict[str, object]) -> None:
    services.sent = lambda: list(items)  # type: ignore[method-assign]
    services.received = list  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("status", "move"),
    [
        ("declined", "Find another service"),
        ("expired", "Find another service"),
        ("not_delivered", "Find another service"),
        ("redirected", "Send to the agency named"),
    ],
)
async def test_a_referral_that_came_back_without_help_is_our_move(
    browser: httpx.AsyncClient, services: FakeServices, status: str, move: str
) -> None:
    _only(services, services.item(31, status, None, "none", 0, 0))

    text = (await browser.get("/work")).text

    assert "Everything for today is done" not in text
    assert "Came back without help" in text
    onward = f"/referrals/{referral_id(31)}" if status == "redirected" else f"/cases/{CASE}"
    assert f'<a href="{onward}">{move}</a>' in text
    assert "<strong>1</strong> came back without help" in text


@pytest.mark.parametrize(
    ("newer", "calm"),
    [
        ({"status": "sent"}, True),
        ({"status": "closed", "outcome": "need_met"}, True),
        ({"status": "closed", "outcome": "need_not_met"}, False),
        ({"status": "withdrawn"}, False),
        ({"status": "draft"}, False),
        ({"status": "sent", "service": "health"}, False),
        ({"status": "sent", "case_id": referral_id(99)}, False),
    ],
)
async def test_what_came_back_waits_until_a_newer_referral_lives_or_has_helped(
    browser: httpx.AsyncClient, services: FakeServices, newer: dict[str, str], calm: bool
) -> None:
    back = services.item(31, "declined", None, "none", 0, 0)
    later = services.item(32, "sent", "acknowledge", "theirs", 0, 5) | {"created_at": back["sent_at"]} | newer
    _only(services, later, back)

    text = (await browser.get("/work")).text

    assert ("Everything for today is done" in text) is calm
    assert ("Came back without help" not in text) is calm


async def test_a_need_that_came_back_twice_stands_once_and_leads_to_its_draft(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    first, second = (services.item(n, "declined", None, "none", 0, 0) for n in (31, 32))
    draft = services.item(33, "draft", "send", "mine", 0, 0)
    _only(
        services,
        draft | {"created_at": first["sent_at"]},
        second | {"created_at": first["sent_at"]},
        first,
    )

    text = (await browser.get("/work")).text

    assert "<strong>1</strong> came back without help" in text
    assert f'<h3><a href="/referrals/{referral_id(33)}/send">' in text


@pytest.mark.parametrize("path", ["/", "/work", "/nothing", "/health"])
async def test_head_answers_like_get_without_a_body(browser: httpx.AsyncClient, path: str) -> None:
    asked, read = await browser.head(path), await browser.get(path)

    assert asked.status_code == read.status_code
    assert asked.headers.get("content-type") == read.headers.get("content-type")
    assert "content-security-policy" in asked.headers
    assert asked.content == b""


def test_a_country_outside_the_installation_is_not_counted_as_0() -> None:
    flows = {("kz", "uz"): Cell(5), ("kz", "tm"): Cell(None, "withheld"), ("tj", "kz"): Cell(None, "below")}

    sums = {("tm", ""): Cell(0), ("kz", ""): Cell(5)}
    ends = {("tm", "open"): Cell(0)}
    whole = Counts(
        flows, ends, {("shelter", "uz"): Cell(5)}, {}, 11, None, sent_sums=sums, end_sums={("tm", ""): Cell(0)}
    )

    counts = whole.among(["kg"])

    assert counts.countries == ["kz", "kg", "tj", "uz"]
    assert ("kz", "tm") not in counts.flows
    assert counts.ends == counts.end_sums == {}
    assert counts.sent_sums == {("kz", ""): Cell(5)}
    assert [one["code"] for one in needs(counts)["countries"]] == ["kz", "kg", "tj", "uz"]


@pytest.mark.parametrize(("known", "answer"), [(True, "yes"), (False, "no"), (None, None)])
def test_a_search_knows_of_the_case_whether_there_are_children(known: bool | None, answer: str | None) -> None:
    case = Case.model_validate(FakeServices().case() | {"with_children": known})

    assert dict(search_of(case)).get("with_children") == answer
