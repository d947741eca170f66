from pathlib import Path

import asyncpg
import pytest

from deploy.local.postgres import Server, accepting


class Opened:
    closed = False

    async def close(self) -> None:
        self.closed = True


async def test_a_server_that_listens_and_still_recovers_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened()
    said = [ConnectionRefusedError(), asyncpg.CannotConnectNowError("starting up"), opened]

    async def connect(_: str) -> Opened:
        answer = said.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(asyncpg, "connect", connect)

    await accepting(Server(1, Path("data"), Path("programs"), None, "x"))

    assert said == []
    assert opened.closed
