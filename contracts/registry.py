"""The registry of contracts: who produces an event, who consumes it, and how it may travel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from contracts.envelope import Frozen

Payload = TypeVar("Payload", bound=Frozen)


@dataclass(frozen=True)
class Contract:
    """One published event; `confidential` events are encrypted before they are stored or sent."""

    name: str
    payload: type[Frozen]
    producer: str
    consumers: tuple[str, ...]
    confidential: bool


CONTRACTS: dict[str, Contract] = {}
_NAMES: dict[type[Frozen], str] = {}


def contract(
    name: str, *, producer: str, consumers: tuple[str, ...], confidential: bool = False
) -> Callable[[type[Payload]], type[Payload]]:
    """Register a payload model under its versioned name."""

    def register(payload: type[Payload]) -> type[Payload]:
        CONTRACTS[name] = Contract(name, payload, producer, consumers, confidential)
        _NAMES[payload] = name
        return payload

    return register


def name_of(payload: Frozen) -> str:
    """The registered name of a payload."""
    return _NAMES[type(payload)]


def contract_of(name: str) -> Contract | None:
    """The contract of that name, or None: an unknown code is for the caller to quarantine."""
    return CONTRACTS.get(name)
