"""The one writer of news: several pieces in one transaction where several wait, live ones before those from records.

While the disk is full nothing is lost: what can't be written waits here, in order.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace

from agent.health import Health
from agent.office import Office
from agent.textback import Case, Outcome, write_down
from storage.ledger import DiskFull, Ledger

log = logging.getLogger(__name__)

MOST_TOGETHER = 64
MOST_LATER = 8
"""Calls known from records that may wait or be written together: a live miss behind them waits only for so many."""
RETRY_FULL = 1.0
OLD_NEWS = 1.0
"""Seconds that news may wait to be written and still count as of when it happened."""

Tell = Callable[[Case, Outcome], None]


class Writer:
    """Between what becomes known and the ledger.

    `office`: as configured now. `has_room`: whether a text may be claimed for sending in the same transaction. `tell`
    is called for each piece once it is committed.
    """

    def __init__(
        self, ledger: Ledger, health: Health, office: Callable[[], Office], has_room: Callable[[], bool], tell: Tell
    ) -> None:
        self._ledger = ledger
        self._health = health
        self._office = office
        self._has_room = has_room
        self._tell = tell
        self._live: asyncio.Queue[Case] = asyncio.Queue()
        self._later: asyncio.Queue[Case] = asyncio.Queue(MOST_LATER)
        self._news = asyncio.Event()
        self._batch: list[Case] = []
        """What is being written; a cancelled write may or may not have happened, and writing twice does no harm."""

    @property
    def waiting(self) -> int:
        """Pieces of live news that aren't being written yet."""
        return self._live.qsize()

    def put(self, case: Case) -> None:
        """Live news."""
        self._live.put_nowait(case)
        self._news.set()

    async def put_later(self, case: Case) -> None:
        """A call known from elsewhere (records): decided as any other, once no live news waits."""
        await self._later.put(case)
        self._news.set()

    async def run(self) -> None:
        """Write news down until cancelled."""
        while True:
            await self._news.wait()
            await self._write_some()

    async def drain(self) -> None:
        """Write what waits, at the end, after `run` was cancelled. What finds no space is told, and left to records."""
        for queue in (self._live, self._later):
            while not queue.empty():
                self._batch.append(queue.get_nowait())
        if not self._batch:
            return
        try:
            await self._ledger.write(_write_all, self._office(), self._batch)
        except DiskFull as full:
            log.error("action=stop %d pieces of news are lost but for the PBX's records: %s", len(self._batch), full)

    async def written(self) -> None:
        """Returns when everything known by now is in the ledger."""
        await self._live.join()
        await self._later.join()

    async def _write_some(self) -> None:
        queue = self._later if self._live.empty() else self._live
        while len(self._batch) < MOST_TOGETHER and not queue.empty():
            self._batch.append(queue.get_nowait())
        if self._live.empty() and self._later.empty():
            self._news.clear()
        outcomes = await self._write()
        batch, self._batch = self._batch, []
        for case, outcome in zip(batch, outcomes, strict=True):
            self._tell(case, outcome)
            queue.task_done()

    async def _write(self) -> list[Outcome]:
        while True:
            self._batch = [_at_least(case, time.time() - OLD_NEWS) for case in self._batch]
            try:
                outcomes = await self._ledger.write(_write_all, self._office(), self._batch, self._has_room())
            except DiskFull as full:
                self._health.begin("disk-full", str(full))
                await asyncio.sleep(RETRY_FULL)
            except sqlite3.Error as error:
                if len(self._batch) > 1:
                    return [outcome for case in self._batch for outcome in await self._write_alone(case)]
                return await self._left_out(self._batch[0], error)
            else:
                self._health.end("disk-full")
                return outcomes

    async def _write_alone(self, case: Case) -> list[Outcome]:
        whole, self._batch = self._batch, [case]
        try:
            return await self._write()
        finally:
            self._batch = whole

    async def _left_out(self, case: Case, error: sqlite3.Error) -> list[Outcome]:
        """The ledger refuses this one piece of news: a fault of this program, which must not end it for all calls."""
        log.error("action=write call=%s %s", case.call.id, case.news.value, exc_info=error)
        self._health.begin("ledger-refused", f"call {case.call.id}: {error}")
        return [Outcome(0)]


def _at_least(case: Case, earliest: float) -> Case:
    """News that had to wait for the disk is judged by the time at which it is written."""
    return case if case.now >= earliest else replace(case, now=earliest + OLD_NEWS)


def _write_all(db: sqlite3.Connection, office: Office, batch: list[Case], room: bool = False) -> list[Outcome]:
    alone = room and len(batch) == 1  # a burst goes through the outbox's queue, which takes turns
    return [write_down(db, office, case, may_claim=alone) for case in batch]
