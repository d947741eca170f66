"""Runs the `migrate` of several services side by side, each in a process forked from one that has its imports.

python -m deploy.local.migrate <<< '[{"module": "services.identity", "environment": {"SAFAR_…": "…"}}]'
"""

import importlib
import json
import os
import runpy
import sys
import traceback
from typing import Any

_WARM = ("alembic.command", "sqlalchemy.ext.asyncio", "asyncpg", "services.chassis.service", "services.chassis.http")
_AT_ONCE = 3


def main() -> None:
    """Exit with the number of migrations that failed; each has written why to stderr."""
    jobs: list[dict[str, Any]] = json.load(sys.stdin)
    for name in _WARM:
        importlib.import_module(name)
    failed, running = 0, 0
    for job in jobs:
        if running == _AT_ONCE:
            failed += _reap()
            running -= 1
        _fork(job)
        running += 1
    for _ in range(running):
        failed += _reap()
    sys.exit(failed)


def _fork(job: dict[str, Any]) -> None:
    if os.fork():
        return
    code = 1
    try:
        os.environ.update(job["environment"])
        sys.argv = [job["module"], "migrate"]
        runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = 0 if ended.code in (None, 0) else 1
        if isinstance(ended.code, str):
            sys.stderr.write(f"{job['module']}: {ended.code}\n")
    except BaseException:  # noqa: BLE001 - this process ends here, whatever it was
        sys.stderr.write(f"{job['module']}:\n{traceback.format_exc(limit=-4)}")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _reap() -> int:
    _, status = os.wait()
    return int(status != 0)


if __name__ == "__main__":
    main()
