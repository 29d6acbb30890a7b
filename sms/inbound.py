"""What callers write back, fetched from the provider by polling.

A reply is kept whatever it says. One that is a bare opt-out or opt-in keyword takes effect in the very transaction
that records it. The same reply met twice is one: its provider's id is unique.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from sms import aftermath
from sms.keywords import Keyword, bare_keyword
from sms.outbox import Alarm, Told
from sms.provider import Inbound, Provider, ProviderTrouble
from storage.ledger import DiskFull, Ledger
from storage.queries import callers, conditions, texts
from storage.records import NewReply
from storage.vocabulary import OptOutSource, ReplyMeaning

log = logging.getLogger(__name__)

WHILE_FRESH, OTHERWISE = 8.0, 60.0
"""Seconds between two looks while a text is less than an hour old, and else."""
FRESH = 3600.0
OVERLAP = 86400.0
"""Providers list by the day: the last day is always looked at again, known replies are passed over."""
MARK = "replies"

_MEANING = {Keyword.OPT_OUT: ReplyMeaning.OPT_OUT, Keyword.OPT_IN: ReplyMeaning.OPT_IN}


def record_reply(db: sqlite3.Connection, reply: Inbound, now: float) -> ReplyMeaning | None:
    """Keep one reply and do what its keyword asks. None: it was known already."""
    keyword = bare_keyword(reply.body)
    meaning = _MEANING.get(keyword, ReplyMeaning.OTHER) if keyword is not None else ReplyMeaning.OTHER
    new = NewReply(reply.sid, reply.sender, reply.to, reply.body, reply.media, meaning, reply.at, reply.raw)
    reply_id = callers.add_reply(db, new, now)
    if reply_id is None:
        return None
    match meaning:
        case ReplyMeaning.OPT_OUT:
            aftermath.opted_out(db, reply.sender, OptOutSource.KEYWORD, reply.body, now, reply_id, at=reply.at)
        case ReplyMeaning.OPT_IN:
            in_force = callers.opt_out_in_force(db, reply.sender)
            if in_force is not None and in_force.at <= reply.at:  # the later word counts, whichever came first
                callers.lift_opt_out(db, reply.sender, OptOutSource.KEYWORD, reply.body, now)
        case ReplyMeaning.OTHER:
            pass
    return meaning


class Inbox:
    """Fetches replies in the background."""

    def __init__(
        self, ledger: Ledger, provider: Provider, clock: Callable[[], float], tell: Callable[[Told], None]
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self._clock = clock
        self._tell = tell

    async def run(self) -> None:
        """Until cancelled. Nothing to do for a provider that can't be asked."""
        while self._provider.asks:
            try:
                await self._fetch()
                self._tell(Told(Alarm.PROVIDER, None))
            except ProviderTrouble as trouble:
                log.info("action=fetch can't fetch replies: %s", trouble)
                self._tell(Told(Alarm.PROVIDER, str(trouble)))
            except DiskFull:
                log.info("action=fetch replies stay at the provider while the disk is full")
            latest = await self._ledger.read(texts.latest)
            fresh = latest is not None and self._clock() - latest < FRESH
            await asyncio.sleep(WHILE_FRESH if fresh else OTHERWISE)

    async def _fetch(self) -> None:
        now = self._clock()
        followed = await self._ledger.read(conditions.marked, MARK)
        replies = await self._provider.received((now if followed is None else followed) - OVERLAP)
        for number, meaning in await self._ledger.write(self._record, replies, now):
            log.info("action=reply from=…%s meaning=%s", number[-4:], meaning.value)

    def _record(self, db: sqlite3.Connection, replies: list[Inbound], now: float) -> list[tuple[str, ReplyMeaning]]:
        new = []
        for reply in replies:
            meaning = record_reply(db, reply, now)
            if meaning is not None:
                new.append((reply.sender, meaning))
        conditions.mark(db, MARK, now)
        return new
