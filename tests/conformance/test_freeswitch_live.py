"""Every recorded call of a FreeSWITCH live over its event socket, interleaved, at any speed, cut and reconnected.

Each is decided as when its recording is replayed alone. Where the link is cut after every tenth event, a listing being
served each time it is back, the decisions may differ only for a call whose deciding event lay in a cut.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.freeswitch.recording import load
from agent.demo.freeswitch.stage import FreeswitchCall
from agent.demo.plan import PlannedCall, callers
from agent.demo.recording import Recording
from agent.pbx import link
from agent.pbx.dialects import Where
from agent.pbx.events import LegEvent
from agent.pbx.freeswitch.adapter import FreeswitchAdapter
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.link import Address, Link
from agent.pbx.trouble import Trouble
from storage.vocabulary import Direction
from tests.unit.agent.pbx.freeswitch.socket_end import STREAMS, TRACES, stream

RING_LIMIT, QUEUE_WAIT = 24.0, 60.0
WAITS = 40_000_000
"""Nanoseconds for which an event may wait: it is written when the socket is looked at, every 20 ms."""
WHERE = Where("", "secret", ("public",), (), lambda: "")
Decisions = list[tuple[str, str]]
NOT_BY_NUMBER = (
    "weird_caller", "anonymous_missed", "internal_answered", "internal_missed", "outbound_answered",
    "outbound_no_answer",
)  # fmt: skip
"""Recordings whose calls can't be told apart by a caller's number."""
PLAYED = [name for name in STREAMS if name not in NOT_BY_NUMBER]


@cache
def recordings() -> dict[str, Recording]:
    return {name: load(TRACES / "streams", name) for name in STREAMS}


def decisions(verdicts: list[Verdict]) -> Decisions:
    """How each inbound call was decided, and why."""
    return sorted(
        (told.news.value, told.call.reason.value if told.call.reason else "")
        for told in verdicts
        if told.news in (News.ANSWERED, News.MISSED) and told.call.direction is Direction.INBOUND
    )


@cache
def alone(name: str) -> Decisions:
    """How the calls of a recording are decided when nothing else happens."""
    dialect, tracker, told = Dialect(("public",)), Tracker(lambda _: RingPlan(RING_LIMIT, QUEUE_WAIT)), list[Verdict]()
    for t, event in stream(name):
        for said in dialect.translate(dict(event)):
            told += (*tracker.tick(t), *tracker.take(t, said))
    return decisions(told)


class Listener:
    """What the program does with a link: the tracker hears all, and the time."""

    def __init__(self, speed: float) -> None:
        plan = RingPlan(RING_LIMIT / speed, QUEUE_WAIT / speed)
        self.tracker = Tracker(lambda _: plan)
        self._loop = asyncio.get_running_loop()
        self.told: list[Verdict] = []
        self.away: list[tuple[int, int]] = []
        self._left: int | None = None

    def take(self, events: list[LegEvent]) -> None:
        now = self._loop.time()
        for event in events:
            self.told += (*self.tracker.tick(now), *self.tracker.take(now, event))

    def linked(self, seconds_away: float | None) -> None:
        if self._left is not None:
            self.away.append((self._left, time.monotonic_ns()))
            self._left = None

    def unlinked(self, trouble: Trouble) -> None:
        if self._left is None:
            self._left = time.monotonic_ns()

    def decided(self, caller: str) -> Decisions:
        return decisions([told for told in self.told if told.call.number == caller])

    def missed_the_deciding_event(self, call: FreeswitchCall) -> bool:
        """Whether it was sent while nobody listened, or waited to be written when the link was cut."""
        at = call.decided
        return at is not None and any(left - WAITS <= at <= back for left, back in self.away)


def plan(count: int, over: float, seed: int) -> Iterator[PlannedCall]:
    """Each recording so often, in a random order, beginning within so many seconds."""
    random, numbers = Random(seed), callers(seed)
    names = PLAYED * count
    random.shuffle(names)
    for start, name in sorted((random.uniform(0, over), name) for name in names):
        yield PlannedCall(start, name, caller=next(numbers))


async def listen(speed: float, count: int, over: float, cuts: tuple[int, ...], seed: int = 1) -> tuple[int, int]:
    """Play and listen; how many calls were judged, and how many were decided otherwise, each within a cut."""
    calls: dict[str, FreeswitchCall] = {}

    def watch(call: object, milestone: object) -> None:
        assert isinstance(call, FreeswitchCall) and call.planned.caller is not None
        calls.setdefault(call.planned.caller, call)

    planned = list(plan(count, over, seed))
    listener = Listener(speed)
    player = FreeswitchPlayer(planned, speed=speed, recordings=recordings(), cuts=cuts, watch=watch)
    async with player:
        to = Address(player.host, player.port)
        one = Link(to, FreeswitchAdapter(WHERE).open_session, listener.take, listener, Random(seed))
        listening = asyncio.create_task(one.run())
        await player.finished()
        await _everything_is_heard(listener, one)
        listening.cancel()
    otherwise = [call for caller, call in calls.items() if listener.decided(caller) != alone(call.planned.trace)]
    for call in otherwise:
        told = listener.decided(str(call.planned.caller)), alone(call.planned.trace)
        assert listener.missed_the_deciding_event(call), (call.planned.trace, *told)
    return len(calls), len(otherwise)


async def _everything_is_heard(listener: Listener, one: Link) -> None:
    """The player's last events have come: a listing asked for now is answered, and shows nobody."""
    while listener.tracker.in_flight:
        one.list_anew()
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was cut off comes back at once."""
    monkeypatch.setattr(link, "FIRST_WAIT", 0.0)


async def test_fifty_times_as_fast_and_interleaved() -> None:
    judged, otherwise = await listen(50.0, 3, 100.0, ())
    assert (judged, otherwise) == (3 * len(PLAYED), 0)


async def test_fifty_times_as_fast_and_cut_after_every_tenth_event() -> None:
    judged, _ = await listen(50.0, 1, 200.0, (10,) * 10_000)
    assert judged == len(PLAYED)


@pytest.mark.deep
async def test_at_true_speed_and_interleaved() -> None:
    judged, otherwise = await listen(1.0, 3, 20.0, ())
    assert (judged, otherwise) == (3 * len(PLAYED), 0)


@pytest.mark.deep
async def test_at_true_speed_and_cut_after_every_tenth_event() -> None:
    judged, otherwise = await listen(1.0, 1, 30.0, (10,) * 10_000)
    assert judged == len(PLAYED)
    assert otherwise <= judged // 10
