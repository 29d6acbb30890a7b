"""Many recorded calls at once: when each goes on, and what is cut or stopped in the middle."""

import heapq
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from agent.demo.clock import Clock
from agent.demo.plan import PlannedCall
from agent.demo.recording import Milestone
from agent.demo.truth import Call, Truth

Watcher = Callable[[Call, Milestone], None]
CallOf = TypeVar("CallOf", bound=Call)


class Stage(Protocol[CallOf]):
    """One kind of PBX, as far as the engine must know it."""

    def arrive(self, index: int, planned: PlannedCall, speed: float) -> CallOf:
        """A call comes in, under fresh names; `speed` times as fast as recorded. KeyError: no such recording."""

    def play(self, call: CallOf) -> None:
        """Collect what is to be sent and written of the call's next instant."""

    def flush(self) -> None:
        """Hand on what was collected."""

    async def room(self) -> None:
        """Wait until every listener takes more."""

    def over(self, call: CallOf) -> None:
        """The call has ended."""

    def clear(self, calls: Iterable[CallOf]) -> None:
        """A clean stop: say and write how these calls end."""

    def restart(self) -> None:
        """Forget what such a PBX forgets."""


class Engine(Generic[CallOf]):
    """Plays a plan on a stage. Calls go on while nobody listens."""

    def __init__(
        self, plan: Iterable[PlannedCall], stage: Stage[CallOf], clock: Clock, truth: Truth, watch: Watcher | None
    ) -> None:
        self._plan: Iterator[PlannedCall] = iter(plan)
        self._stage = stage
        self._clock = clock
        self._truth = truth
        self._watch = watch
        self._due: list[tuple[float, int, CallOf]] = []
        self._live: dict[int, CallOf] = {}
        self._stamps: list[tuple[CallOf, Milestone | None]] = []
        self._over: list[CallOf] = []
        self.processed = 0
        self.played = 0
        self.most_in_flight = 0
        self.down = False

    @property
    def calls(self) -> Iterable[CallOf]:
        """The calls in flight."""
        return self._live.values()

    async def run(self) -> None:
        """Play until the plan is through and the last call has ended. A bad name in the plan raises KeyError."""
        await self._clock.until(0.0)  # time may stand still until somebody listens
        following = next(self._plan, None)
        while following is not None or self._due:
            now = self._clock.now()
            while following is not None and following.start <= now:
                self._admit(following)
                following = next(self._plan, None)
            while self._due and self._due[0][0] <= now:
                self._play(heapq.heappop(self._due)[2])
            self._flush()
            if math.isinf(self._clock.speed):
                # nothing waits for the clock, so wait for the listeners; otherwise they keep up or are dropped
                await self._stage.room()
            nexts = [following.start] if following is not None else []
            if self._due:
                nexts.append(self._due[0][0])
            if nexts:
                await self._clock.until(min(nexts))

    def _admit(self, planned: PlannedCall) -> None:
        if self.down:
            return
        speed = 1.0 if math.isinf(self._clock.speed) else self._clock.speed
        call = self._stage.arrive(self.played, planned, speed)
        self.played += 1
        self.processed += 1
        self._live[call.index] = call
        self.most_in_flight = max(self.most_in_flight, len(self._live))
        heapq.heappush(self._due, (planned.start, call.index, call))

    def _play(self, call: CallOf) -> None:
        instant = call.score.instants[call.instant]
        self._stage.play(call)
        if instant.decides or call.instant == 0:
            self._stamps.append((call, None))
        self._stamps += [(call, milestone) for milestone in instant.milestones]
        call.events = instant.last
        call.instant += 1
        if call.instant < len(call.score.instants):
            due = call.began + call.score.instants[call.instant].at
            heapq.heappush(self._due, (due, call.index, call))
        else:
            self._over.append(call)

    def _flush(self) -> None:
        now = time.monotonic_ns()
        self._stage.flush()
        for call, milestone in self._stamps:
            self._stamp(call, milestone, now)
        self._stamps.clear()
        for call in self._over:
            self._end(call, now)
        self._over.clear()

    def _stamp(self, call: CallOf, milestone: Milestone | None, now: int) -> None:
        if milestone is not None:
            call.noticed.setdefault(milestone.mark, now)
            if self._watch is not None:
                self._watch(call, milestone)
        elif call.started is None:
            call.started = now
            call.decided = now if call.score.instants[0].decides else None
        else:
            call.decided = now

    def _end(self, call: CallOf, now: int) -> None:
        call.ended = now
        del self._live[call.index]
        self._stage.over(call)
        self._truth.finished(call)

    def abandon(self) -> None:
        """Nobody will see how the calls in flight end: their truth says so with `end_ns` null."""
        for call in self._live.values():
            self._truth.finished(call)

    def stop_calls(self, clean: bool) -> None:
        """The PBX goes down: every call in flight is over. `clean`: it hangs up first."""
        if clean:
            self._stage.clear(self._live.values())
            self._flush()
        now = time.monotonic_ns()
        for call in list(self._live.values()):
            call.stopped = True
            self._end(call, now)
        self._due.clear()

    def start_anew(self) -> None:
        """The PBX is up again."""
        self._stage.restart()
        self.processed = 0
        self.down = False
