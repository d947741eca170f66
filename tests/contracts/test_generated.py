"""What is written down is what the code says, and what was published stays as it was."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import contracts.events  # noqa: F401  (fills the registry)
from contracts import generate
from contracts.envelope import CloudEvent
from contracts.registry import CONTRACTS

FOLDER = Path(generate.__file__).parent
NAMES = sorted(CONTRACTS)


def test_generated_files_are_up_to_date() -> None:
    stale = [path for path, text in generate.files().items() if (FOLDER / path).read_text() != text]

    assert stale == [], "run python -m contracts.generate"


@pytest.mark.parametrize("service", generate.SERVICES)
def test_the_openapi_of_a_service_is_up_to_date(service: str) -> None:
    written = (FOLDER / "openapi" / f"{service}.json").read_text()

    assert written == generate.openapi(service), "run python -m contracts.generate"


def test_no_schema_is_left_over() -> None:
    written = {path.stem for path in (FOLDER / "schemas").glob("*.json")}

    assert written == {"envelope", *NAMES}


def test_every_contract_is_frozen() -> None:
    assert set(json.loads(generate.FROZEN.read_text())) == {"envelope", *NAMES}


def test_a_published_contract_that_changes_is_refused() -> None:
    found = {"thing.happened.v1": {"properties": {"title": {"type": "string"}}}}
    before = {"thing.happened.v1": generate.digest({"properties": {}})}

    with pytest.raises(generate.ChangedContractError):
        generate.frozen(found, before)


def test_a_published_contract_that_is_gone_is_refused() -> None:
    with pytest.raises(generate.ChangedContractError):
        generate.frozen({}, {"thing.happened.v1": "digest"})


def test_a_reworded_description_is_no_change_but_a_field_named_title_is() -> None:
    plain = {"title": "A", "properties": {"title": {"type": "string", "description": "old"}}}
    reworded = {"title": "B", "properties": {"title": {"type": "string", "description": "new"}}}
    without = {"title": "A", "properties": {}}

    assert generate.digest(plain) == generate.digest(reworded)
    assert generate.digest(plain) != generate.digest(without)


@pytest.mark.parametrize("name", NAMES)
def test_each_event_has_an_example_that_keeps_its_schema_and_its_model(name: str) -> None:
    example = json.loads((FOLDER / "examples" / f"{name}.json").read_text())
    schemas = generate.schemas()

    for schema, value in ((schemas["envelope"], example), (schemas[name], example["data"])):
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
    event = CloudEvent.model_validate(example)
    CONTRACTS[name].payload.model_validate(event.data)

    assert event.type == name
    assert event.source.endswith(f"/{CONTRACTS[name].producer}")


def test_examples_are_of_known_events_and_visibly_invented() -> None:
    examples = list((FOLDER / "examples").glob("*.json"))

    assert {path.stem for path in examples} == set(NAMES)
    for path in examples:
        agencies = {agency for agency in _strings(json.loads(path.read_text())) if agency[2:3] == "."}
        assert all(agency.endswith(("-demo", ".node")) or ":" in agency for agency in agencies)


def test_the_asyncapi_document_refers_to_what_is_there() -> None:
    import yaml

    document = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())

    assert document["asyncapi"] == "3.0.0"
    for text in _strings(document):
        if text.startswith("schemas/"):
            assert (FOLDER / text).exists()
        elif text.startswith("#/"):
            found = document
            for part in text[2:].split("/"):
                found = found[part]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in _strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return [value] if isinstance(value, str) else []
