"""Find a service: what is asked, what is not known, and what stays when nothing is found."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.portal.clients.directory import Capacity
from gateway.portal.clients.referrals import Case
from gateway.portal.present.cases import search_of
from gateway.portal.present.offers import capacity
from tests.unit.gateway.conftest import sign_in
from tests.unit.gateway.fakes import CASE, OFFERING, FakeServices, session
from tests.unit.gateway.memory import MemorySessions

CSRF = session().csrf


async def found(browser: httpx.AsyncClient, **said: Any) -> str:
    """The page of results of a search."""
    sent = await browser.post("/find", data={"csrf": CSRF} | said)
    assert sent.status_code == 303, sent.text
    return (await browser.get(sent.headers["location"])).text


def asked(services: FakeServices) -> dict[str, Any]:
    """The newest search that the directory was asked for."""
    found: dict[str, Any] = [body for _, path, body in services.asked if path == "/v1/service_offering_searches"][-1]
    return found


def chosen(page: str) -> dict[str, str]:
    """What a browser takes for each select: the option that is selected, else the first."""
    selects = re.findall(r'<select id="f-(\w+)".*?</select>', page)
    return {name: _option(page, name) for name in selects}


def _option(page: str, name: str) -> str:
    options = re.search(rf'<select id="f-{name}".*?</select>', page)
    assert options
    picked = re.search(r'value="([^"]*)" selected', options[0]) or re.search(r'<option value="([^"]*)"', options[0])
    assert picked
    return picked[1]


@pytest.mark.parametrize("said", [{}, {"age_band": "unknown", "sex": "unknown"}, {"age_band": "", "sex": ""}])
async def test_pressing_show_again_asks_the_same(
    browser: httpx.AsyncClient, services: FakeServices, said: dict[str, str]
) -> None:
    page = await found(browser, case_id=CASE, need="shelter", **said)
    first = asked(services)

    await found(browser, case_id=CASE, **chosen(page))

    assert asked(services) == first


async def test_what_is_not_known_of_a_case_is_asked_as_not_known(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    page = await found(browser, case_id=CASE, sex="unknown", age_band="unknown")

    assert (asked(services)["sex"], asked(services)["age_band"]) == ("unknown", "unknown")
    assert "<span>Sex not known</span>" in page
    assert "<span>Age not known</span>" in page


async def test_without_a_case_not_known_is_no_condition(browser: httpx.AsyncClient, services: FakeServices) -> None:
    page = await found(browser, sex="unknown", age_band="unknown", text="unknown")

    assert asked(services).keys() & {"sex", "age_band"} == set()
    assert asked(services)["text"] == "unknown"
    assert "<span>Age not known</span>" not in page


def test_a_case_of_which_nothing_is_known_searches_for_just_that() -> None:
    case = Case.model_validate(FakeServices().case() | {"sex": "unknown", "age_band": None})

    assert dict(search_of(case)).items() >= {"sex": "unknown", "age_band": "unknown"}.items()


@pytest.mark.parametrize("name", ["sex", "age_band", "need", "countries"])
async def test_a_search_takes_only_what_it_offers(browser: httpx.AsyncClient, name: str) -> None:
    answer = await browser.post("/find", data={"csrf": CSRF, name: "something else"})

    assert answer.status_code == 422
    assert f'href="#f-{name}"' in answer.text


async def test_a_select_never_answers_by_itself(browser: httpx.AsyncClient) -> None:
    sent = await browser.post("/cases/new/one", data={"csrf": CSRF, "age_band": "years and years"})

    page = (await browser.get(sent.headers["location"])).text

    assert chosen(page)["age_band"] == ""


NOTHING: dict[str, Any] = {"results": [], "groups": {"fits": 0, "partly_known": 0, "does_not_fit": 0}}


async def test_a_district_narrows_and_the_page_says_so(browser: httpx.AsyncClient, services: FakeServices) -> None:
    page = await found(browser, district="UZ-TK")

    assert (asked(services)["districts"], asked(services)["districts_only"]) == (["UZ-TK"], True)
    assert "<span>Only Tashkent</span>" in page
    assert "Search in all regions" not in page


async def test_where_a_district_leaves_nothing_one_press_looks_in_all_of_them(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    services.search = NOTHING
    page = await found(browser, district="UZ-TK", case_id=CASE, sex="female", languages=["uz", "ru"], text="слово")
    narrow = asked(services)

    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if "Search in all regions" in one)
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    await found(browser, **fields)

    assert "Nothing fits in this region: Tashkent" in page
    assert asked(services) == {name: value for name, value in narrow.items() if not name.startswith("districts")}


async def test_the_words_are_among_the_conditions_and_nothing_found_is_said(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    services.search = NOTHING

    page = await found(browser, text="qqqqq <b>")

    assert "<span>Words: qqqqq &lt;b&gt;</span>" in page
    assert "Nothing was found" in page


async def test_words_longer_than_the_directory_takes_are_searched_and_shown_as_far_as_it_takes_them(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    page = await found(browser, text="q" * 5000)

    assert asked(services)["text"] == "q" * 200
    assert "q" * 201 not in page
    assert 'maxlength="200"' in page
    assert 'maxlength="200"' in (await browser.get("/find")).text


@pytest.mark.parametrize("text", ["%_", "—", "\N{GRINNING FACE}"])
async def test_a_text_without_a_letter_is_a_problem_at_its_field(browser: httpx.AsyncClient, text: str) -> None:
    answer = await browser.post("/find", data={"csrf": CSRF, "text": text})

    assert answer.status_code == 422
    assert '<a href="#f-text">Write at least one letter or number</a>' in answer.text


async def test_the_headline_counts_every_page(browser: httpx.AsyncClient, services: FakeServices) -> None:
    services.search = {"groups": {"fits": 60, "partly_known": 1, "does_not_fit": 5}, "next_cursor": "more"}

    page = await found(browser)

    assert "60 services fit" in page
    assert "The first 4 are shown" in page
    assert "1 more may fit: not everything about it is known." in page
    assert '<span class="count">60</span>' in page


async def test_without_a_condition_nothing_is_said_to_fit(browser: httpx.AsyncClient, services: FakeServices) -> None:
    plain = [one | {"group": "fits", "criteria": []} for one in services.found()["results"]]
    services.search = {"results": plain, "groups": {"fits": 4, "partly_known": 0, "does_not_fit": 0}}

    page = await found(browser)

    assert "4 services were found" in page
    assert "Fits in everything" not in page


async def test_no_country_means_all_and_the_page_says_so(browser: httpx.AsyncClient, services: FakeServices) -> None:
    page = await found(browser)

    assert asked(services)["countries"] == ["kz", "kg", "tj", "tm", "uz"]
    assert "If you choose none, all are searched." in page
    assert page.count('name="countries"') == page.count('type="checkbox" name="countries"')
    assert len(re.findall(r'name="countries" value="\w+"[^>]* checked', page)) == 5


async def test_a_search_that_is_not_kept_any_more_says_so_and_keeps_the_case(
    browser: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    sent = await browser.post("/find", data={"csrf": CSRF, "case_id": CASE, "text": "слово"})
    await sign_in(browser, sessions, session())

    page = (await browser.get(sent.headers["location"], follow_redirects=True)).text

    assert "is not kept any more" in page
    assert f'name="case_id" value="{CASE}"' in page
    assert chosen(page) == {"need": "rehabilitation", "district": "", "age_band": "24-30"}
    assert "слово" not in page


@pytest.mark.parametrize(
    "address",
    ["/find/gone", "/cases/new/gone", "/cases/new/gone/needs", f"/cases/{CASE}/consent/gone"],
)
async def test_a_form_that_is_not_kept_any_more_says_so(browser: httpx.AsyncClient, address: str) -> None:
    page = await browser.get(address, follow_redirects=True)

    assert page.status_code == 200
    assert "is not kept any more" in page.text


async def test_a_page_asked_for_by_itself_says_nothing_of_it(browser: httpx.AsyncClient) -> None:
    assert "is not kept any more" not in (await browser.get("/find")).text


async def test_the_name_of_a_service_leads_to_its_page_with_the_reasons(browser: httpx.AsyncClient) -> None:
    page = await found(browser, case_id=CASE, need="shelter")
    links = re.findall(r'<h3><a href="([^"]+)">Shelter for women with children</a>', page)

    unknown = (await browser.get(links[2])).text

    assert len(links) == 4
    assert "Six months, a school nearby" in unknown
    assert "<dt>Age</dt><dd>18–45 years</dd>" in unknown
    assert "<dt>Any citizenship</dt><dd>not known</dd>" in unknown
    assert "Unknown:" in unknown
    assert f"/cases/{CASE}/consent?offering=" in unknown
    assert 'href="/find/' in unknown


async def test_a_page_of_a_service_names_no_address_even_of_our_own(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(f"/offerings/{OFFERING}")).text

    assert "Invented street" not in page
    assert "The address is not published." in page
    assert "For your search" not in page


@pytest.mark.parametrize(
    ("said", "words", "note"),
    [
        ({"available": 3, "maximum": 12}, "3 of 12", "ago"),
        ({"available": 12, "maximum": 10}, "12", "ago; the agency counts 10 places in all"),
        ({"available": None, "last_answer": {"available": 12, "maximum": 10}}, "Unknown", "ago: 12"),
    ],
)
def test_more_free_places_than_there_are_is_no_share_of_them(said: dict[str, Any], words: str, note: str) -> None:
    counted = {"state": "fresh", "updated_at": datetime.now(UTC) - timedelta(hours=2)} | said

    places = capacity(Capacity.model_validate(counted))

    assert places.words == words
    assert places.age.endswith(note)
