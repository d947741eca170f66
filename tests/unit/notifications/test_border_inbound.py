"""A label that the database refuses costs its own message its labels, and no other."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import asyncpg

from services.notifications.domain.messages import Incoming
from services.notifications.domain.node import Node
from services.notifications.messaging.border_inbound import BorderInbound
from tests.unit.notifications.letters import MEHR, NAJOT, a_letter, sealed


@dataclass
class Told:
    """A message as NATS hands it out."""

    data: bytes
    position: int
    subject: str = "event.addressed.kz.uz.x"
    acknowledged: bool = False

    @property
    def metadata(self) -> Any:
        return SimpleNamespace(sequence=SimpleNamespace(stream=self.position))

    async def ack(self) -> None:
        self.acknowledged = True


@dataclass
class Arrivals:
    """Refuses whatever is for `refused`, all of a transaction or nothing."""

    refused: str
    kept: list[Incoming] = field(default_factory=list)

    async def store(self, incoming: Sequence[Incoming]) -> None:
        if any(one.recipient == self.refused for one in incoming):
            raise asyncpg.CharacterNotInRepertoireError
        self.kept += incoming


@dataclass
class Opening:
    lanes: set[tuple[str, str]] = field(default_factory=set)

    async def open_lanes(self, lanes: set[tuple[str, str]]) -> None:
        self.lanes |= lanes


async def test_one_label_that_cannot_be_stored_leaves_its_neighbours_their_own() -> None:
    arrivals, opening = Arrivals(refused=MEHR), Opening()

    @asynccontextmanager
    async def begin() -> AsyncIterator[tuple[None, Any]]:
        yield None, SimpleNamespace(arrivals=arrivals)

    messages = [
        Told(sealed(a_letter(recipient=to)).data, number) for number, to in enumerate((NAJOT, MEHR, NAJOT), start=1)
    ]
    inbound = BorderInbound(None, begin, opening, Node("uz", (), frozenset()), "kz")  # type: ignore[arg-type]

    await inbound.receive(messages)  # type: ignore[arg-type]

    told = [(one.position, one.agency_id, one.recipient) for one in arrivals.kept]
    assert told == [(1, NAJOT, NAJOT), (2, "uz.node", None), (3, NAJOT, NAJOT)]
    assert all(message.acknowledged for message in messages)
    assert opening.lanes == {("kz", "event.addressed.kz.uz.x")}
