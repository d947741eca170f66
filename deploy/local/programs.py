"""Programs that came with wheels: beside the interpreter that runs us."""

import shutil
import sys
from pathlib import Path

from deploy.local.errors import LauncherError


def program(name: str) -> str:
    """The path of a program; raises LauncherError when the environment was not set up."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise LauncherError(f"The program {name} is not installed. Run `make setup`.")
    return found
