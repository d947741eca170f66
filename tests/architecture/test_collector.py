"""The collector lets through what the code writes, and nothing else."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CONFIGURATION: dict[str, Any] = yaml.safe_load((ROOT / "deploy/otel/collector.yaml").read_text())
_PERSONAL = (
    "url",
    "query",
    "user",
    "enduser",
    "client",
    "peer",
    "baggage",
    "db.statement",
    "db.query",
    "exception.message",
)
ASGI_MESSAGES = {"http.request", "http.disconnect", "http.response.start", "http.response.body"}


def allowed(context: str) -> set[str]:
    (statements,) = (
        one["statements"]
        for one in CONFIGURATION["processors"]["transform/allowed"]["trace_statements"]
        if one["context"] == context
    )
    (listed,) = re.findall(r"keep_keys\(attributes, \[(.*)\]\)", "\n".join(statements))
    return set(re.findall(r'"([^"]+)"', listed))


def test_every_part_of_a_span_is_reduced_to_a_list():
    assert allowed("resource") == {
        "service.name",
        "telemetry.sdk.language",
        "telemetry.sdk.name",
        "telemetry.sdk.version",
    }
    assert allowed("scope") == set()
    assert allowed("spanevent") == {"exception.type"}


def test_no_listed_attribute_can_name_a_person_or_an_address():
    assert not [name for name in allowed("span") if name.startswith(_PERSONAL)]


def test_every_attribute_that_the_code_writes_is_on_the_list():
    code = [path.read_text() for place in ("services", "gateway") for path in (ROOT / place).rglob("*.py")]
    written = {name for text in code for name in re.findall(r'"((?:http|safar)\.[a-z_.]+)"(?=[:,])', text)}

    assert "http.response.status_code" in written
    assert written - ASGI_MESSAGES <= allowed("span")


def test_what_is_received_passes_the_list_before_it_leaves_and_a_failure_stops_it():
    (pipeline,) = CONFIGURATION["service"]["pipelines"].values()

    assert "transform/allowed" in pipeline["processors"]
    assert CONFIGURATION["processors"]["transform/allowed"]["error_mode"] == "propagate"
    assert set(CONFIGURATION["service"]["pipelines"]) == {"traces"}
