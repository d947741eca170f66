import http.client
import urllib.request

import pytest

from deploy.local.status import _get, _stream, show


def a_stream(used: int, limit: int) -> dict[str, object]:
    return _stream(
        "uz", "NODE", {"name": "FROM_KZ", "state": {"messages": 7, "bytes": used}, "config": {"max_bytes": limit}}
    )


def shown(*streams: dict[str, object]) -> str:
    nothing = {"components": [], "databases": [], "leaf_links": [], "postgres": None, "launcher_pid": None}
    return show(nothing | {"streams": list(streams)})


def test_a_stream_that_is_nearly_full_is_named() -> None:
    mebibyte = 2**20

    assert "FULL  uz FROM_KZ: 80 % of 10 MiB" in shown(a_stream(8 * mebibyte, 10 * mebibyte))
    assert "FULL" not in shown(a_stream(8 * mebibyte - 1, 10 * mebibyte), a_stream(mebibyte, -1))


def test_another_program_on_a_port_that_was_ours_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def greets(*_: object, **__: object) -> None:
        raise http.client.BadStatusLine("INFO {}")

    monkeypatch.setattr(urllib.request, "urlopen", greets)

    assert _get("http://127.0.0.1:9510/healthz") is None
