"""Keeps what was posted before it is answered. All that waits is committed together: one sync of the disk for many."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from sms.inbound import Received
from sms.provider import Inbound, Status
from storage.ledger import DiskFull, Ledger

log = logging.getLogger(__name__)

Heard = Inbound | Status


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one post: whether it was new, and what a reply has set going."""

    fresh: bool
    received: Received | None = None


Keep = Callable[[sqlite3.Connection, Heard, float], Kept]
"""Keeps one post and does what follows from it, inside a transaction."""

AT_ONCE = 64
"""Posts in one commit: a reply waits for at most one such batch before its own."""


class Intake:
    """One for the web server's loop. `told` is called after the commit with what was kept."""

    def __init__(
        self, ledger: Ledger, keep: Keep, clock: Callable[[], float], told: Callable[[Heard, Kept], None]
    ) -> None:
        self._ledger = ledger
        self._keep = keep
        self._clock = clock
        self._told = told
        self._waiting: list[tuple[Heard, asyncio.Future[bool]]] = []
        self._woken = asyncio.Event()

    async def keep(self, heard: Heard) -> bool:
        """Returns once it is committed, with whether it was new. Raises DiskFull: it was not kept."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((heard, kept))
        self._woken.set()
        return await kept

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._woken.wait()
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            if not self._waiting:
                self._woken.clear()
            if not await self._commit(batch) and len(batch) > 1:
                for one in batch:  # one of them can't be kept: the others must not suffer for it
                    await self._commit([one])

    async def _commit(self, batch: list[tuple[Heard, asyncio.Future[bool]]]) -> bool:
        """Whether the batch is settled, kept or refused."""
        try:
            results = await self._ledger.write(self._keep_all, [heard for heard, _ in batch])
        except DiskFull as full:
            for _, kept in batch:
                if not kept.done():
                    kept.set_exception(full)
            return True
        except Exception as error:
            log.exception("action=webhook what was posted can't be kept; batch of %d", len(batch))
            if len(batch) > 1:
                return False
            if not batch[0][1].done():
                batch[0][1].set_exception(error)
            return True
        for (heard, kept), result in zip(batch, results, strict=True):
            if not kept.done():
                kept.set_result(result.fresh)
            self._told(heard, result)
        return True

    def _keep_all(self, db: sqlite3.Connection, posts: list[Heard]) -> list[Kept]:
        now = self._clock()
        return [self._keep(db, heard, now) for heard in posts]
