"""The half of the program that texts and listens, in virtual time on a ledger of its own, killed and started anew.

All of it is the service's: the outbox, the reconciler, polling, the web server, the ladders, follow-ups. Only the PBX
is left out: a miss comes as a verdict, and one from a time at which the program was down is told at its next start, as
the PBX's records tell it.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import aiohttp
import pytest

import agent.replies
from agent.calls.verdicts import Call, News
from agent.commands import JOBS
from agent.config.settings import Settings
from agent.health import Health
from agent.office import Office
from agent.policy.facts import Presentation
from agent.replies import Replies
from agent.textback import Case, look_again, write_down
from agent.web.server import WebServer, hook_url
from sms.inbound import Pace
from sms.outbox import Outbox, Told
from sms.reconcile import Reconciler
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.vocabulary import Direction, Reason
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN
from tests.faults.townsfolk import Links
from tests.virtual_time import ThreadlessLedger, clock

MAIN = "+13125550198"
NAMES = {"+13125550171": "Tim", "+13125550172": "Maria", "+13125550173": "Olga"}
COOLDOWN = 600.0
NEXT_TOKEN = "the-next-auth-token"
RANG = 24.0


class SameLoopServer(WebServer):
    """The web server on the loop that runs it: virtual time has one thread."""

    async def run(self) -> None:
        """Until cancelled."""
        await self._serve(self._listening)


@contextlib.contextmanager
def virtual_replies() -> Iterator[None]:
    """The wiring of the service, by the virtual clock and in one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent.replies, "time", SimpleNamespace(time=clock))
        patch.setattr(agent.replies, "WebServer", SameLoopServer)
        yield


def free_port() -> int:
    """A port on which nobody listens: the provider must find the office where it was before a restart."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def settings_at(port: int) -> Settings:
    """The office's configuration."""
    return Settings.model_validate(
        {
            "business": {"name": "Acme Plumbing", "country": "US", "timezone": "America/Chicago"},
            "line": (
                {
                    "number": "*",
                    "name": "Main",
                    "message": "Sorry we missed your call. This is {business}. {if_urgent} Reply STOP to opt out.",
                },
            ),
            "staff": tuple({"name": name, "number": number} for number, name in NAMES.items()),
            "limits": {"cooldown": f"{COOLDOWN:.0f}s", "per_hour": 100_000, "per_day": 100_000},
            "follow_up": {
                "after": "30m",
                "message": "{business} again: shall we still call you back? Reply STOP to opt out.",
            },
            "web": {"public_url": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"},
        }
    )


class NightOffice(Links):
    """`restarts`: how often it was killed and started. `faults`: what ended it by itself, which nothing may."""

    def __init__(self, base_url: str, polls: Pace) -> None:
        self.settings = settings_at(free_port())
        self.office = Office.of(self.settings)
        self.ledger = ThreadlessLedger()
        self.health = Health(clock)
        self.restarts = 0
        self.faults: list[BaseException] = []
        self.token = TOKEN
        self.missed_calls: list[tuple[str, float]] = []
        self._base_url, self._polls = base_url, polls
        self._up = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    @property
    def hook_url(self) -> str:
        assert self.settings.web.public_url is not None
        return hook_url(self.settings.web.public_url)

    def start(self) -> None:
        """As the service does, also after a restart."""
        account = TwilioAccount(
            ACCOUNT, ACCOUNT, self.token, OUR_NUMBER, base_url=self._base_url, hook_url=self.hook_url,
            hook_secrets=(TOKEN, NEXT_TOKEN),
        )  # fmt: skip
        self._provider = TwilioProvider(account, now=clock)
        self.outbox = Outbox(
            self.ledger,
            self._provider,
            lambda db, text, now: look_again(db, self.office, text, now),
            clock,
            self._told,
        )
        self._life = asyncio.create_task(self._live())
        self.outbox.release()
        self._up.set()

    async def kill(self) -> None:
        """In the middle of whatever it is."""
        assert self._life is not None
        self._up.clear()
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        await self._provider.close()
        self.health.current.clear()

    async def restart(self, down: float) -> None:
        """Killed, and after some seconds started anew."""
        self.restarts += 1
        await self.kill()
        await asyncio.sleep(down)
        self.start()

    async def resume(self) -> None:
        """An admin says that sending may go on."""
        await self.ledger.write(JOBS["resume"], self.office, {}, clock())
        self.health.end("sending-stopped")

    async def miss(self, number: str) -> None:
        """A call that nobody took, told now or when the program is back."""
        now = clock()
        self.missed_calls.append((number, now))
        call = Call(
            f"storm-{len(self.missed_calls)}", Direction.INBOUND, number, "", MAIN, "trunk", False, now - RANG,
            first_ringing_at=now - RANG, ended_at=now, known_at=now, reason=Reason.NO_ANSWER,
        )  # fmt: skip
        await self._up.wait()
        outbox, case = self.outbox, Case(News.MISSED, call, Presentation.SHOWN, clock())
        outcome = await self.ledger.write(write_down, self.office, case, may_claim=outbox.has_room)
        if outcome.text_id is None or not self._up.is_set():
            return  # nothing to send, or killed right after the commit
        if outcome.claimed is not None:
            outbox.hand_over_claimed(outcome.text_id, outcome.claimed)
        else:
            outbox.hand_over(outcome.text_id)

    async def press(self, token: str) -> bool:
        """Somebody of the staff takes an urgent caller by the link."""
        where = f"{self.settings.web.public_url}/take/{token}"
        try:
            async with aiohttp.ClientSession() as session, session.post(where) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _live(self) -> None:
        reconciler = Reconciler(self.ledger, self._provider, clock, self._told)
        self.outbox.on_settled(reconciler.wake)
        replies = Replies(
            self.settings, self.ledger, self._provider, self.outbox, lambda: self.office, self.health, self._told,
            self._polls,
        )  # fmt: skip
        try:
            async with asyncio.TaskGroup() as group:
                for work in (self.outbox.run(), reconciler.run(), *(work for _, work in replies.works())):
                    group.create_task(work)
        except BaseExceptionGroup as fault:
            self.faults.append(fault)

    def _told(self, told: Told) -> None:
        if told.words is None:
            self.health.end(told.alarm.value)
        else:
            self.health.begin(told.alarm.value, told.words)
