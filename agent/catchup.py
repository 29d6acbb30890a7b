"""Fills the gap: calls that began or ended while nobody listened, from the PBX's own records.

While the link is up, the time is marked every MARK_EVERY seconds, so that after a crash it is known how long nobody
listened. After each return the records from then on are read, beside the live loop, and every call that isn't in the
ledger yet is decided by the same rules; what records can't tell (was the number withheld?) keeps them from a text. A
call whose end is nowhere to be found is closed as undecided.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from agent.calls.past import calls_over
from agent.calls.verdicts import Call, News
from agent.config.sections import Pbx
from agent.health import Health
from agent.pbx.dialects import Adapter
from agent.pbx.records import RecordsTrouble
from agent.policy.facts import Presentation
from agent.policy.rules import UNDECIDED
from agent.switchboard import Switchboard
from agent.textback import Case
from storage.ledger import DiskFull, Ledger
from storage.queries import calls, conditions
from storage.vocabulary import Decision, Direction

log = logging.getLogger(__name__)

MARK = "pbx"
MARK_EVERY = 10.0
SETTLE = 2.0
"""Seconds after the return before the records are read: the last ones are still being written."""


class Catchup:
    """One for the life of the program. `done` is called after each gap that was filled."""

    def __init__(self, pbx: Pbx, ledger: Ledger, board: Switchboard, health: Health, done: Callable[[], None]) -> None:
        self._pbx = pbx
        self._ledger = ledger
        self._board = board
        self._health = health
        self._returned = asyncio.Event()
        self._live = False
        self._linked_at = 0.0
        self._done = done
        self._heard_until: float | None = None
        self.adapter: Adapter | None = None

    def linked(self) -> None:
        """The link is back, the living calls are listed."""
        self._live, self._linked_at = True, time.time()
        self._returned.set()

    def unlinked(self) -> None:
        """The link is down."""
        if self._live:
            self._heard_until = time.time()
        self._live = False

    async def run(self) -> None:
        """Until cancelled."""
        self._heard_until = await self._ledger.read(_listened_until)
        while True:
            try:
                async with asyncio.timeout(MARK_EVERY):
                    await self._returned.wait()
            except TimeoutError:
                await self._mark()
                continue
            self._returned.clear()
            if self._heard_until is None:
                await self._mark()  # the first time ever: there is no gap, but from now on there may be one
            since, linked_at = self._heard_until, self._linked_at
            await asyncio.sleep(SETTLE)
            await self._fill(since, linked_at)
            await self._mark()
            self._done()

    async def _mark(self) -> None:
        if not self._live:
            return
        try:
            self._heard_until = time.time()
            await self._ledger.write(conditions.mark, MARK, self._heard_until)
        except DiskFull as full:
            self._health.begin("disk-full", str(full))

    async def _fill(self, since: float | None, linked_at: float) -> None:
        """Calls that ended before the link was live; later ones are the live loop's."""
        if since is not None and self._pbx.records is not None and self.adapter is not None:
            try:
                found = await asyncio.to_thread(self._read, self._pbx.records, since, linked_at)
            except RecordsTrouble as trouble:
                self._health.begin("records-unreadable", str(trouble))
            else:
                self._health.end("records-unreadable")
                await self._decide(found)
        await self._board.writer.written()
        alive = {call.id for call in self._board.in_flight}
        try:
            closed = await self._ledger.write(_close_lost, alive, linked_at, time.time())
        except DiskFull:
            return
        if closed:
            log.warning("action=catchup %d calls ended unseen and no record tells how; see `secondring calls`", closed)

    def _read(self, records: Path, since: float, until: float) -> list[Call]:
        assert self.adapter is not None
        since -= MARK_EVERY
        return calls_over(self.adapter.recorded(records, since, until), since, until)

    async def _decide(self, found: list[Call]) -> None:
        await self._board.writer.written()
        alive, now = {call.id for call in self._board.in_flight}, time.time()
        for call in await self._ledger.read(_not_known, [call for call in found if call.id not in alive]):
            log.info("action=catchup call=%s from records", call.id)
            presentation = Presentation.UNKNOWN if call.withheld is None else Presentation.WITHHELD
            news = News.MISSED if call.answered_at is None else News.ANSWERED
            if call.direction is not Direction.INBOUND:
                news = News.ENDED
            await self._board.writer.put_later(Case(news, call, presentation, now, "records"))


def _listened_until(db: sqlite3.Connection) -> float | None:
    """When the PBX was last listened to, or the oldest call whose end nobody saw began. None: never yet."""
    times = [call.started_at for call in calls.in_flight(db)]
    marked = conditions.marked(db, MARK)
    if marked is not None:
        times.append(marked)
    return min(times, default=None)


def _not_known(db: sqlite3.Connection, found: list[Call]) -> list[Call]:
    return [call for call in found if not calls.is_known(db, call.id)]


def _close_lost(db: sqlite3.Connection, alive: set[str], linked_at: float, now: float) -> int:
    """Calls from before the link was live that the ledger believes in flight and the PBX doesn't know any more."""
    open_calls = [call for call in calls.in_flight(db) if call.started_at < linked_at]
    lost = [call for call in open_calls if call.pbx_call not in alive]
    for call in lost:
        calls.end_unseen(db, call.id, now)
        if call.decision is None:
            rule = UNDECIDED.name if call.answered_at is None else "answered"
            if call.direction is not Direction.INBOUND:
                rule = "not_inbound"
            calls.decide(db, call.id, Decision.SKIP, rule, now)
    return len(lost)
