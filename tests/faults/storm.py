"""A storm: calls are missed, callers write, staff answer, the provider has its worst days and we are killed, for hours.

It runs in virtual time from one seed. What a handset got and what was said is the double's record alone.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest

from agent.demo.plan import callers
from sms.inbound import Pace
from tests import virtual_time
from tests.doubles.twilio import OUR_NUMBER, Sender, TwilioDouble
from tests.doubles.twilio.carrier import Message
from tests.doubles.twilio.clock import Later
from tests.doubles.twilio.hook_troubles import USUAL_MIX, HookMix
from tests.doubles.twilio.posting import Forgery
from tests.doubles.twilio.troubles import USUAL_MIX as SENDING_MIX
from tests.doubles.twilio.troubles import Mix
from tests.faults.night_office import NAMES, NEXT_TOKEN, NightOffice, virtual_replies
from tests.faults.townsfolk import Townsfolk, machines
from tests.virtual_time import LoopClock, clock

CALLS_AGAIN = 0.4
"""Share of calls by somebody who called before."""
POLLS = Pace(60.0, 1800.0)
"""Seconds between two looks for replies, instead of 8 and 60: each reads all of two days, and storms are long."""
LIST_LAG = 20.0
DOWN, LONG_DOWN = 20.0, 1200.0
"""Most seconds until we are started again, and when nobody was there to do it."""
AWAY = 240.0
"""Most seconds for which the provider can't be reached."""
BAD_ANSWERS = {**SENDING_MIX, "very_late": 0.03}
"""Troubles of sending. Who is answered very late has given up: the text was taken, and nobody was told."""
BAD_QUESTIONS = {
    **{"late": 0.03, "very_late": 0.003, "drops_before": 0.003, "drops_during": 0.003},
    **{"error_500": 0.003, "error_502": 0.003, "slow_down": 0.003},
}
"""Troubles of asking for replies and how texts stand: a reading of fifty pages is for nothing if one of them fails."""
SETTLES = 3600.0
LAST_WORDS = 26 * 3600.0
"""Seconds until the last call of a webhook has come and the last question was asked."""
ON_WRONG_TOKEN = 30.0

FATES = {30003: 0.02, 30005: 0.01, 30006: 0.01, 30007: 0.01, 0: 0.02}
"""Shares of numbers whose carrier gives up on every text, and (0) of those that never tell of its arrival."""


class Town(TwilioDouble):
    """The double, and who must know of texts that are on their way."""

    folk: Townsfolk | None = None
    took: asyncio.Event

    def on_taken(self, message: Message) -> None:
        super().on_taken(message)
        self.took.set()
        if self.folk is not None:
            self.folk.reached(message)


