"""`make screenshots`: pictures of the portal at work, on a phone and wide, in the light and in the dark.

Uses the installation that runs, or starts one for itself. Every picture goes to `.safar/screenshots`; the one that the
README shows also to `deploy/screenshots`.
"""

import asyncio
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.async_api import Browser, FloatRect

from deploy.local.demo import run_demo
from deploy.local.state import ROOT, State, read_json
from tests.support.browser import PHONE, WIDE, Desk, chromium, desk, sign_in
from tests.support.installation import running_installation
from tests.support.portal import Person, code_of, find_service, open_case, prepare_consent, search, send

PICTURES = ROOT / ".safar" / "screenshots"
SHOWN = ROOT / "deploy" / "screenshots" / "referral.png"
_LARGEST = 300_000
_TALLEST = 3400
_SERVICE = "Shelter for women with children (demo)"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _addresses() as addresses:
        asyncio.run(_take(addresses["nodes"]))
    print(f"pictures: {PICTURES.relative_to(ROOT)}; for the README: {SHOWN.relative_to(ROOT)}")  # noqa: T201  (a command says what it did)


@contextmanager
def _addresses() -> Iterator[dict[str, Any]]:
    """Of the running installation, else of one started for this, with enough played for a region to see."""
    state = State.from_environment()
    if state.addresses.exists() and _answers(read_json(state.addresses)):
        yield read_json(state.addresses)
        return
    print("nothing runs: starting an installation for the pictures", flush=True)  # noqa: T201  (likewise)
    with running_installation("kz,uz", int(os.environ.get("PORT", "8400"))) as made:
        run_demo(State(made.state), int(os.environ.get("VOLUME") or 150))
        yield made.addresses


def _answers(addresses: dict[str, Any]) -> bool:
    try:
        with urllib.request.urlopen(addresses["nodes"]["kz"]["portal"], timeout=5):  # noqa: S310  (our own portal)
            return True
    except urllib.error.URLError:
        return False


async def _take(nodes: dict[str, Any]) -> None:
    async with (
        chromium() as browser,
        desk(browser, nodes["kz"], checked=False) as almaty,
        desk(browser, nodes["uz"], checked=False, language="ru") as tashkent,
    ):
        await almaty.open("/")
        await _shoot(almaty, "1-landing")
        await sign_in(almaty, nodes["kz"], "kz.sapar-demo", "caseworker")
        await sign_in(tashkent, nodes["uz"], "uz.najot-demo", "caseworker")
        referral = await _refer(almaty)
        await tashkent.wait_for("/inbox", await code_of(almaty))
        await _shoot(tashkent, "6a-inbox")
        await _answer(almaty, tashkent, referral)
        await almaty.wait_for(referral, "Personal data opened")
        await almaty.wait_for(referral, "all of ours receipted")
        await _shoot(almaty, "5-referral")
        await almaty.open("/work")
        await _shoot(almaty, "2-work")
        await _region(browser, nodes["region"])
    SHOWN.parent.mkdir(exist_ok=True)
    shutil.copyfile(PICTURES / "5-referral-1280.png", SHOWN)
    if SHOWN.stat().st_size > _LARGEST:
        raise SystemExit(f"{SHOWN.name} is too large for a README: {SHOWN.stat().st_size} bytes")


async def _refer(at: Desk) -> str:
    """A referral sent, with the pages of its way."""
    case = await open_case(at, Person())
    await search(at, case)
    await _shoot(at, "3-find")
    await find_service(at, case, _SERVICE)
    await prepare_consent(at, "full_name")
    await _shoot(at, "4-consent")
    return await send(at)


async def _answer(almaty: Desk, tashkent: Desk, referral: str) -> None:
    """Receipt, a question, its answer, and yes; the decision page is seen on the way."""
    await tashkent.open(referral)
    await tashkent.press("Подтвердить получение")
    await tashkent.press("Запросить сведения", exact=False)
    await tashkent.write(question="Хватит ли комнаты на одного?")
    await tashkent.press("Спросить")
    await almaty.wait_for(referral, "Information asked")
    await almaty.press("Answer the question")
    await almaty.write(answer="Yes, a room for one is enough.")
    await almaty.press("Send the answer")
    await tashkent.wait_for(referral, "Yes, a room for one is enough.")
    await tashkent.press("Отказать")
    await _shoot(tashkent, "6b-decision")
    await tashkent.open(referral)
    await tashkent.press("Принять")
    await tashkent.press("Принять")


async def _region(browser: Browser, node: dict[str, Any]) -> None:
    async with desk(browser, node, checked=False) as at:
        await sign_in(at, node, "region.secretariat", "regional_coordinator")
        await at.open("/corridors")
        await _shoot(at, "7-region")


async def _shoot(at: Desk, name: str) -> None:
    """The page four times, from its top; a long list is cut."""
    for size in (WIDE, PHONE):
        await at.page.set_viewport_size(size)
        for scheme, mark in (("light", ""), ("dark", "-dark")):
            await at.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            tall = min(_TALLEST, await at.page.evaluate("document.documentElement.scrollHeight"))
            cut: FloatRect = {"x": 0, "y": 0, "width": size["width"], "height": tall}
            place = PICTURES / f"{name}-{size['width']}{mark}.png"
            await at.page.screenshot(path=place, full_page=True, clip=cut)
    await at.page.emulate_media(color_scheme="light")
    await at.page.set_viewport_size(WIDE)


if __name__ == "__main__":
    main()
