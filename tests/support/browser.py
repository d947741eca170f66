"""A person at a browser: every page they open is checked for accessibility, quiet, names and width."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, async_playwright

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@asynccontextmanager
async def chromium(*without: str) -> AsyncIterator[Browser]:
    """Debian's Chromium; `without` are arguments that Playwright would add of itself."""
    path = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    assert path, "there is no Chromium: install it, or name it in CHROMIUM"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, ignore_default_args=list(without)
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Desk:
    """One person's browser window. `names` are words that may stand in no address and no title."""

    page: Page
    portal: str
    origins: frozenset[str]
    names: tuple[str, ...]
    scripts: bool
    checked: bool = True
    problems: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go there and look at it."""
        await self.page.goto(self.portal + path)
        await self.look()

    async def press(self, words: str, *, exact: bool = True) -> None:
        """Press the button or follow the link of that name."""
        here = self.page.get_by_role("main")
        found = here.get_by_role("button", name=words, exact=exact).or_(
            here.get_by_role("link", name=words, exact=exact)
        )
        async with self.page.expect_navigation() as navigation:
            await found.first.click()
        answer = await navigation.value
        status = answer.status if answer else 0
        assert status == 200, f"{words}: {status} at {self.page.url}"
        await self.look()

    async def choose(self, **answers: str | list[str]) -> None:
        """Tick radios and boxes, or choose from lists, by their codes."""
        for name, codes in answers.items():
            for code in [codes] if isinstance(codes, str) else codes:
                choice = self.page.get_by_role("main").locator(f'[name="{name}"]').first
                if await choice.evaluate("e => e.tagName") == "SELECT":
                    await choice.select_option(code)
                else:
                    await self.page.locator(f'input[name="{name}"][value="{code}"]').first.check()

    async def write(self, **answers: str) -> None:
        for name, text in answers.items():
            await self.page.locator(f'[name="{name}"]').fill(text)

    async def text(self) -> str:
        """What a person reads on the page."""
        return await self.page.locator("body").inner_text()

    async def wait_for(self, path: str, words: str, seconds: int = 60) -> None:
        """Open the page again until it says that; the other side's act is on its way."""
        for _ in range(seconds * 2):
            await self.page.goto(self.portal + path)
            if words in await self.text():
                return await self.look()
            await self.page.wait_for_timeout(500)
        raise TimeoutError(f"{self.portal}{path} never said {words!r}:\n{await self.text()}")

    async def look(self) -> None:
        """Check the page that is open. Raises AssertionError with everything that is wrong."""
        await self.page.wait_for_load_state("load")
        if not self.checked:
            return
        self.visited.append(_ID.sub("…", urlsplit(self.page.url).path))
        for name in self.names:
            if name.lower() in f"{unquote(self.page.url)} {await self.page.title()}".lower():
                self.problems.append("a name stands in the address or the title")
        if await self.page.locator("html").get_attribute("lang") is None:
            self.problems.append("the page names no language")
        await self._measure()
        found, self.problems = self.problems, []
        assert not found, f"{self.page.url}:\n" + "\n".join(found)

    async def _measure(self) -> None:
        """No sideways scrolling and nothing that axe finds; on a phone axe looks at each kind of page once."""
        new = self.visited.count(self.visited[-1]) == 1
        for size in (PHONE, WIDE):
            await self.page.set_viewport_size(size)
            wide = await self.page.evaluate("document.documentElement.scrollWidth")
            if wide > size["width"]:
                self.problems.append(f"scrolls sideways at {size['width']} px: {wide} px")
            if self.scripts and (size == WIDE or new):
                self.problems += [f"axe at {size['width']} px: {one}" for one in await violations(self.page)]

    def listen(self) -> None:
        """Note everything that must not happen while a page is open."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person left before the icon had come
            self.problems.append(f"failed: {request.url} {request.failure}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.problems.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "about"} and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.problems.append(f"foreign origin: {request.url}")
        if any(name.lower() in unquote(request.url).lower() for name in self.names):
            self.problems.append("a name stands in a request's address")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")


async def violations(page: Page) -> list[str]:
    """What axe finds on the page by WCAG 2.2 AA, with the size of targets."""
    found: dict[str, Any] = (await Axe().run(page, options=_RULES)).response
    ran = {one["id"] for kind in ("violations", "passes", "incomplete", "inapplicable") for one in found[kind]}
    assert {"target-size", "color-contrast"} <= ran, "axe left rules out"
    return [
        f"{one['id']}: {node['html'][:200]} {'; '.join(check['message'] for check in node['any'])}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@asynccontextmanager
async def desk(
    browser: Browser,
    node: dict[str, Any],
    *,
    names: tuple[str, ...] = (),
    language: str = "en",
    scheme: str = "light",
    scripts: bool = True,
    checked: bool = True,
) -> AsyncIterator[Desk]:
    """A window of its own, without cookies, at that node's portal."""
    portal = node["portal"].rstrip("/")
    context = await browser.new_context(
        viewport=WIDE,
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    made = Desk(
        await context.new_page(), portal, frozenset({portal, node["issuer"].rstrip("/")}), names, scripts, checked
    )
    made.listen()
    try:
        yield made
    finally:
        await context.close()


async def sign_in(at: Desk, node: dict[str, Any], agency: str, role: str) -> None:
    """From the landing through the identity provider's own page, with a person's own password."""
    login = next(one for one in node["logins"] if one["agency"] == agency and role in one["roles"])
    await at.open("/")
    await at.page.get_by_role("main").locator('a[href="/session/start"]').click()
    await at.page.wait_for_url(f"{node['issuer'].rstrip('/')}/**")
    await at.look()
    await at.page.locator('[name="username"]').fill(login["username"])
    await at.page.locator('[name="password"]').fill(login["password"])
    async with at.page.expect_navigation(url=f"{at.portal}/**"):
        await at.page.locator('button[type="submit"], input[type="submit"]').click()
    await at.look()
