"""The whole story through the portal: what the people at both ends see and press."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser

from deploy.local.api import Json
from tests.support.browser import PHONE, WIDE, Desk, chromium, desk, sign_in, violations
from tests.support.installation import Installation
from tests.support.portal import Person, code_of, find_service, open_case, prepare_consent, refer, send

pytestmark = pytest.mark.browser

SHELTER = "Shelter for women with children (demo)"
HOUSE = "Rehabilitation house (demo)"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


@pytest.fixture
def nodes(installation: Installation) -> dict[str, Json]:
    found: dict[str, Json] = installation.addresses["nodes"]
    return found


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
async def almaty(browser: Browser, nodes: dict[str, Json], person: Person) -> AsyncIterator[Desk]:
    """A caseworker in Kazakhstan, signed in, English, in the light."""
    async with desk(browser, nodes["kz"], names=person.words) as made:
        await sign_in(made, nodes["kz"], "kz.sapar-demo", "caseworker")
        yield made


@pytest.fixture
async def tashkent(browser: Browser, nodes: dict[str, Json], person: Person) -> AsyncIterator[Desk]:
    """A caseworker in Uzbekistan, signed in, Russian, in the dark."""
    async with desk(browser, nodes["uz"], names=person.words, language="ru", scheme="dark") as made:
        await sign_in(made, nodes["uz"], "uz.najot-demo", "caseworker")
        yield made


async def test_a_referral_is_sent_previewed_accepted_served_and_closed(
    almaty: Desk, tashkent: Desk, person: Person
) -> None:
    case = await open_case(almaty, person)
    await find_service(almaty, case, SHELTER)
    assert await almaty.page.locator('input[name="fields"]:checked').count() == 0
    assert await almaty.page.locator('input[name="given_by"]:checked').count() == 0
    await prepare_consent(almaty, "full_name")
    assert await almaty.page.locator('input[name="answer"]:checked').count() == 0
    heard = (await almaty.page.locator(".sheet").inner_text()).lower()
    await almaty.press("Continue")
    assert "Choose what the person answered" in await almaty.text()
    referral = await send(almaty)
    code = await code_of(almaty)
    await almaty.wait_for(referral, "Delivered")

    await tashkent.wait_for("/inbox", code)
    await tashkent.open(referral)
    assert _without(person.words, await tashkent.page.content())
    assert await tashkent.page.get_by_role("button", name="Показать").count() == 0
    told = await almaty.page.get_by_role("region", name="Preview").locator("dd").all_inner_texts()
    assert [value for value in told if value.lower() not in heard] == []
    await tashkent.press("Подтвердить получение")
    await tashkent.press("Запросить сведения", exact=False)
    await tashkent.write(question="Хватит ли комнаты на одного?")
    await tashkent.press("Спросить")

    await almaty.wait_for(referral, "Information asked")
    await almaty.press("Answer the question")
    await almaty.write(answer="Yes, a room for one is enough.")
    await almaty.press("Send the answer")
    assert person.full_name not in await almaty.page.content()

    await tashkent.wait_for(referral, "Yes, a room for one is enough.")
    await tashkent.press("Принять")
    if tashkent.page.url.endswith("/accept"):
        await tashkent.press("Принять")
    await tashkent.wait_for(referral, "Имя скрыто.")
    await tashkent.press("Показать")
    seen = await tashkent.page.content()
    assert person.full_name in seen
    assert _without(("000 01 23", "2000-01-01", person.circumstances), seen)
    await tashkent.open(referral)
    await tashkent.press("Начать услугу")
    await tashkent.press("Записать результат", exact=False)
    await tashkent.choose(result="delivered")
    await tashkent.press("Сохранить")
    await tashkent.press("Закрыть")
    await tashkent.choose(outcome="need_met")
    await tashkent.press("Закрыть направление")

    await almaty.wait_for(referral, "Closed")
    acts = await almaty.page.locator(".x ol h3").all_inner_texts()
    assert [act.split("\n")[-1] for act in acts] == [
        "Referred", "Receipt confirmed", "Information asked", "Answer sent", "Accepted", "Personal data opened",
        "Service started", "Service given", "Closed",
    ]  # fmt: skip
    assert _without(person.words, await almaty.page.content())


async def change_language(at: Desk, code: str) -> None:
    link = at.page.locator(f'a[data-go="language/{code}"]').first
    async with at.page.expect_navigation():
        await link.evaluate("link => link.click()")


async def test_going_back_and_another_language_lose_nothing_that_was_typed(almaty: Desk, person: Person) -> None:
    await almaty.open("/cases/new")
    await almaty.write(full_name=person.full_name, birth_date="2.4.1998")
    await almaty.press("Continue")
    await almaty.choose(urgency="urgent")
    await change_language(almaty, "ru")
    urgent = await almaty.page.locator('input[value="urgent"]').is_checked()
    await change_language(almaty, "en")

    await almaty.page.go_back()
    while almaty.page.url.endswith("/needs"):
        await almaty.page.go_back()

    assert urgent
    assert await almaty.page.locator('[name="full_name"]').input_value() == person.full_name
    assert await almaty.page.locator('[name="birth_date"]').input_value() == "2.4.1998"


async def sign_out(at: Desk) -> None:
    await at.open("/work")
    async with at.page.expect_navigation(url=f"{at.portal}/**"):
        await at.page.get_by_role("button", name="Sign out").click()
    await at.page.wait_for_url(re.compile(re.escape(at.portal) + r"/(\?.*)?$"))


async def test_what_one_person_typed_is_no_form_of_another_who_signs_in_in_the_same_browser(
    browser: Browser, nodes: dict[str, Json], person: Person
) -> None:
    async with desk(browser, nodes["kz"], names=person.words, checked=False) as first:
        second = replace(first, page=await first.page.context.new_page())
        await sign_in(first, nodes["kz"], "kz.sapar-demo", "caseworker")
        await first.open("/cases/new")
        await first.write(full_name=person.full_name)

        await sign_out(second)
        await sign_in(second, nodes["kz"], "kz.kamqor-demo", "caseworker")
        async with first.page.expect_navigation():
            await first.page.get_by_role("link", name="Sign in again").click()

        assert "Another account is signed in here now" in await first.text()
        assert _without(person.words, await first.page.content())

        await sign_out(second)
        await sign_in(second, nodes["kz"], "kz.sapar-demo", "caseworker")
        await first.page.reload()
        assert "You signed in again meanwhile" in await first.text()
        await first.press("Send again")
        assert await first.page.locator('[name="full_name"]').input_value() == person.full_name


async def test_a_form_sent_after_signing_out_in_another_tab_waits_for_who_opened_it(
    browser: Browser, nodes: dict[str, Json], person: Person
) -> None:
    async with desk(browser, nodes["kz"], names=person.words, checked=False) as first:
        second = replace(first, page=await first.page.context.new_page())
        await sign_in(first, nodes["kz"], "kz.sapar-demo", "caseworker")
        await first.open("/cases/new")
        await first.write(full_name=person.full_name)
        await sign_out(second)

        await first.press("Continue")
        assert "what you typed is kept" in await first.text()
        await sign_in(second, nodes["kz"], "kz.kamqor-demo", "caseworker")
        assert _without(person.words, await second.page.content())
        assert second.page.url == f"{second.portal}/work"
        await sign_out(second)
        await sign_in(second, nodes["kz"], "kz.sapar-demo", "caseworker")
        await second.press("Send now")
        await second.press("Back to the person")

        assert await second.page.locator('[name="full_name"]').input_value() == person.full_name


async def test_a_page_whose_session_has_ended_covers_what_was_typed(almaty: Desk, person: Person) -> None:
    await almaty.page.clock.install()
    await almaty.open("/cases/new")
    name = almaty.page.locator('[name="full_name"]')
    await name.fill(person.full_name)

    await almaty.page.clock.fast_forward("13:30")
    await almaty.page.get_by_text("In two minutes you will be signed out").wait_for()
    assert await name.is_visible()
    await almaty.page.clock.fast_forward("02:00")
    await almaty.page.get_by_role("link", name="Sign in again").wait_for()

    assert not await name.is_visible()
    assert not await almaty.page.get_by_text("In two minutes you will be signed out").is_visible()
    await almaty.look()


async def test_a_referral_is_declined_with_a_coded_reason(almaty: Desk, tashkent: Desk, person: Person) -> None:
    referral = await refer(almaty, person, HOUSE, "rehabilitation")
    await tashkent.wait_for("/inbox", await code_of(almaty))
    await tashkent.open(referral)
    await tashkent.press("Подтвердить получение")

    assert await _holds_the_longest_state(tashkent)

    await tashkent.press("Отказать")
    await tashkent.press("Отказать")
    assert "Выберите причину" in await tashkent.text()
    await tashkent.choose(reason="no_capacity")
    await tashkent.press("Отказать")

    await almaty.wait_for(referral, "Declined")
    assert "No free places" in await almaty.text()


async def _holds_the_longest_state(at: Desk) -> bool:
    """Whether the longest name of a state stays in its cell on a phone."""
    await at.page.set_viewport_size(PHONE)
    fits: bool = await at.page.locator(".facts .tag").evaluate(
        """tag => {
            tag.querySelector("span").textContent = "Перенаправлено";
            return tag.getBoundingClientRect().right <= tag.closest("dd").getBoundingClientRect().right;
        }"""
    )
    await at.page.set_viewport_size(WIDE)
    return fits


async def test_the_regional_coordinator_sees_counts_and_no_name(
    browser: Browser, nodes: dict[str, Json], almaty: Desk, person: Person
) -> None:
    await refer(almaty, person, SHELTER)

    async with desk(browser, nodes["region"], names=person.words) as at:
        await sign_in(at, nodes["region"], "region.secretariat", "regional_coordinator")
        await at.wait_for("/corridors", "Kazakhstan")
        await at.page.get_by_text("Show as a table").first.click()
        await at.look()

        assert await at.page.locator("svg.chart.broad").first.is_visible()
        assert await at.page.get_by_role("table").first.is_visible()
        assert _without(person.words, await at.page.content())


async def test_quick_exit_ends_the_session_and_leaves_nothing_behind(nodes: dict[str, Json], person: Person) -> None:
    async with (
        chromium("--disable-back-forward-cache") as real,
        desk(real, nodes["kz"], names=person.words) as at,
    ):
        await sign_in(at, nodes["kz"], "kz.sapar-demo", "caseworker")
        case = await open_case(at, person)
        code = await at.page.locator("h1").inner_text()
        kept = await at.page.context.storage_state()

        async with at.page.expect_navigation():
            await at.page.get_by_role("button", name="Leave quickly").click()
        await at.look()

        assert at.page.url == f"{at.portal}/calendar"
        assert not [one for one in await at.page.context.cookies() if one["name"].startswith("__Host-safar-kz")]
        await at.page.go_back()
        assert code not in await at.page.content()
        await at.page.reload()
        assert code not in await at.page.content()
        thief = await (await real.new_context(storage_state=kept)).new_page()
        await thief.goto(at.portal + case)
        assert code not in await thief.content()
        assert await thief.locator('a[href="/session/start"]').is_visible()


async def test_the_main_path_works_without_scripts(browser: Browser, nodes: dict[str, Json], person: Person) -> None:
    async with (
        desk(browser, nodes["kz"], names=person.words, scripts=False) as one,
        desk(browser, nodes["uz"], names=person.words, scripts=False, language="ru") as other,
    ):
        await sign_in(one, nodes["kz"], "kz.sapar-demo", "caseworker")
        await sign_in(other, nodes["uz"], "uz.najot-demo", "caseworker")

        referral = await refer(one, person, SHELTER)
        await other.wait_for("/inbox", await code_of(one))
        await other.open(referral)
        await other.press("Подтвердить получение")
        await other.press("Принять")
        await other.press("Принять")
        await one.wait_for(referral, "Accepted")
        await other.wait_for(referral, "Имя скрыто.")
        await other.press("Показать")

        assert person.full_name in await other.page.content()


@pytest.mark.parametrize("attacker", ["another site", "another port of the same host", "our own page, without a token"])
async def test_a_form_that_is_not_ours_is_refused(almaty: Desk, nodes: dict[str, Json], attacker: str) -> None:
    origin = {
        "another site": "http://elsewhere.example",
        "another port of the same host": nodes["uz"]["portal"].rstrip("/"),
        "our own page, without a token": almaty.portal,
    }[attacker]
    form = (
        f'<!doctype html><html lang="en"><title>x</title><form method="post" action="{almaty.portal}/cases/new/x">'
        '<input name="needs" value="food_and_items"><input name="urgency" value="normal"><button>Go</button></form>'
    )
    await almaty.page.route(f"{origin}/trap", lambda route: route.fulfill(body=form, content_type="text/html"))
    await almaty.page.goto(f"{origin}/trap")

    async with almaty.page.expect_navigation() as navigation:
        await almaty.page.get_by_role("button", name="Go").click()
    answer = await navigation.value

    assert answer is not None
    assert answer.status == 403
    almaty.problems.clear()
    await almaty.open("/cases")
    assert "food and clothes" not in (await almaty.text()).lower()


async def test_the_checks_see_a_bad_page(browser: Browser, nodes: dict[str, Json]) -> None:
    tiny = "width:9px;height:9px;padding:0"
    bad = (
        '<!doctype html><html lang="en"><title>Testova</title><main><h1>x</h1><img src="http://elsewhere.example/x.png">'
        '<p style="color:#ccc">pale</p><div style="width:2000px">wide</div>'
        f'<button style="{tiny}">a</button><button style="{tiny}">b</button>'
        '</main><script>console.warn("said")</script></html>'
    )
    async with desk(browser, nodes["kz"], names=("Testova",)) as at:
        await at.page.route("**/trap", lambda route: route.fulfill(body=bad, content_type="text/html"))
        await at.page.goto(f"{at.portal}/trap")
        ids = {one.split(":")[0] for one in await violations(at.page)}

        with pytest.raises(AssertionError) as found:
            await at.look()

        assert {"image-alt", "color-contrast", "target-size"} <= ids
        for expected in ("a name stands", "foreign origin", "sideways at 1280", "console warning: said", "axe at 360"):
            assert expected in str(found.value)


def _without(words: tuple[str, ...], text: str) -> bool:
    return not [word for word in words if word.lower() in text.lower()]
