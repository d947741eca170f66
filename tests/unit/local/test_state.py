import os
import stat
from pathlib import Path

import pytest

from deploy.local.errors import LauncherError
from deploy.local.processes import Running, forget, remember, remembered, running
from deploy.local.state import State, launcher_pid, only_launcher, secret_file, write_private


def test_a_second_launcher_is_told_who_holds_the_installation(tmp_path: Path) -> None:
    state = State(tmp_path / "state")

    with (
        only_launcher(state),
        pytest.raises(LauncherError, match=f"already running.*pid {os.getpid()}"),
        only_launcher(state),
    ):
        pass


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    state = State(tmp_path / "state")

    with only_launcher(state):
        assert launcher_pid(state) == os.getpid()

    assert launcher_pid(state) is None


def test_a_folder_that_holds_other_files_is_not_taken_for_state(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()

    with pytest.raises(LauncherError, match="holds other files"):
        State(tmp_path).create()


def test_existing_folders_keep_their_mode(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    State(home / "checkout" / "state").create()

    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_secrets_are_for_their_owner_alone_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one.secret"

    first, second = secret_file(path), secret_file(path)

    assert first == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = write_private(tmp_path / "a", "first, and longer")

    write_private(path, "second")

    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pid_that_now_belongs_to_another_process_is_not_ours(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    me = running(os.getpid())
    assert me is not None

    remember(state, "kz.referrals", Running(me.pid, me.started - 1))
    assert remembered(state, "kz.referrals") is None

    remember(state, "kz.referrals", me)
    assert remembered(state, "kz.referrals") == me

    forget(state, "kz.referrals")
    assert remembered(state, "kz.referrals") is None
