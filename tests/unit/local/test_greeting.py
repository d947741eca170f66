import shlex
from pathlib import Path

import pytest

from deploy.local import demo
from deploy.local.errors import LauncherError
from deploy.local.greeting import client, welcome
from deploy.local.state import State


def test_a_client_is_told_as_a_shell_takes_it_in() -> None:
    known = {"client_id": "kz.sapar-demo.api", "client_secret": "it's $(secret)"}
    node = {"clients": {"kz.sapar-demo": known}, "token_endpoint": "http://idp/token", "api": "http://edge/v1"}

    words = [shlex.split(line) for line in client(node, "kz.sapar-demo").splitlines()]

    assert words == [
        ["export", "CLIENT_ID=kz.sapar-demo.api"],
        ["export", "CLIENT_SECRET=it's $(secret)"],
        ["export", "TOKEN_ENDPOINT=http://idp/token"],
        ["export", "API=http://edge/v1"],
    ]


async def test_a_live_crossing_that_somebody_else_touched_ends_no_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: State) -> None:
        raise LauncherError("409 wrong_state: The state is acknowledged.")

    monkeypatch.setattr(demo, "run_demo", fails)
    state = State(tmp_path)
    state.addresses.write_text('{"nodes": {}}')

    await welcome(state, with_demo=True)

    told = capsys.readouterr()
    assert "409 wrong_state" in told.err
    assert "`make demo` plays it again" in told.err
    assert "passwords were made for this installation alone" in told.out
