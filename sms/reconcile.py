"""Asks the provider about texts: whether it knows those of unknown fate, and how the others stand.

A text of unknown fate is asked for 2, 10, 60 and 300 s after it was handed over; one the provider still doesn't know
stays unknown for ever and counts as sent. Others are asked about 5, 30, 120 and 600 s after, then every hour for a day.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from sms import aftermath
from sms.outbox import Alarm, Told
from sms.provider import Fault, Found, OutgoingText, Provider, ProviderTrouble, Refused, Status
from storage.ledger import DiskFull, Ledger
from storage.queries import texts
from storage.records import Move, TextRow
from storage.vocabulary import TextState

log = logging.getLogger(__name__)

UNKNOWN_AT = (2.0, 10.0, 60.0, 300.0)
STATUS_AT = (5.0, 30.0, 120.0, 600.0)
HOURLY, LONGEST = 3600.0, 86400.0
IDLE = 30.0
CLOCKS_DIFFER = 2.0
"""Seconds by which the provider's clock and ours may differ when looking for a text by its time."""


def next_ask(text: TextRow, now: float) -> float | None:
    """When to ask about the text again, by how long it has been away. None: nothing more to expect."""
    since = text.sending_at if text.sending_at is not None else text.created_at
    steps = UNKNOWN_AT if text.state is TextState.UNKNOWN else STATUS_AT
    later = next((since + step for step in steps if since + step > now), None)
    if later is not None or text.state is TextState.UNKNOWN:
        return later
    return now + HOURLY if now - since < LONGEST else None


class Reconciler:
    """Asks in the background, one question at a time."""

    def __init__(
        self, ledger: Ledger, provider: Provider, clock: Callable[[], float], tell: Callable[[Told], None]
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self._clock = clock
        self._tell = tell
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to ask about."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. Nothing to do for a provider that can't be asked."""
        while self._provider.asks:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(await self._ask_all()):
                    await self._woken.wait()

    async def _ask_all(self) -> float:
        """Ask about every text that is due; seconds until the next is. A full disk stops the asking for a while."""
        for text in await self._ledger.read(texts.to_ask, self._clock()):
            try:
                await self._ask(text)
            except DiskFull:
                return IDLE
        due = await self._ledger.read(texts.next_ask)
        return IDLE if due is None else min(IDLE, max(0.1, due - self._clock()))

    async def _ask(self, text: TextRow) -> None:
        try:
            if text.sid is None:
                await self._ask_fate(text)
            else:
                status = await self._provider.status(text.sid)
                await self._ledger.write(self._write_status, text.id, status)
                if status.fault is Fault.ACCOUNT:
                    refusal = Refused(status.fault, status.code or "", "")
                    self._tell(Told(Alarm.STOPPED, aftermath.words(refusal)))
            self._tell(Told(Alarm.PROVIDER, None))
        except ProviderTrouble as trouble:
            log.info("action=ask text=%s can't ask the provider: %s", text.id, trouble)
            self._tell(Told(Alarm.PROVIDER, str(trouble)))
            now = self._clock()
            await self._ledger.write(texts.asked, text.id, max(next_ask(text, now) or 0.0, now + IDLE))

    async def _ask_fate(self, text: TextRow) -> None:
        since = (text.sending_at or text.created_at) - CLOCKS_DIFFER
        known = await self._ledger.read(texts.known_sids, text.number, since - LONGEST)
        outgoing = OutgoingText(text.ref, text.number, text.body, 0)
        found = await self._provider.find(outgoing, since, known)
        await self._ledger.write(self._write_found, text.id, found)

    def _write_found(self, db: sqlite3.Connection, text_id: int, found: Found | None) -> None:
        text, now = texts.get(db, text_id), self._clock()
        if text.state is not TextState.UNKNOWN:
            return
        if found is None or texts.is_known_sid(db, found.sid):
            texts.asked(db, text_id, next_ask(text, now))
            return
        note = "the provider was asked and knows it"
        texts.move(db, Move(text_id, text.state, TextState.ACCEPTED, now, note, sid=found.sid, ask_at=now))

    def _write_status(self, db: sqlite3.Connection, text_id: int, status: Status) -> None:
        text, now = texts.get(db, text_id), self._clock()
        if text.state in (TextState.ACCEPTED, TextState.SENT):
            aftermath.stood(db, text, status, now, next_ask(text, now))
        else:
            texts.asked(db, text_id, None)


def record_status(db: sqlite3.Connection, status: Status, now: float) -> bool:
    """Keep what the provider posted about a text, and move the text up if it says so. False: it was known already.

    It may come before the answer to the request that handed the text over: then it only tells the provider's name of
    the text, so that its fate is known though that answer should be lost.
    """
    fresh = texts.keep_word(db, status.sid, status.ref, status.raw, now)
    text = texts.by_provider(db, status.sid, status.ref)
    if not fresh or text is None:
        return fresh
    if text.state is TextState.SENDING:
        texts.learn_sid(db, text.id, status.sid)
    elif text.state in (TextState.ACCEPTED, TextState.SENT, TextState.UNKNOWN):
        known = replace(text, state=TextState.ACCEPTED)  # also where nobody asks any more whether it is
        aftermath.stood(db, text, status, now, next_ask(known, now))
    return True
