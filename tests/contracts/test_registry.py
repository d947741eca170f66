"""The registry tells the truth: who tells an event really makes it, who hears it really handles it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import contracts.events  # noqa: F401  (fills the registry)
from contracts.registry import CONTRACTS, Contract

ROOT = Path(__file__).resolve().parents[2]
EVERY = sorted(CONTRACTS.values(), key=lambda one: one.name)


def messaging(service: str) -> Iterator[ast.AST]:
    for path in sorted((ROOT / "services" / service / "messaging").glob("*.py")):
        yield from ast.walk(ast.parse(path.read_text()))


def makes(one: Contract) -> bool:
    """Whether its producer's messaging calls the payload's class, under whatever name it imported it."""
    nodes = list(messaging(one.producer))
    names = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contracts.events.")
        for alias in node.names
        if alias.name == one.payload.__name__
    }
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return any(
        (isinstance(call, ast.Name) and call.id in names)
        or (isinstance(call, ast.Attribute) and call.attr == one.payload.__name__)
        for call in calls
    )


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_the_producer_tells_it(one: Contract) -> None:
    assert makes(one)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_exactly_the_named_consumers_handle_it(one: Contract) -> None:
    services = [path.parent.name for path in ROOT.glob("services/*/messaging")]

    handling = {
        service
        for service in services
        if any(
            isinstance(node, ast.Dict)
            and any(isinstance(key, ast.Constant) and key.value == one.name for key in node.keys)
            for node in messaging(service)
        )
    }

    assert handling == set(one.consumers)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_what_may_name_a_person_is_confidential(one: Contract) -> None:
    addressed_by_agencies = one.name.startswith(("referral.", "consent."))

    assert one.confidential is addressed_by_agencies


def test_names_are_unique_and_versioned() -> None:
    assert len({one.payload for one in EVERY}) == len(EVERY)
    assert all(one.name.rsplit(".", 1)[1].startswith("v") for one in EVERY)
