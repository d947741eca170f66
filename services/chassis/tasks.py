"""Running tasks side by side, and ending them."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Run work that has no end side by side; when one ends all are ended, and its error is raised.

    Not a TaskGroup: that cancels once and then waits for ever. A connection that breaks on the way out hides the
    cancellation behind an error that looks like any lost connection, and the loop goes on.
    """
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(tasks)


async def end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel until all have ended: wait_for of Python 3.11 swallows a cancellation that meets a result."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)
