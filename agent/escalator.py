"""Keeps urgent callers' ladders going: the next person when it is time, notices beside the texts, the alarm that stays.

All that is due stands in the ledger, so a restart goes on where it was.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable

from agent.alerts import addresses_of, notify
from agent.conversations.ladder import go_on
from agent.health import Health
from agent.office import Office
from storage.ledger import DiskFull, Ledger
from storage.queries import ladders
from storage.records import Ask

log = logging.getLogger(__name__)

IDLE = 30.0
"""Seconds after which the ledger is looked at though nothing is known to be due."""
TITLE = "Urgent caller"


Notify = Callable[[list[str], str, str], Awaitable[str]]
"""Sends a notice (addresses, title, body); what went wrong, in words, or nothing."""


class Escalator:
    """The background task. `hand_over` takes the ids of texts that were queued."""

    def __init__(
        self,
        ledger: Ledger,
        office: Callable[[], Office],
        hand_over: Callable[[Iterable[int]], None],
        health: Health,
        clock: Callable[[], float],
        notify: Notify = notify,
    ) -> None:
        self._ledger = ledger
        self._office = office
        self._hand_over = hand_over
        self._health = health
        self._clock = clock
        self._notify = notify
        self._woken = asyncio.Event()
        self._asked = asyncio.Event()

    def wake(self) -> None:
        """A ladder may have begun or ended."""
        self._woken.set()
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._climb())
            group.create_task(self._send_notices())

    async def _climb(self) -> None:
        while True:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(await self._go_on()):
                    await self._woken.wait()

    async def _go_on(self) -> float:
        """What is due; seconds until more is."""
        try:
            queued, unheard, due = await self._ledger.write(self._step, self._clock())
        except DiskFull:
            return IDLE
        self._hand_over(queued)
        self._asked.set()
        if unheard:
            self._health.begin("urgent-unheard", f"{unheard} urgent caller{'s wait' if unheard > 1 else ' waits'}.")
        else:
            self._health.end("urgent-unheard")
        return IDLE if due is None else min(IDLE, max(0.05, due - self._clock()))

    def _step(self, db: sqlite3.Connection, now: float) -> tuple[tuple[int, ...], int, float | None]:
        return go_on(db, self._office(), now), ladders.unheard(db), ladders.next_due(db)

    async def _send_notices(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            async with asyncio.TaskGroup() as group:
                for ask in await self._ledger.read(ladders.notices):
                    group.create_task(self._notice(ask))

    async def _notice(self, ask: Ask) -> None:
        person = next((one for one in self._office().people if one.name == ask.person), None)
        try:
            addresses = addresses_of(person.notify, person.notify_file) if person is not None else []
            trouble = (
                await self._notify(addresses, TITLE, ask.body) if addresses else "no address is configured any more"
            )
        except OSError as error:
            trouble = f"{error.filename}: {error.strerror}"
        with contextlib.suppress(DiskFull):  # it goes out once more then, which for staff is no harm
            await self._ledger.write(ladders.noticed, ask.id, "failed" if trouble else "sent", trouble)
        if trouble:
            log.warning("action=notice to=%s %s", ask.person, trouble)
            self._health.begin("notice-failed", f"{ask.person}: {trouble}")
        else:
            self._health.end("notice-failed")
