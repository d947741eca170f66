"""The edge knows every address of every service, and each leads to one service only."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "directory", "referrals", "notifications", "coordination")


def _described(service: str) -> set[str]:
    document = json.loads((ROOT / "contracts" / "openapi" / f"{service}.json").read_text())
    return {re.sub(r"\{[^}]+\}", "an-id", path) for path in document["paths"]}


def _routed(service: str) -> list[str]:
    line = re.search(rf"@{service} path (.+)", (ROOT / "gateway" / "edge" / "Caddyfile").read_text())
    assert line is not None
    return line.group(1).split()


def _matches(path: str, patterns: list[str]) -> bool:
    return any(path == one or (one.endswith("*") and path.startswith(one[:-1])) for one in patterns)


@pytest.mark.parametrize("service", SERVICES)
def test_every_address_of_a_service_passes_the_edge_to_it_and_to_no_other(service: str) -> None:
    paths = _described(service)

    lost = [path for path in paths if not _matches(path, _routed(service))]
    astray = [
        (path, other) for path in paths for other in SERVICES if other != service and _matches(path, _routed(other))
    ]

    assert paths
    assert (lost, astray) == ([], [])
