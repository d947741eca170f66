"""The system user that Postgres runs as when we are root, which Postgres refuses to be.

No folder that we did not make changes its owner or its mode: what the user cannot reach is kept where it can.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.local.component import Account
from deploy.local.errors import LauncherError

NAME = "safar-postgres"
OUTSIDE = Path("/var/lib/safar")
_MADE = OUTSIDE / ".made-user"


def postgres_account() -> Account | None:
    """The account for Postgres: made once when we are root, none (our own) when we are not."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _make()
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def can_reach(account: Account, path: Path) -> bool:
    """Whether the account may enter a folder or run a program."""
    asked = subprocess.run(
        ["/usr/bin/test", "-x", str(path)], user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    return asked.returncode == 0


def owned_folder(path: Path, account: Account) -> Path:
    """A new folder that belongs to the account alone; an existing one is left as it is."""
    if not path.exists():
        path.mkdir(mode=0o700)
        os.chown(path, account.uid, account.gid)
    return path


def outside_folder(identifier: str) -> Path:
    """This installation's folder below /var/lib, which anybody may cross and nobody list.

    While it is there the system user is needed, also when the installation keeps its data elsewhere.
    """
    for folder in (OUTSIDE, OUTSIDE / identifier):
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o711)
    return OUTSIDE / identifier


def remove_account() -> bool:
    """Remove the user if we made it and no other installation uses it; True when it went."""
    others = [entry for entry in OUTSIDE.iterdir() if entry != _MADE] if OUTSIDE.exists() else []
    if os.geteuid() != 0 or others or not _MADE.exists():
        return False
    if subprocess.run(["userdel", NAME], check=False, capture_output=True).returncode != 0:
        return False  # a process of the user's still runs; the next reset tries again
    _MADE.unlink()
    OUTSIDE.rmdir()
    return True


def _make() -> None:
    if shutil.which("useradd") is None:
        raise LauncherError(
            f"Postgres refuses to run as root and there is no `useradd` to make the system user {NAME}. "
            "Run `make run` as an ordinary user."
        )
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise LauncherError(f"The system user {NAME} could not be made: {made.stderr.strip()}")
    if not OUTSIDE.exists():
        OUTSIDE.mkdir()
        OUTSIDE.chmod(0o711)
    _MADE.touch()
