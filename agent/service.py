"""Wiring and lifecycle only: who is made from what, in which order things start and stop, what a signal does.

Every long task is a child of one TaskGroup. What can fail in the outside world (PBX, provider, disk) is supervised in
its own task and never reaches the top; only a fault of this program does, and then systemd starts it anew.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

from agent.account import account_of
from agent.catchup import Catchup
from agent.commands import JOBS, Answer
from agent.config.mistakes import ConfigError
from agent.config.settings import Settings
from agent.control import listening, socket_path
from agent.health import Health
from agent.memory import Memory
from agent.notify import Notifier, watchdog_interval
from agent.office import Office
from agent.pbx.dialects import ADAPTERS, Where
from agent.pbx.link import Address, Link
from agent.pbx.trouble import Cause, Trouble
from agent.replies import Replies
from agent.switchboard import Switchboard
from agent.textback import look_again
from sms.body import TemplateError
from sms.inbound import USUAL, Pace
from sms.outbox import Outbox, Told
from sms.provider import Provider
from sms.providers import Account, open_provider
from sms.reconcile import Reconciler
from storage.ledger import Ledger
from storage.lock import Lock
from storage.queries import calls, conditions
from storage.records import Condition

log = logging.getLogger(__name__)

IN_FLIGHT_GETS = 10.0
"""Seconds that a text being handed over may still take when the program stops."""
READY_AFTER = 3.0
"""Seconds after which the service is ready though the PBX isn't: it never depends on the PBX being up."""
WATCHDOG_LATE = 5.0
FEED_EVERY = 2.0
TIDY_EVERY = 3.0
REGAIN_EVERY = 20  # turns

Load = Callable[[], Settings]
"""Reads the configuration again; raises with a sentence for people."""


