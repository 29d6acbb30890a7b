"""What callers write back, fetched from the provider by polling.

A reply is kept whatever it says. An opt-out, by keyword or in the caller's own words, and an opt-in take effect in the
very transaction that records it; where it is doubtful, automatic texts wait until a person looked. The same reply met
twice is one: its provider's id is unique.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from sms import aftermath
from sms.keywords import Keyword, bare_keyword
from sms.outbox import Alarm, Told
from sms.own_words.reading import OptOut, opts_out
from sms.provider import Inbound, Provider, ProviderTrouble
from storage.ledger import DiskFull, Ledger
from storage.queries import callers, conditions, texts
from storage.records import NewReply
from storage.vocabulary import Intent, OptOutSource, ReplyMeaning

log = logging.getLogger(__name__)

WHILE_FRESH, OTHERWISE = 8.0, 60.0
"""Seconds between two looks while a text is less than an hour old, and else."""
FRESH = 3600.0
OVERLAP = 86400.0
"""Providers list by the day: the last day is always looked at again, known replies are passed over."""
MARK = "replies"

IntentOf = Callable[[str], Intent]
"""What a reply is mainly about, for people; it never decides about opting out."""


def record_reply(
    db: sqlite3.Connection, reply: Inbound, now: float, intent_of: IntentOf | None = None
) -> ReplyMeaning | None:
    """Keep one reply and do what it asks about further texts. None: it was known already."""
    keyword, wish = bare_keyword(reply.body), opts_out(reply.body)
    meaning = ReplyMeaning.OPT_OUT if wish is OptOut.YES else ReplyMeaning.OTHER
    if keyword is Keyword.OPT_IN:
        meaning = ReplyMeaning.OPT_IN
    intent = intent_of(reply.body) if intent_of is not None else None
    new = NewReply(reply.sid, reply.sender, reply.to, reply.body, reply.media, meaning, intent, reply.at, reply.raw)
    reply_id = callers.add_reply(db, new, now)
    if reply_id is None:
        return None
    match meaning:
        case ReplyMeaning.OPT_OUT:
            source = OptOutSource.KEYWORD if keyword is Keyword.OPT_OUT else OptOutSource.OWN_WORDS
            aftermath.opted_out(db, reply.sender, source, reply.body, now, reply_id, at=reply.at)
        case ReplyMeaning.OPT_IN:
            in_force = callers.opt_out_in_force(db, reply.sender)
            if in_force is not None and in_force.at <= reply.at:  # the later word counts, whichever came first
                callers.lift_opt_out(db, reply.sender, OptOutSource.KEYWORD, reply.body, now)
            callers.settle_doubt(db, reply.sender, f"opted in: {reply.body}", now)
        case ReplyMeaning.OTHER if wish is OptOut.DOUBTFUL:
            callers.doubt(db, reply.sender, reply.body, reply.at, reply_id)
        case ReplyMeaning.OTHER:
            pass
    return meaning


class Inbox:
    """Fetches replies in the background."""

    def __init__(
        self,
        ledger: Ledger,
        provider: Provider,
        clock: Callable[[], float],
        tell: Callable[[Told], None],
        intent_of: IntentOf | None = None,
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self._clock = clock
        self._tell = tell
        self._intent_of = intent_of

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
            meaning = record_reply(db, reply, now, self._intent_of)
            if meaning is not None:
                new.append((reply.sender, meaning))
        conditions.mark(db, MARK, now)
        return new
