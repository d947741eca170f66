import http.client
import urllib.request

import pytest

from deploy.local.status import _get


def test_another_program_on_a_port_that_was_ours_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def greets(*_: object, **__: object) -> None:
        raise http.client.BadStatusLine("INFO {}")

    monkeypatch.setattr(urllib.request, "urlopen", greets)

    assert _get("http://127.0.0.1:9510/healthz") is None
