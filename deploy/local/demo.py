"""The live crossing: what `make run` shows once everything stands, and `make demo` again."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from itertools import combinations
from typing import Any

import httpx

from deploy.local.api import AgencyApi, Json
from deploy.local.state import State, read_json
from deploy.local.story import Plot, Story

_FIRST = {"kz": "sapar-demo", "kg": "tayanych-demo", "tj": "panoh-demo", "tm": "umyt-demo", "uz": "najot-demo"}
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


def run_demo(state: State) -> None:
    """Play every ending once, live, and print one crossing step by step."""
    asyncio.run(_run(read_json(state.addresses)))


async def _run(addresses: Json) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        cast = Cast(addresses, http)
        shown, others = _stories(cast)
        shown[0].record()
        await asyncio.gather(shown[1], *(run for _, run in others))
        names = [f"{story.referring.agency_id} → {story.receiving.agency_id}" for story, _ in [shown, *others]]
        print(f"\n{len(names)} referrals went their way live: " + "; ".join(names))
        print(_timeline(await shown[0].timeline(shown[0].referring)))
        print("  `make trace` shows it as two linked traces; OTEL_EXPORTER_OTLP_ENDPOINT sends them to a collector.")


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
    waiting = Story(cast.second(one), cast.first(other), Plot(service="safe_return", urgency="emergency"))
    endings = [(declined, _declined(declined)), (waiting, waiting.send())]
    if len(cast.countries) > 1:
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


async def _redirected(story: Story, to_agency: str) -> None:
    await story.send()
    await story.say(story.receiving, "acknowledge")
    await story.say(story.receiving, "redirect", to_agency=to_agency)
    await story.seen_by(story.referring, "redirected")


def _timeline(timeline: Json) -> str:
    lines = [f"\nReferral {timeline['code']}: {timeline['referring_agency']} → {timeline['receiving_agency']}"]
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
