"""The live crossing: what `make run` shows once everything stands, and `make demo` again."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime
from itertools import combinations, product
from typing import Any

import httpx

from deploy.local.api import AgencyApi, Json
from deploy.local.state import State, read_json, write_private
from deploy.local.story import Plot, Story

_FIRST = {"kz": "sapar-demo", "kg": "tayanych-demo", "tj": "panoh-demo", "tm": "umyt-demo", "uz": "najot-demo"}
_AT_ONCE = 8
_SECOND = {"kz": "kamqor-demo", "kg": "jardam-demo", "tj": "madad-demo", "tm": "goldaw-demo", "uz": "mehr-demo"}


class Cast:
    """The agencies of an installation, each with its API client."""

    def __init__(self, addresses: Json, http: httpx.AsyncClient) -> None:
        self._addresses = addresses
        self._http = http
        self._made: dict[str, AgencyApi] = {}
        self.countries: list[str] = addresses["countries"]

    def agency(self, agency_id: str) -> AgencyApi:
        if agency_id not in self._made:
            node = self._addresses["nodes"][agency_id.split(".", 1)[0]]
            self._made[agency_id] = AgencyApi(agency_id, node, self._http)
        return self._made[agency_id]

    def first(self, country: str) -> AgencyApi:
        return self.agency(f"{country}.{_FIRST[country]}")

    def second(self, country: str) -> AgencyApi:
        return self.agency(f"{country}.{_SECOND[country]}")


def run_demo(state: State, volume: int = 0) -> None:
    """Play every ending once, live, and print one crossing step by step; `volume` more for the coordinators' view."""
    asyncio.run(_run(state, read_json(state.addresses), volume))


async def _run(state: State, addresses: Json, volume: int) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        cast = Cast(addresses, http)
        shown, others = _stories(cast)
        write_private(state.crossing, json.dumps(shown[0].record()))
        await asyncio.gather(shown[1], *(run for _, run in others))
        print("\nReferrals that went their way live:")
        for story, _ in [shown, *others]:
            referral = await story.referring.get(f"/v1/referrals/{story.referral_id}")
            print(f"  {referral['code']}  {_way(referral):<36} {_ending(referral)}")
        print(_timeline(await shown[0].timeline(shown[0].referring)))
        print("  `make trace` shows it as linked traces; OTEL_EXPORTER_OTLP_ENDPOINT sends them to a collector.")
        await _play(cast, volume)


Played = tuple[Story, Awaitable[Any]]


def _stories(cast: Cast) -> tuple[Played, list[Played]]:
    """The crossing to show, and the others: both ways between countries, and inside each."""
    played: list[Played] = []
    for origin, destination in combinations(cast.countries, 2):
        for one, other in ((origin, destination), (destination, origin)):
            story = Story(cast.first(one), cast.first(other), Plot())
            played.append((story, _served(story, ask=not played)))
    for country in cast.countries:
        inside = Story(cast.first(country), cast.second(country), Plot(service="legal_assistance", urgency="normal"))
        played.append((inside, _served(inside)))
    one, other = cast.countries[0], cast.countries[-1]
    declined = Story(cast.first(one), cast.second(other), Plot(service="health"))
    redirected = Story(cast.second(other), cast.first(one), Plot(service="documents", urgency="normal"))
    waiting = Story(cast.first(one), cast.first(other), Plot(service="safe_return", urgency="emergency"))
    asked = Story(cast.first(one), cast.second(other), Plot(service="rehabilitation"))
    incoming = Story(cast.second(other), cast.first(one), Plot(service="psychosocial_support", urgency="urgent"))
    draft = Story(cast.first(one), cast.second(other), Plot(service="documents", urgency="normal"))
    endings = [(declined, _declined(declined)), (asked, _asked(asked)), (incoming, incoming.send())]
    if len(cast.countries) > 1:
        endings += [(waiting, waiting.send()), (draft, draft.draft())]
        endings.append((redirected, _redirected(redirected, cast.second(one).agency_id)))
    return played[0], [*played[1:], *endings]


async def _served(story: Story, *, ask: bool = False) -> None:
    await story.send()
    await story.serve_to_the_end(ask=ask)


async def _declined(story: Story) -> None:
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "decline", reason="no_capacity")
    await story.seen_by(story.referring, "declined")


async def _asked(story: Story) -> None:
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "request_information", question="From which day is a place needed?")
    await story.seen_by(story.referring, "information_requested")


async def _waiting(story: Story) -> None:
    await story.send()


async def _play(cast: Cast, volume: int) -> None:
    """More referrals on every corridor and inside each country, with endings in the shares that a region would see."""
    limit = asyncio.Semaphore(_AT_ONCE)
    done = 0
    pairs = list(product(cast.countries, repeat=2))
    endings = (_served, _served, _served, _served, _declined, _asked, _waiting)
    services = ("shelter", "legal_assistance", "psychosocial_support", "documents", "livelihood")

    async def play(number: int) -> None:
        nonlocal done
        one, other = pairs[number % len(pairs)]
        sex = ("female", "female", "male")[number % 3]
        plot = Plot(service=services[number % len(services)], sex=sex, born=f"{1975 + number % 32}-01-01")
        receiving = cast.second(other) if one == other else cast.first(other)
        async with limit:
            await endings[number % len(endings)](Story(cast.first(one), receiving, plot))
        done += 1
        if done % 25 == 0 or done == volume:
            print(f"  {done} of {volume} more referrals played", flush=True)

    await asyncio.gather(*(play(number) for number in range(volume)))


async def _redirected(story: Story, to_agency: str) -> None:
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "redirect", to_agency=to_agency)
    await story.seen_by(story.referring, "redirected")


def _way(referral: Json) -> str:
    return f"{referral['referring_agency']} → {referral['receiving_agency']}"


def _ending(referral: Json) -> str:
    """The status, with the coded reason where there is one."""
    status = str(referral["status"]).replace("_", " ")
    why = referral.get("decline_reason") or referral.get("redirected_to") or referral.get("outcome")
    return f"{status} ({why})" if why else status


def _timeline(timeline: Json) -> str:
    way = f"{timeline['referring_agency']} → {timeline['receiving_agency']}"
    lines = [f"\nReferral {timeline['code']}: {way} (times in UTC)"]
    before: datetime | None = None
    for entry in timeline["entries"]:
        at = datetime.fromisoformat(entry["at"])
        took = "" if before is None else f"+{(at - before).total_seconds():.2f} s"
        receipt = "receipt signed by the other side" if entry.get("opened_at") else ""
        act = entry["act"].replace("_", " ")
        lines.append(
            f"  {entry['number']:>2}  {at:%H:%M:%S}  {took:>9}  {act:<24} {entry['author']:<18} {receipt}".rstrip()
        )
        before = at
    lines.append(f"  custody log: {len(timeline['entries'])} entries, head {timeline['head'][:8]}…")
    return "\n".join(lines)