@dataclass
class Storm:
    """One storm, over or not. `wrong_token`: when ours was no longer the provider's. `outages`: of the provider."""

    seed: int
    calls: int
    twilio: Town
    ours: NightOffice
    folk: Townsfolk
    draw: random.Random
    gap: float
    wrong_token: tuple[float, float] = (0.0, 0.0)
    outages: int = 0
    replayed: int = 0
    alarm: bool = False
    """Whether at the end somebody unheard was told of."""

    async def blow(self, restarts: int) -> None:
        """All of it, until everything has come to rest. `restarts`: at any instant, and as many amidst a send."""
        span = self.calls * self.gap
        self.ours.start()
        later = Later(LoopClock())
        for _ in range(restarts):
            later.after(self.draw.uniform(0.02, 1.1) * span, partial(self._restart, DOWN))
            later.after(self.draw.uniform(0.02, 1.0) * span, self._restart_in_a_send)
        for _ in range(self.calls // 3000):
            later.after(self.draw.uniform(0.1, 0.9) * span, partial(self._restart, LONG_DOWN))
        for _ in range(1 + self.calls // 3000):
            later.after(self.draw.uniform(0.1, 0.9) * span, self._lose_provider)
        later.after(span / 2, self._rotate)
        for _ in range(max(3, self.calls // 30)):
            later.after(self.draw.uniform(0.1, 1.2) * span, self._forge)
            later.after(self.draw.uniform(0.1, 1.2) * span, self._replay)
        await self._calls()
        await asyncio.sleep(0.2 * span + SETTLES)
        await self.folk.close()
        await asyncio.sleep(LAST_WORDS)
        await later.stop()
        self.alarm = "urgent-unheard" in self.ours.health.current
        await self.ours.kill()

    async def _calls(self) -> None:
        known: list[str] = []
        fresh = (number for number in callers(self.seed) if number not in (*NAMES, OUR_NUMBER))
        async with asyncio.TaskGroup() as group:
            for _ in range(self.calls):
                await asyncio.sleep(self.draw.expovariate(1 / self.gap))
                if known and self.draw.random() < CALLS_AGAIN:
                    number = self.draw.choice(known)
                else:
                    number = next(fresh)
                    known.append(number)
                    self._settle(number)
                group.create_task(self.ours.miss(number))

    def _settle(self, number: str) -> None:
        """What is peculiar to a new caller's handset."""
        said = machines(number, self.seed)
        if said is not None:
            self.twilio.handsets.answers[number] = said
        point = self.draw.random()
        for code, share in FATES.items():
            point -= share
            if point < 0:
                self.twilio.carrier.fates[number] = code
                return
        if self.draw.random() < 0.01:
            self.twilio.carrier.not_mobile.add(number)

    async def _restart(self, most: float) -> None:
        async with self._busy:
            await self.ours.restart(self.draw.uniform(0, most))

    async def _restart_in_a_send(self) -> None:
        """Killed the moment the provider has taken a text, before its answer is read."""
        async with self._busy:
            self.twilio.took.clear()
            await self.twilio.took.wait()
            await self.ours.restart(self.draw.uniform(0, DOWN))

    async def _lose_provider(self) -> None:
        async with self._provider_busy:
            self.outages += 1
            await self.twilio.down()
            await asyncio.sleep(self.draw.uniform(10, AWAY))
            await self.twilio.up()

    async def _rotate(self) -> None:
        """The provider's token is changed before ours is: an admin mends it a little later."""
        async with self._busy:
            self.twilio.rotate_token(NEXT_TOKEN)
            began = clock()
            await asyncio.sleep(ON_WRONG_TOKEN)
            self.ours.token = NEXT_TOKEN
            await self.ours.restart(1.0)
            await self.ours.resume()
            self.wrong_token = (began, clock())

    async def _forge(self) -> None:
        number = self.draw.choice(self.ours.missed_calls)[0]
        body = self.draw.choice(("STOP", "START", "URGENT", "hello"))
        await self.twilio.hooks.forge_text(number, body, self.draw.choice(list(Forgery)))

    async def _replay(self) -> None:
        posted = self.twilio.hooks.poster.posted
        if posted:
            self.replayed += len(await self.twilio.hooks.replay(self.draw.choice(posted).sid))

    def __post_init__(self) -> None:
        self._busy, self._provider_busy = asyncio.Lock(), asyncio.Lock()


@contextlib.asynccontextmanager
async def storm(seed: int, calls: int, gap: float) -> AsyncIterator[Storm]:
    """A storm that has not begun. `gap`: seconds between two missed calls, on average."""
    sender = Sender(OUR_NUMBER, rate=1000.0)
    mix, hook_mix = Mix(seed, BAD_ANSWERS), HookMix(seed, {**USUAL_MIX, "garnished": 0.03})
    with virtual_replies(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(virtual_time, "MOST_JUMPS", 100_000_000)
        patch.setattr(virtual_time, "PATIENCE", 0.0)
        async with Town(LoopClock(), senders=(sender,), mix=mix, hook_mix=hook_mix) as twilio:
            twilio.took = asyncio.Event()
            twilio.list_lag, twilio.get_mix = LIST_LAG, Mix(seed + 1, BAD_QUESTIONS)
            ours = NightOffice(twilio.base_url, POLLS)
            twilio.hooks.inbound_url = ours.hook_url
            folk = Townsfolk(twilio, tuple(NAMES), seed, links=ours)
            twilio.folk = folk
            yield Storm(seed, calls, twilio, ours, folk, random.Random(seed), gap)
