"""All that a reply sets going around one in-memory ledger and the Twilio double, in virtual time.

async with front_desk() as desk:
    desk.writes(ANNA, "URGENT")
    await desk.expect_text(TIM, "URGENT from")
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

from agent.conversations.reception import receive
from agent.escalator import Escalator
from agent.health import Health
from agent.office import Office
from agent.textback import look_again
from sms.inbound import Inbox, Received
from sms.outbox import Outbox, Told
from sms.provider import Inbound
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.queries import ladders
from storage.records import Ladder
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble
from tests.story import office
from tests.virtual_time import LoopClock, ThreadlessLedger, clock

ANNA = "+12025550143"
BERT = "+12025550144"
TIM, MARIA, OLGA = "+13125550171", "+13125550172", "+13125550173"
STAFF: tuple[dict[str, object], ...] = (
    {"name": "Tim", "number": TIM},
    {"name": "Maria", "number": MARIA},
    {"name": "Olga", "number": OLGA},
)


@dataclass
class FrontDesk:
    """The half of the program that listens to callers."""

    twilio: TwilioDouble
    ledger: ThreadlessLedger
    provider: TwilioProvider
    office: Office
    health: Health = field(default_factory=lambda: Health(clock))
    told: list[Told] = field(default_factory=list)
    notices: list[tuple[list[str], str]] = field(default_factory=list)
    notices_fail: str = ""
    _group: asyncio.TaskGroup | None = None
    _running: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def db(self) -> sqlite3.Connection:
        return self.ledger.db

    def start(self) -> None:
        """As the service does, also after a restart."""
        assert self._group is not None
        self.outbox = Outbox(
            self.ledger,
            self.provider,
            lambda db, text, now: look_again(db, self.office, text, now),
            clock,
            self.told.append,
        )
        self.outbox.release()
        self.escalator = Escalator(self.ledger, lambda: self.office, self._hand_over, self.health, clock, self._notify)
        inbox = Inbox(self.ledger, self.provider, clock, self.told.append, self._receive, self._after)
        works = (self.outbox.run(), self.escalator.run(), inbox.run())
        self._running += [self._group.create_task(work) for work in works]

    async def stop(self) -> None:
        """In the middle of whatever it is, as a killed program does."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    def writes(self, number: str, body: str) -> None:
        """That person texts the office."""
        self.twilio.reply(number, body)

    def got(self, number: str) -> list[str]:
        """What reached that handset of ours, in order; the provider's own answers aren't among it."""
        return [text.body for text in self.twilio.handset(number) if not text.by_provider]

    async def expect_text(self, number: str, words: str, count: int = 1) -> str:
        """Wait until that handset got so many texts with these words; the last of them."""
        async with asyncio.timeout(3600):
            while sum(words in body for body in self.got(number)) < count:  # noqa: ASYNC110 - the seconds are virtual
                await asyncio.sleep(2)
        return [body for body in self.got(number) if words in body][-1]

    def ladder(self, number: str = ANNA) -> Ladder:
        """The number's newest ladder."""
        found = ladders.last_of(self.db, number)
        assert found is not None
        return found

    async def _notify(self, addresses: list[str], title: str, body: str) -> str:
        self.notices.append((addresses, body))
        return self.notices_fail

    def _receive(self, db: sqlite3.Connection, reply: Inbound, now: float) -> Received | None:
        return receive(db, self.office, self.provider.answers, reply, now)

    def _after(self, received: Received) -> None:
        self._hand_over(received.texts)
        self.escalator.wake()

    def _hand_over(self, queued: Iterable[int]) -> None:
        for text_id in queued:
            self.outbox.hand_over(text_id)


@contextlib.asynccontextmanager
async def front_desk(
    staff: tuple[dict[str, object], ...] = STAFF, **sections: Mapping[str, object]
) -> AsyncIterator[FrontDesk]:
    """A desk at work, with its own double; all of it ends with the block."""
    async with TwilioDouble(LoopClock()) as twilio:
        account = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url)
        at = office(staff=staff, **sections)
        desk = FrontDesk(twilio, ThreadlessLedger(), TwilioProvider(account, now=clock), at)
        try:
            async with asyncio.TaskGroup() as group:
                desk._group = group
                desk.start()
                await asyncio.sleep(1)  # the outbox has looked for texts left over
                yield desk
                await desk.stop()
        finally:
            await desk.provider.close()