class Service:
    """The whole agent. `provider` opens the configured account, `pace` is how often replies are fetched from it."""

    def __init__(
        self,
        settings: Settings,
        reload: Load | None = None,
        provider: Callable[[Account], Provider] = open_provider,
        pace: Pace = USUAL,
    ) -> None:
        self._settings = settings
        self._reload = reload
        self._open_provider = provider
        self._pace = pace
        self._notifier = Notifier(os.environ.get("NOTIFY_SOCKET"))
        self._health = Health(time.time, self._notifier.status)
        self._memory = Memory()
        self._stop = asyncio.Event()
        self._first_word = asyncio.Event()
        self._linked = False

    async def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises LedgerTrouble if the ledger can't be opened."""
        path = self._settings.storage.path
        with Lock(path):
            ledger = await Ledger.open(path)
            try:
                await self._with_ledger(ledger, path)
            finally:
                await ledger.close()

    def stop(self) -> None:
        """End in order."""
        self._stop.set()

    async def _with_ledger(self, ledger: Ledger, path: Path) -> None:
        provider = self._open_provider(account_of(self._settings))
        office = Office.of(self._settings)
        outbox = Outbox(
            ledger, provider, lambda db, text, now: look_again(db, board.office, text, now), time.time, self._told
        )
        board = Switchboard(office, ledger, outbox, self._health)
        reconciler = Reconciler(ledger, provider, time.time, self._told)
        outbox.on_settled(reconciler.wake)
        replies = Replies(
            self._settings, ledger, provider, outbox, lambda: board.office, self._health, self._told, self._pace
        )
        catchup = Catchup(self._settings.pbx, ledger, board, self._health, outbox.release)
        board.remember(await ledger.read(calls.in_flight))
        link = self._link(board, catchup, await ledger.read(calls.trunk_ends))
        board.overrun = lambda: link.drop(Trouble(Cause.OVERRUN, "News comes faster than the disk takes it.", ""))
        board.stood_still = link.list_anew
        self._watch_signals(board)
        self._tell_stored(await ledger.read(conditions.current, time.time()))

        async def command(asked: Answer) -> Answer:
            return await self._command(asked, ledger, board, replies)

        try:
            async with listening(socket_path(path), command), asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(work, name=name)
                    for name, work in (
                        ("switchboard", board.run()),
                        ("outbox", outbox.run()),
                        ("reconcile", reconciler.run()),
                        *replies.works(),
                        ("catchup", catchup.run()),
                        ("link", link.run()),
                        ("watchdog", self._feed_watchdog(board)),
                        ("house", self._keep_house(ledger, board)),
                        ("ready", self._say_ready()),
                    )
                ]
                await self._stop.wait()
                self._notifier.stopping()
                await self._wind_down(tasks, board, outbox)
        finally:
            await provider.close()

    def _link(self, board: Switchboard, catchup: Catchup, known_trunks: frozenset[str]) -> Link:
        pbx = self._settings.pbx
        adapter = ADAPTERS[pbx.kind.value](
            Where(
                user=pbx.user,
                secret=pbx.secret.get_secret_value() if pbx.secret else "",
                inbound_contexts=pbx.inbound_contexts,
                trunk_channels=pbx.trunk_channels,
                nonce=lambda: secrets.token_hex(8),
                known_trunks=known_trunks,
                ask_attestation=self._settings.policy.attestation is not None,
            )
        )
        catchup.adapter = adapter
        return Link(Address(pbx.host, pbx.port), adapter.open_session, board.take, _Watcher(self, catchup), Random())

    def linked(self, seconds_away: float | None) -> None:
        """The PBX is being listened to."""
        self._linked = True
        self._health.end_all("pbx-")
        away = "" if seconds_away is None else f" after {seconds_away:.1f} s away"
        log.info("action=linked the PBX is being listened to%s", away)
        self._notifier.status(self._health.sentence())
        self._first_word.set()

    def unlinked(self, trouble: Trouble) -> None:
        """The PBX isn't being listened to."""
        self._linked = False
        self._health.end_all("pbx-")
        self._health.begin(trouble.cause.value, trouble.sentence)
        self._first_word.set()

    async def _say_ready(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_AFTER):
                await self._first_word.wait()
        self._memory.settle()
        self._notifier.ready()
        self._notifier.status(self._health.sentence())
        log.info("action=ready")

    async def _feed_watchdog(self, board: Switchboard) -> None:
        """Tell systemd that the live loop turns; it does nothing else while it doesn't."""
        interval = watchdog_interval(os.environ) or FEED_EVERY
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() - board.turned_at < WATCHDOG_LATE:
                self._notifier.watchdog()
            await asyncio.sleep(interval)

    async def _keep_house(self, ledger: Ledger, board: Switchboard) -> None:
        """What the ledger needs from time to time, when nobody waits for it."""
        for turn in count():
            await asyncio.sleep(TIDY_EVERY)
            await ledger.tidy()
            board.tidy()
            if turn % REGAIN_EVERY == 0:
                await ledger.regain_space()
                if not board.in_flight:
                    await ledger.shrink()
                    self._memory.give_back()

    async def _wind_down(self, tasks: list[asyncio.Task[None]], board: Switchboard, outbox: Outbox) -> None:
        """Stop listening, write what is known, let a text being handed over finish, then end the rest."""
        by_name = {task.get_name(): task for task in tasks}
        by_name["link"].cancel()
        await asyncio.wait({by_name["link"]})
        by_name["switchboard"].cancel()
        await asyncio.wait({by_name["switchboard"]})
        await board.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IN_FLIGHT_GETS):
                await outbox.idle()
        for task in tasks:
            task.cancel()

    def _watch_signals(self, board: Switchboard) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload_now, board)

    def _reload_now(self, board: Switchboard) -> None:
        """Read the configuration again. A bad one is refused with its message, and the old one stays in force."""
        if self._reload is None:
            return
        self._notifier.reloading()
        try:
            settings = self._reload()
            board.office = Office.of(settings)
        except (ConfigError, TemplateError) as error:
            log.error("action=reload refused, the old configuration stays in force: %s", error)
        else:
            kept = (
                "" if _same_at_start(self._settings, settings) else " ([pbx], [sms], [storage], [web] need a restart)"
            )
            log.info("action=reload the new configuration is in force%s", kept)
        self._notifier.ready()

    async def _command(self, asked: Answer, ledger: Ledger, board: Switchboard, replies: Replies) -> Answer:
        name = str(asked.get("do"))
        if name == "status":
            return self._status(board)
        job = JOBS.get(name)
        if job is None:
            return {"error": f'this agent doesn\'t know the command "{name}"; is it of an older version?'}
        answer = await ledger.write(job, board.office, asked, time.time())
        queued = answer.pop("queued", ())
        assert isinstance(queued, tuple)
        replies.hand_over(queued)
        replies.escalator.wake()
        if name == "resume":
            self._health.end("sending-stopped")
        return answer

    def _status(self, board: Switchboard) -> Answer:
        conditions_now = [
            {"code": code, "since": found.since, "detail": found.detail} for code, found in self._health.current.items()
        ]
        return {"linked": self._linked, "in_flight": len(board.in_flight), "conditions": conditions_now}

    def _told(self, told: Told) -> None:
        if told.words is None:
            self._health.end(told.alarm.value)
        else:
            self._health.begin(told.alarm.value, told.words)

    def _tell_stored(self, stored: dict[str, Condition]) -> None:
        if conditions.SENDING_STOPPED in stored:
            self._health.begin("sending-stopped", stored[conditions.SENDING_STOPPED].detail)
        if conditions.PAUSED in stored:
            log.warning("action=start texting is paused: %s", stored[conditions.PAUSED].detail)


class _Watcher:
    """Passes the link's word on to the service and to the catching up."""

    def __init__(self, service: Service, catchup: Catchup) -> None:
        self._service = service
        self._catchup = catchup

    def linked(self, seconds_away: float | None) -> None:
        self._service.linked(seconds_away)
        self._catchup.linked()

    def unlinked(self, trouble: Trouble) -> None:
        self._service.unlinked(trouble)
        self._catchup.unlinked()


def _same_at_start(before: Settings, after: Settings) -> bool:
    kept = (before.pbx, before.sms, before.storage, before.web)
    return kept == (after.pbx, after.sms, after.storage, after.web)
