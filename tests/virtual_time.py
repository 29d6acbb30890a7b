"""An event loop whose time jumps to the next timer when nothing else is to do: hours of waiting pass in milliseconds.

Real sockets on loopback work in it: only when no byte is on its way does time move. What runs in threads doesn't; so
the ledger of a story is one that works in the loop's own thread (`ThreadlessLedger`), with all the rest of it real.
"""

import asyncio
import functools
import selectors
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from storage.ledger import Ledger, _connect

P = ParamSpec("P")
T = TypeVar("T")

EPOCH = 1_773_075_600.0
"""What the clock shows when a virtual story begins: 2026-03-09 12:00 in Chicago."""

MOST_JUMPS = 50_000
PATIENCE = 0.0002
"""Seconds for what was sent a moment ago on loopback. The system makes a whole millisecond of them, of each jump."""


class _Jumping(selectors.DefaultSelector):
    """Never waits: where the real one would, `skipped` seconds are added instead."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.jumps = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        ready = super().select(PATIENCE)
        if ready:
            return ready
        if timeout is None:
            return super().select(5) or self._stuck()
        self.jumps += 1
        if self.jumps > MOST_JUMPS:
            self._stuck()
        self.skipped += max(timeout, 0.0)
        return []

    def _stuck(self) -> list[tuple[selectors.SelectorKey, int]]:
        raise RuntimeError("the story waits for something that will never happen")


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` begins at 1000 and moves only by jumps."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return 1000.0 + self._jumping.skipped


def clock() -> float:
    """The wall clock of a virtual story, epoch seconds."""
    return EPOCH + asyncio.get_running_loop().time() - 1000.0


class LoopClock:
    """The Twilio double's clock in a virtual story."""

    def now(self) -> float:
        return clock()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ThreadlessLedger(Ledger):
    """The real ledger, but each job runs at once where it was asked for."""

    def __init__(self, path: Path | None = None) -> None:
        self.db: sqlite3.Connection = _connect(path)
        self.fill_up: Callable[[], bool] = lambda: False
        """Whether the disk is full at this moment: asked at each write."""
        self.writes = 0
        super().__init__(None, path, None)  # type: ignore[arg-type]

    async def write(self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def on_disk(db: sqlite3.Connection) -> T:
            done = job(db, *args, **kwargs)
            if self.fill_up():
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return done

        self.writes += 1
        return await super().write(on_disk)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        await asyncio.sleep(0)
        return work(self.db)

    async def close(self) -> None:
        self.db.close()


def in_virtual_time(story: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run an async test in virtual time."""

    @functools.wraps(story)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(story(*args, **kwargs))

    return told
