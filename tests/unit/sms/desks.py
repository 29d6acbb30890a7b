"""Outbox, reconciliation and inbox around one in-memory ledger and the Twilio double, in virtual time."""

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from sms.inbound import Inbox
from sms.outbox import Outbox, Told
from sms.provider import Provider
from sms.reconcile import Reconciler
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.queries import texts
from storage.records import NewText, TextRow
from storage.vocabulary import TextKind, TextState
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble
from tests.virtual_time import LoopClock, ThreadlessLedger, clock

ANNA = "+12025550143"
BERT = "+12025550144"
SORRY = "Sorry we missed your call. Reply STOP to opt out."
FRESH = 900.0


@dataclass
class TextDesk:
    """The sending half of the program, as one object."""

    twilio: TwilioDouble
    ledger: ThreadlessLedger
    provider: Provider
    told: list[Told] = field(default_factory=list)
    speaks_against: Callable[[TextRow], str] = lambda text: ""
    _group: asyncio.TaskGroup | None = None
    _running: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outbox = Outbox(
            self.ledger, self.provider, lambda db, text, now: self.speaks_against(text), clock, self.told.append
        )
        self.reconciler = Reconciler(self.ledger, self.provider, clock, self.told.append)
        self.inbox = Inbox(self.ledger, self.provider, clock, self.told.append)
        self.outbox.on_settled(self.reconciler.wake)
        self.outbox.release()

    @property
    def db(self) -> sqlite3.Connection:
        return self.ledger.db

    def queue(
        self,
        number: str = ANNA,
        *,
        due: float = 0.0,
        fresh: float = FRESH,
        body: str = SORRY,
        state: TextState = TextState.QUEUED,
    ) -> int:
        """A text waits; due and fresh in seconds from now."""
        now = clock()
        new = NewText(
            ref=uuid.uuid4().hex,
            call_id=None,
            kind=TextKind.TEST,
            number=number,
            body=body,
            segments=1,
            state=state,
            due_at=now + due,
            fresh_until=now + fresh,
        )
        return texts.add(self.db, new, now)

    def start(self, *parts: str) -> None:
        """Set the parts going: "outbox", "reconciler", "inbox"."""
        assert self._group is not None
        self._running += [self._group.create_task(getattr(self, part).run()) for part in parts]

    async def stop(self) -> None:
        """Stop in the middle of whatever it is, as a killed program does."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    def state(self, text_id: int) -> str:
        return texts.get(self.db, text_id).state.value

    def moves(self, text_id: int) -> list[tuple[str | None, str]]:
        """Every move of a text, notes left out."""
        return [(row["before"], row["after"]) for row in texts.moves(self.db, text_id)]

    async def reaches(self, text_id: int, *states: str) -> str:
        """Wait until the text is in one of these states."""
        async with asyncio.timeout(90_000):
            while self.state(text_id) not in states:  # noqa: ASYNC110 - the seconds are virtual
                await asyncio.sleep(0.5)
        return self.state(text_id)


@contextlib.asynccontextmanager
async def text_desk(
    provider: Provider | None = None, ledger: ThreadlessLedger | None = None
) -> AsyncIterator[TextDesk]:
    """A desk with its own double; all of it ends with the block."""
    async with TwilioDouble(LoopClock()) as twilio:
        account = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url)
        sender = provider or TwilioProvider(account, now=clock)
        desk = TextDesk(twilio, ThreadlessLedger(), sender)
        try:
            async with asyncio.TaskGroup() as group:
                desk._group = group
                yield desk
                await desk.stop()
        finally:
            await sender.close()
