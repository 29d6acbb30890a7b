"""The ways in for what callers and staff write back, by webhook and by polling, and who is woken by it."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterable

from agent.config.settings import Settings
from agent.conversations.follow_up import queue_due
from agent.conversations.reception import receive
from agent.escalator import Escalator
from agent.health import Health
from agent.office import Office
from agent.web.intake import Heard, Intake, Kept
from agent.web.server import Parts, WebServer
from agent.web.take import TakeLink
from agent.web.webhook import Webhook
from sms.inbound import Inbox, Pace, Received, tell_of
from sms.outbox import Alarm, Outbox, Told
from sms.provider import Fault, Inbound, Provider
from sms.reconcile import record_status
from storage.ledger import DiskFull, Ledger

FOLLOW_UP_EVERY = 60.0
"""Seconds between two looks for callers to follow up."""

Work = tuple[str, Coroutine[None, None, None]]


class Replies:
    """Both ways in end in one transaction each; a text met by both is one, by the provider's id of it."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        provider: Provider,
        outbox: Outbox,
        office: Callable[[], Office],
        health: Health,
        told: Callable[[Told], None],
        pace: Pace,
    ) -> None:
        self._web = settings.web
        self._ledger = ledger
        self._provider = provider
        self._outbox = outbox
        self._office = office
        self._health = health
        self._told = told
        self._main = asyncio.get_running_loop()
        self._inbox = Inbox(ledger, provider, time.time, told, self._receive, self._after, pace)
        self.escalator = Escalator(ledger, office, self.hand_over, health, time.time)

    def works(self) -> tuple[Work, ...]:
        """What runs as long as the service does."""
        works: list[Work] = [("inbox", self._inbox.run()), ("escalator", self.escalator.run())]
        if self._web.public_url is not None:
            server = WebServer(self._web.listen, self._web.public_url, self._make_site, self._listening)
            works.append(("web", server.run()))
        works.append(("follow-up", self._follow_up()))
        return tuple(works)

    async def _follow_up(self) -> None:
        while True:
            with contextlib.suppress(DiskFull):
                self.hand_over(await self._ledger.write(self._queue_follow_ups))
            await asyncio.sleep(FOLLOW_UP_EVERY)

    def _queue_follow_ups(self, db: sqlite3.Connection) -> tuple[int, ...]:
        return queue_due(db, self._office(), time.time())

    def hand_over(self, queued: Iterable[int]) -> None:
        """Texts that were queued and are due now."""
        for text_id in queued:
            self._outbox.hand_over(text_id)

    def _make_site(self) -> Parts:
        intake = Intake(self._ledger, self._keep, time.time, self._kept)
        take = TakeLink(self._ledger, self._office, time.time, self._taken)
        return Webhook(self._provider, intake, time.time), take, intake

    def _receive(self, db: sqlite3.Connection, reply: Inbound, now: float) -> Received | None:
        return receive(db, self._office(), self._provider.answers, reply, now)

    def _keep(self, db: sqlite3.Connection, heard: Heard, now: float) -> Kept:
        if isinstance(heard, Inbound):
            received = self._receive(db, heard, now)
            return Kept(received is not None, received)
        return Kept(record_status(db, heard, now))

    def _kept(self, heard: Heard, kept: Kept) -> None:
        """A post was committed. Runs on the web server's loop."""
        if isinstance(heard, Inbound) and kept.received is not None:
            tell_of(heard, kept.received)
            self._main.call_soon_threadsafe(self._after, kept.received)
        elif not isinstance(heard, Inbound) and heard.fault is Fault.ACCOUNT:
            words = f"{heard.fault.value} (code {heard.code})"
            self._main.call_soon_threadsafe(self._told, Told(Alarm.STOPPED, words))

    def _taken(self, queued: tuple[int, ...]) -> None:
        """Somebody took an urgent caller by the link. Runs on the web server's loop."""
        self._main.call_soon_threadsafe(self.hand_over, queued)
        self._main.call_soon_threadsafe(self.escalator.wake)

    def _after(self, received: Received) -> None:
        self.hand_over(received.texts)
        if received.texts:
            self.escalator.wake()

    def _listening(self, trouble: str) -> None:
        if trouble:
            self._health.begin("web-unavailable", trouble)
        else:
            self._health.end("web-unavailable")
