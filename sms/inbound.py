"""What callers write back: kept, obeyed, and fetched from the provider by polling.

A reply is kept whatever it says. An opt-out, by keyword or in the caller's own words, and an opt-in take effect in the
very transaction that records it; where it is doubtful, automatic texts wait until a person looked. The same reply met
twice is one: its provider's id is unique. One that was posted without its time opts out at once, but in only when
polling has told the time: a late START must not undo the STOP that was written after it.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

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

FRESH = 3600.0
"""Seconds after a text during which an answer may come any moment."""
OVERLAP = 86400.0
"""Providers list by the day: the last day is always looked at again, known replies are passed over."""
MARK = "replies"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks at the provider's list: while a text is fresh, and else."""

    while_fresh: float
    otherwise: float


USUAL = Pace(8.0, 60.0)


@dataclass(frozen=True, slots=True)
class Received:
    """What a reply was: its row, what it did to opt-outs and whether that is new, and what it is mainly about.

    `texts`: those queued in the same transaction, due now.
    """

    reply_id: int
    meaning: ReplyMeaning
    intent: Intent | None = None
    fresh: bool = False
    texts: tuple[int, ...] = ()


Record = Callable[[sqlite3.Connection, Inbound, float], Received | None]
"""Keeps one reply and does what it asks, in one transaction. None: it was known already."""


def record_reply(db: sqlite3.Connection, reply: Inbound, now: float, intent: Intent | None = None) -> Received | None:
    """Keep one reply and do what it asks about further texts. None: it was known already."""
    keyword, wish = bare_keyword(reply.body), opts_out(reply.body)
    meaning = ReplyMeaning.OPT_OUT if wish is OptOut.YES else ReplyMeaning.OTHER
    if keyword is Keyword.OPT_IN:
        meaning = ReplyMeaning.OPT_IN
    new = NewReply(reply.sid, reply.sender, reply.to, reply.body, reply.media, meaning, intent, reply.at, reply.raw)
    reply_id = callers.add_reply(db, new, now)
    if reply_id is None:
        if reply.timed and callers.learn_time(db, reply.sid, reply.at) and keyword is Keyword.OPT_IN:
            _lift(db, reply, now)
        return None
    fresh = False
    match meaning:
        case ReplyMeaning.OPT_OUT:
            source = OptOutSource.KEYWORD if keyword is Keyword.OPT_OUT else OptOutSource.OWN_WORDS
            fresh = aftermath.opted_out(db, reply.sender, source, reply.body, now, reply_id, at=reply.at)
        case ReplyMeaning.OPT_IN:
            if reply.timed:  # else it may have been written before the opt-out: polling will tell
                fresh = _lift(db, reply, now)
            callers.settle_doubt(db, reply.sender, f"opted in: {reply.body}", now)
        case ReplyMeaning.OTHER if wish is OptOut.DOUBTFUL:
            callers.doubt(db, reply.sender, reply.body, reply.at, reply_id)
        case ReplyMeaning.OTHER:
            pass
    return Received(reply_id, meaning, intent, fresh)


def _lift(db: sqlite3.Connection, reply: Inbound, now: float) -> bool:
    """The opt-out in force is lifted, unless it or another was written later: the later word counts."""
    if callers.opted_out_since(db, reply.sender, reply.at):
        return False
    return callers.lift_opt_out(db, reply.sender, OptOutSource.KEYWORD, reply.body, now)


class Inbox:
    """Fetches replies in the background."""

    def __init__(
        self,
        ledger: Ledger,
        provider: Provider,
        clock: Callable[[], float],
        tell: Callable[[Told], None],
        record: Record = record_reply,
        heard: Callable[[Received], None] = lambda _: None,
        pace: Pace = USUAL,
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self._clock = clock
        self._tell = tell
        self._record_one = record
        self._heard = heard
        self._pace = pace

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
            await asyncio.sleep(self._pace.while_fresh if fresh else self._pace.otherwise)

    async def _fetch(self) -> None:
        asked = self._clock()
        followed = await self._ledger.read(conditions.marked, MARK)
        replies = await self._provider.received((asked if followed is None else followed) - OVERLAP)
        for reply, received in await self._ledger.write(self._record, replies, asked):
            tell_of(reply, received)
            self._heard(received)

    def _record(self, db: sqlite3.Connection, replies: list[Inbound], asked: float) -> list[tuple[Inbound, Received]]:
        now = self._clock()  # later than `asked`: a provider may take its time
        recorded = [(reply, self._record_one(db, reply, now)) for reply in replies]
        conditions.mark(db, MARK, asked)
        return [(reply, received) for reply, received in recorded if received is not None]


def tell_of(reply: Inbound, received: Received) -> None:
    """One line for the journal; what was said stands in the ledger alone."""
    about = f" intent={received.intent.value}" if received.intent is not None else ""
    log.info("action=reply from=…%s meaning=%s%s", reply.sender[-4:], received.meaning.value, about)
