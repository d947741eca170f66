import subprocess
from pathlib import Path

import pytest

from deploy.local import accounts


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where installations of root leave word; the system user was made by us."""
    folder = tmp_path / "safar"
    folder.mkdir()
    monkeypatch.setattr(accounts, "OUTSIDE", folder)
    monkeypatch.setattr(accounts, "_MADE", folder / ".made-user")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    accounts._MADE.touch()
    return folder


def userdel(monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_the_user_goes_with_the_last_installation(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = userdel(monkeypatch, 0)

    assert accounts.remove_account()
    assert asked == [["userdel", accounts.NAME]]
    assert not outside.exists()


def test_the_user_stays_while_another_installation_needs_it(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = userdel(monkeypatch, 0)
    accounts.outside_folder("another")

    assert not accounts.remove_account()
    assert asked == []


def test_a_user_that_could_not_go_is_removed_by_the_next_reset(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    userdel(monkeypatch, 8)
    assert not accounts.remove_account()
    userdel(monkeypatch, 0)

    assert accounts.remove_account()
    assert not outside.exists()
