"""A busy PBX, a provider on a bad day, and the agent between them, which alone runs in a process of its own."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.demo.freeswitch.outbox import Limits
from agent.demo.plan import PlannedCall, callers
from agent.demo.player import MIXES, FreeswitchPlayer, Player
from tests.doubles.twilio import OUR_NUMBER, Sender, TwilioDouble
from tests.doubles.twilio.troubles import mix_named
from tests.faults.agent import ASTERISK, SECRET, Agent, Kind
from tests.faults.disk import Disk
from tests.faults.wire import Wire

BAD_DAY = (
    "late=0.15,very_late=0.02,drops_before=0.06,drops_during=0.06,drops_after=0.06,error_500=0.04,error_502=0.04,"
    "slow_down=0.06"
)
"""The provider's troubles, as shares of all requests to send."""

IMPATIENT = Limits(queue=1000, lost=50)
"""A FreeSWITCH keeps 100,000 events for one who doesn't read before it kills him; this one shows it sooner."""


class Callers:
    """Calls at a steady rate, each from another number, until there are enough. `rate`: a second of play."""

    def __init__(self, rate: float, seed: int, mix: Mapping[str, int]) -> None:
        self.enough = False
        self.called = 0
        self._rang = asyncio.Event()
        self._rate, self._seed, self._mix = rate, seed, mix

    def __iter__(self) -> Iterator[PlannedCall]:
        draw = random.Random(self._seed)
        names = sorted(self._mix)
        weights = [self._mix[name] for name in names]
        for place, number in enumerate(callers(self._seed)):
            if self.enough:
                return
            self.called = place
            self._rang.set()
            yield PlannedCall(place / self._rate, draw.choices(names, weights)[0], caller=number)

    async def more(self, calls: int) -> None:
        """Wait until so many further ones have called."""
        wanted = self.called + calls
        while self.called < wanted:
            self._rang.clear()
            await self._rang.wait()


@dataclass(frozen=True, slots=True)
class World:
    """All there is in one test; the two files are what it is judged by."""

    pbx: Player | FreeswitchPlayer
    twilio: TwilioDouble
    agent: Agent
    callers: Callers
    wire: Wire
    truth: Path
    handsets: Path

    async def quiet(self) -> None:
        """Nobody calls any more, and the last call has ended."""
        self.callers.enough = True
        await self.pbx.finished()


@contextlib.asynccontextmanager
async def world(
    folder: Path,
    *,
    kind: Kind = ASTERISK,
    rate: float = 8.0,
    speed: float = 2.0,
    faults: str = BAD_DAY,
    seed: int = 1,
    mix: Mapping[str, int] | None = None,
    limits: str = "",
    soon: float = 1.0,
    disk: Disk | None = None,
) -> AsyncIterator[World]:
    """`rate`: calls a second. A PBX of this kind plays from the agent's first login on.

    `disk`: where the ledger is kept. `soon`: seconds of ringing after which callers of SOON_ANSWERED are texted.
    """
    truth, handsets = folder / "truth.jsonl", folder / "handsets.jsonl"
    who = Callers(rate / speed, seed, mix or MIXES[kind.name])
    player: Player | FreeswitchPlayer
    if kind is ASTERISK:
        player = Player(who, secret=SECRET, speed=speed, truth=truth, cel=folder / kind.records)
    else:
        player = FreeswitchPlayer(who, secret=SECRET, speed=speed, truth=truth, cdr=folder, limits=IMPATIENT)
    sender = Sender(OUR_NUMBER, rate=1000.0)
    async with (
        TwilioDouble(senders=(sender,), mix=mix_named(faults, seed), ledger=handsets) as twilio,
        player as pbx,
        Wire(pbx.port) as wire,
    ):
        agent = Agent(folder, wire.port, twilio.base_url, speed=speed, kind=kind, soon=soon, limits=limits, disk=disk)
        try:
            yield World(pbx, twilio, agent, who, wire, truth, handsets)
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await agent.kill()
