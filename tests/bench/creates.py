"""Create over HTTP: wrk with one agency's token, against the edge and against the service itself."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.demo import Cast
from deploy.local.story import Plot, Story
from tests.support.installation import Installation

CONNECTIONS = 16
SECONDS = 5


@dataclass(frozen=True)
class Subject:
    """What is created, by whom, and where."""

    agency_id: str
    body: dict[str, Any]
    token: str
    edge: str
    direct: str


async def prepare(installation: Installation) -> Subject:
    """A case to draft referrals of, and a token that lasts the run out."""
    addresses = installation.addresses
    async with httpx.AsyncClient(timeout=30) as http:
        cast = Cast(addresses, http)
        story = Story(cast.first("kz"), cast.first("uz"), Plot())
        await story.draft()
        body = {"case_id": story.case_id, "receiving_agency": story.receiving.agency_id, "service": "shelter"}
        token = await story.referring.token()
    service = next(one["url"] for one in addresses["components"] if one["id"] == "kz.referrals")
    edge = addresses["nodes"]["kz"]["api"].removesuffix("/v1")
    return Subject(story.referring.agency_id, body | {"urgency": "urgent"}, token, edge, service)


def load(subject: Subject, base: str, folder: Path) -> float:
    """Creates a second; every answer must be 201 with an id, or the run is void."""
    script = folder / "create.lua"
    script.write_text(_SCRIPT % (json.dumps(subject.body), subject.token))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), f"{base}/v1/referrals"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wrong = next(line for line in said.splitlines() if line.startswith("wrong "))
    if wrong != "wrong 0":
        raise RuntimeError(f"answers that are no created referral: {said}")
    return float(next(line for line in said.splitlines() if line.startswith("Requests/sec")).split()[1])


_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() wrong = 0 end
function response(status, headers, body)
  if status ~= 201 or not string.find(body, "referral_id", 1, true) then wrong = wrong + 1 end
end
function done()
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("wrong") end
  io.write("wrong " .. sum .. "\\n")
end
"""
