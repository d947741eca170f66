"""Find a service: what is asked, what is not known, and what stays when nothing is found."""

import re
from typing import Any

import httpx
import pytest

from gateway.portal.clients.referrals import Case
from gateway.portal.present.cases import search_of
from tests.unit.gateway.fakes import CASE, FakeServices, session

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
