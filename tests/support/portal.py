"""The main job as a person does it in the portal: the acts of a caseworker, page by page."""

from dataclasses import dataclass

from tests.support.browser import Desk

_OPENS = "Opens only if they agree to help"


@dataclass(frozen=True)
class Person:
    """Whom a case is about: invented, and visibly so."""

    full_name: str = "Vydumana Primerovna Testova"
    phone: str = "+0 000 000 01 23"
    circumstances: str = "Invented story of an invented person"

    @property
    def words(self) -> tuple[str, ...]:
        """What may stand in no address, no title, and on nobody's page without consent."""
        return (*self.full_name.split(), "000 01 23", self.circumstances)


async def open_case(at: Desk, person: Person) -> str:
    """A new case in two steps; the address of its page."""
    await at.open("/cases")
    await at.press("New case")
    await at.write(full_name=person.full_name, phone=person.phone, birth_date="2000-01-01")
    await at.choose(sex="female", age_band="24-30", languages=["ru", "uz"], with_children="no")
    await at.press("Continue")
    await at.write(circumstances=person.circumstances)
    await at.choose(needs=["shelter", "rehabilitation"], urgency="urgent", risk="medium", exploitation="forced_labour")
    await at.press("Save the case")
    return at.page.url.removeprefix(at.portal)


async def search(at: Desk, case: str, need: str = "shelter") -> None:
    """From the case to what is offered in Uzbekistan."""
    await at.open(case)
    await at.press("Find a service")
    await at.page.locator('input[name="countries"][value="kz"]').first.uncheck()
    await at.choose(countries="uz")
    if need != "shelter":
        await at.choose(need=need)
    await at.press("Show")


async def find_service(at: Desk, case: str, name: str, need: str = "shelter") -> None:
    """From the case to the consent for that service."""
    await search(at, case, need)
    offer = at.page.locator("article").filter(has=at.page.get_by_role("heading", name=name)).first
    async with at.page.expect_navigation():
        await offer.get_by_role("link", name="Take consent for this service").click()
    await at.look()


async def prepare_consent(at: Desk, *fields: str) -> None:
    """Let these fields through, withhold the rest; ends at the page that is read aloud."""
    await at.choose(fields=list(fields), given_by="beneficiary", interpreter="no", why="fear")
    await at.choose(explanation_language="uz", recorded_how="spoken")
    await at.press("Continue")


async def send(at: Desk) -> str:
    """Record the yes, see that what was agreed to is what would open, and send; the address of the referral's page."""
    opens = at.page.locator(".sheet section").filter(has_text=_OPENS).locator("li")
    agreed = await opens.all_inner_texts()
    await at.choose(answer="yes")
    await at.press("Continue")
    assert await opens.all_inner_texts() == agreed, "another consent than the one that was read"
    await at.press("Send the referral")
    return at.page.url.removeprefix(at.portal)


async def refer(at: Desk, person: Person, service: str, need: str = "shelter") -> str:
    """The whole way from a new case to a sent referral."""
    case = await open_case(at, person)
    await find_service(at, case, service, need)
    await prepare_consent(at, "full_name")
    return await send(at)


async def code_of(at: Desk) -> str:
    """The code in the heading of the referral that is open."""
    return (await at.page.locator("h1 .nowrap").inner_text()).strip()
