"""Work side by side ends side by side, whatever hides a cancellation."""

import asyncio

import pytest

from services.chassis.tasks import together


async def test_when_one_fails_the_others_end_and_the_error_is_seen() -> None:
    swallowed: list[str] = []

    async def goes_on() -> None:
        """A loop that takes a connection lost on the way out for any lost connection."""
        while True:
            try:
                try:
                    await asyncio.sleep(60)
                finally:
                    if not swallowed:
                        raise ConnectionResetError
            except OSError as error:
                swallowed.append(type(error).__name__)

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async with asyncio.timeout(10):
        with pytest.raises(LookupError):
            await together(goes_on(), fails())

    assert swallowed == ["ConnectionResetError"]


async def test_who_is_cancelled_ends_all() -> None:
    ended: list[int] = []

    async def work(number: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(number)

    task = asyncio.ensure_future(together(work(1), work(2)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [1, 2]
