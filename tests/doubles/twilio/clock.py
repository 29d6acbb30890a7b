"""The double's time: the machine's, or one that a test moves by hand."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Protocol


class Clock(Protocol):
    """Epoch seconds, and waiting for them."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class VirtualClock:
    """Stands still until `advance`. Sleepers wake in the order of their due times."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            due = asyncio.Event()
            self._sleepers.append((self._now + seconds, due))
            await due.wait()

    def advance(self, seconds: float) -> None:
        """Move time on and wake whoever's time has come."""
        self._now += seconds
        due = sorted((s for s in self._sleepers if s[0] <= self._now), key=lambda s: s[0])
        self._sleepers = [s for s in self._sleepers if s[0] > self._now]
        for _, sleeper in due:
            sleeper.set()


class Later:
    """What is to happen by itself, now or when its time has come. `stop` ends it, and raises what went wrong in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def after(self, seconds: float, job: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
        """Do it in so many seconds, counted from this instant."""
        due = self._clock.now() + seconds  # not in the task: the clock may be moved before it gets its first turn

        async def wait_and_do() -> None:
            await self._clock.sleep(max(due - self._clock.now(), 0.0))
            await job()

        task = asyncio.get_running_loop().create_task(wait_and_do())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self._tasks.discard(task)

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
