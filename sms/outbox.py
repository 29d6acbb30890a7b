"""The outbox hands over what is queued: once, in time, and never after something spoke against it.

A text is committed as `sending` before the first byte leaves, and its fate is committed when it is known. What is
found as `sending` at the start was interrupted: nobody knows whether it left, so it becomes `unknown` and is asked for
(reconcile.py), unless the provider has named it already. Only what certainly never reached the provider is tried again,
while it is fresh.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum

from sms import aftermath
from sms.provider import Accepted, Fate, NotSent, OutgoingText, Provider, Refused, Unknown
from storage.ledger import DiskFull, Ledger
from storage.queries import conditions, texts
from storage.records import Move, TextRow
from storage.vocabulary import TextState

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Texts handed over side by side."""
LEAST_VALID = 10
"""Seconds of validity below which a text isn't worth handing over."""
FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0
LOOK_AGAIN = 5.0
"""Seconds until the queue is looked at again while the disk is full or sending is stopped."""

HOLD = 60.0
"""Seconds for which texts left over from before a restart wait until the calls of the gap are known (`release`)."""

LookAgain = Callable[[sqlite3.Connection, TextRow, float], str]
"""Why a text must not be handed over after all; empty if it may. Runs inside the transaction that claims it."""


class Alarm(Enum):
    """What the outbox tells the rest of the program. The value is the condition's code."""

    STOPPED = "sending-stopped"
    PROVIDER = "provider-unreachable"
    COUNTRY = "country-refused"


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm begins (`words`), or is over (None)."""

    alarm: Alarm
    words: str | None


def claim(db: sqlite3.Connection, text: TextRow, now: float) -> OutgoingText:
    """Commit a queued text as `sending`: from here on it leaves once, or its fate is unknown."""
    texts.move(db, Move(text.id, TextState.QUEUED, TextState.SENDING, now, sending_at=now))
    return OutgoingText(text.ref, text.number, text.body, int(text.fresh_until - now))


class Outbox:
    """Hands texts over to one provider."""

    def __init__(
        self,
        ledger: Ledger,
        provider: Provider,
        look_again: LookAgain,
        clock: Callable[[], float],
        tell: Callable[[Told], None],
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self._look_again = look_again
        self._clock = clock
        self._tell = tell
        self._group: asyncio.TaskGroup | None = None
        self._under_way: set[int] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._released = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._settled: Callable[[], None] = lambda: None
        self._failures = 0

    def on_settled(self, wake: Callable[[], None]) -> None:
        """Call this when a text's fate was written: there may be something to ask about."""
        self._settled = wake

    @property
    def has_room(self) -> bool:
        """Whether a text committed as `sending` now would leave at once."""
        return self._group is not None and len(self._under_way) < AT_ONCE

    def hand_over(self, text_id: int) -> None:
        """A text has been committed as queued and is due now. Before `run` it is found later."""
        if self._group is not None and text_id not in self._under_way:
            self._begin(text_id, self._deliver(text_id))

    def hand_over_claimed(self, text_id: int, outgoing: OutgoingText) -> None:
        """A text has been committed as `sending` together with its decision: it leaves now."""
        assert self._group is not None
        self._begin(text_id, self._finish(text_id, outgoing))

    def release(self) -> None:
        """What happened while the program was away is known now: texts left over from before may go."""
        self._released.set()

    async def idle(self) -> None:
        """Returns when no text is being handed over."""
        await self._idle.wait()

    async def warm(self) -> None:
        """A text is likely soon: open a connection."""
        await self._provider.warm()

    async def run(self) -> None:
        """Until cancelled. A text being handed over then stays `sending`, and is asked for at the next start."""
        await self._until_kept(self._find_interrupted)
        self._settled()
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self._watch_due()
        finally:
            self._group = None

    def _begin(self, text_id: int, work: Coroutine[None, None, None]) -> None:
        assert self._group is not None
        self._under_way.add(text_id)
        self._idle.clear()
        self._group.create_task(work).add_done_callback(lambda _: self._ended(text_id))

    def _ended(self, text_id: int) -> None:
        self._under_way.discard(text_id)
        if not self._under_way:
            self._idle.set()

    async def _watch_due(self) -> None:
        """Texts that wait for their time, or were left over from before."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HOLD):
                await self._released.wait()
        while True:
            now = self._clock()
            for text_id in await self._ledger.read(texts.due, now):
                self.hand_over(text_id)
            due = await self._ledger.read(texts.next_due, now)
            await asyncio.sleep(LOOK_AGAIN if due is None else min(LOOK_AGAIN, max(0.05, due - self._clock())))

    async def _deliver(self, text_id: int) -> None:
        async with self._places:
            outgoing = await self._claim(text_id)
            if outgoing is not None:
                await self._finish(text_id, outgoing)

    async def _finish(self, text_id: int, outgoing: OutgoingText) -> None:
        fate = await self._send(outgoing)
        await self._until_kept(self._write_fate, text_id, fate)
        self._after(fate)

    async def _send(self, outgoing: OutgoingText) -> Fate:
        try:
            return await self._provider.send(outgoing)
        except Exception as error:
            log.exception("action=send the %s provider raised where it must not", self._provider.name)
            return Unknown(f"a fault of this program while sending: {type(error).__name__}")

    async def _claim(self, text_id: int) -> OutgoingText | None:
        """Commit the text as `sending`, unless something speaks against it. What can't be recorded isn't sent."""
        try:
            return await self._ledger.write(self._claim_now, text_id, self._clock())
        except DiskFull:
            return None  # it stays queued; the ledger's owner tells, and it is looked at again

    def _claim_now(self, db: sqlite3.Connection, text_id: int, now: float) -> OutgoingText | None:
        text = texts.get(db, text_id)
        if text.state not in (TextState.QUEUED, TextState.DEFERRED) or text.due_at > now:
            return None
        if text.fresh_until - now < LEAST_VALID:
            texts.move(db, Move(text_id, text.state, TextState.EXPIRED, now, "it was no longer fresh"))
            return None
        lasting = conditions.current(db, now)
        if conditions.SENDING_STOPPED in lasting or conditions.PAUSED in lasting:
            return None  # it waits until that is over, or it is no longer fresh
        why = self._look_again(db, text, now)
        if why:
            texts.move(db, Move(text_id, text.state, TextState.CANCELLED, now, why))
            return None
        if text.state is TextState.DEFERRED:
            texts.move(db, Move(text_id, text.state, TextState.QUEUED, now, "the quiet hours are over"))
        return claim(db, text, now)

    def _write_fate(self, db: sqlite3.Connection, text_id: int, fate: Fate) -> None:
        now = self._clock()
        told = texts.get(db, text_id).sid
        if told is not None and not isinstance(fate, Accepted):
            fate = Accepted(told)  # the provider has spoken of it already, whatever became of its answer
        match fate:
            case Accepted():
                aftermath.accepted(db, text_id, fate, now, TextState.SENDING, self._provider.asks)
            case Refused():
                aftermath.refused(db, texts.get(db, text_id), fate, now, TextState.SENDING)
            case NotSent():
                wait = fate.retry_after or min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures, 6))
                due_at = min(now + wait, texts.get(db, text_id).fresh_until)  # not later than it can be given up
                texts.move(db, Move(text_id, TextState.SENDING, TextState.QUEUED, now, fate.why, due_at=due_at))
            case Unknown():
                ask_at = now + aftermath.FIRST_ASK if self._provider.asks else None
                texts.move(db, Move(text_id, TextState.SENDING, TextState.UNKNOWN, now, fate.why, ask_at=ask_at))

    def _after(self, fate: Fate) -> None:
        match fate:
            case NotSent():
                self._failures += 1
                self._tell(Told(Alarm.PROVIDER, fate.why))
                return
            case Unknown():
                self._tell(Told(Alarm.PROVIDER, fate.why))
            case Refused() if aftermath.stops_all(fate):
                self._tell(Told(Alarm.STOPPED, aftermath.words(fate)))
            case Refused() if aftermath.is_country(fate):
                self._tell(Told(Alarm.COUNTRY, aftermath.words(fate)))
            case _:
                self._failures = 0
                self._tell(Told(Alarm.PROVIDER, None))
        self._settled()

    def _find_interrupted(self, db: sqlite3.Connection) -> None:
        now = self._clock()
        ask_at = now if self._provider.asks else None
        note = "the program stopped while it was being handed over"
        for text_id in texts.interrupted(db):
            named = texts.get(db, text_id).sid is not None  # the provider's word outran its answer
            after = TextState.ACCEPTED if named else TextState.UNKNOWN
            texts.move(db, Move(text_id, TextState.SENDING, after, now, note, ask_at=ask_at))

    async def _until_kept(self, job: Callable[..., None], *args: object) -> None:
        """Write, and while the disk is full keep it in mind and try again: a fate must not be lost."""
        while True:
            try:
                await self._ledger.write(job, *args)
                return
            except DiskFull:
                await asyncio.sleep(LOOK_AGAIN)
