"""Many recorded calls at once: when each sends what, to whom, and what is cut or stopped in the middle."""

import heapq
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from agent.demo.ami import View
from agent.demo.board import BRIDGE_RUN, RUN, Leg
from agent.demo.clock import Clock
from agent.demo.plan import PlannedCall
from agent.demo.recording import Headers, Milestone, Recording
from agent.demo.replant import Identity, Names
from agent.demo.score import Score
from agent.demo.session import Session
from agent.demo.truth import Call, Records

Watcher = Callable[[Call, Milestone], None]


class Engine:
    """Plays a plan to the sessions that listen. Calls go on while nobody does."""

    def __init__(
        self,
        plan: Iterable[PlannedCall],
        recordings: Mapping[str, Recording],
        clock: Clock,
        records: Records,
        watch: Watcher | None,
    ) -> None:
        self._plan: Iterator[PlannedCall] = iter(plan)
        self._recordings = recordings
        self._clock = clock
        self._records = records
        self._watch = watch
        self._scores: dict[str, Score] = {}
        self._due: list[tuple[float, int, Call]] = []
        self._live: dict[int, Call] = {}
        self._by_channel: dict[str, Call] = {}
        self._out: dict[View, list[bytes]] = {}
        self._stamps: list[tuple[Call, Milestone | None]] = []
        self._over: list[Call] = []
        self.names = Names()
        self.sessions: set[Session] = set()
        self.processed = 0
        self.played = 0
        self.most_in_flight = 0
        self.events_sent = 0
        self.down = False

    @property
    def calls(self) -> Iterable[Call]:
        """The calls in flight."""
        return self._live.values()

    def call_of(self, channel: str) -> Call | None:
        """The call a channel belongs to."""
        return self._by_channel.get(channel.partition(";")[0])

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
            await self._room_to_write()
            nexts = [following.start] if following is not None else []
            if self._due:
                nexts.append(self._due[0][0])
            if nexts:
                await self._clock.until(min(nexts))

    def _admit(self, planned: PlannedCall) -> None:
        if self.down:
            return
        score = self._scores.get(planned.trace)
        if score is None:
            score = self._scores[planned.trace] = Score(self._recordings[planned.trace])
        speed = 1.0 if math.isinf(self._clock.speed) else self._clock.speed
        who = Identity(planned.caller, planned.name, planned.did)
        values = score.plant.values(who, self.names, time.time(), speed)
        call = Call(self.played, planned, score, values, planned.start, speed, clock=time.monotonic())
        self.played += 1
        self.processed += 1
        self._live[call.index] = call
        self.most_in_flight = max(self.most_in_flight, len(self._live))
        self._by_channel.update(dict.fromkeys(call.channels(), call))
        heapq.heappush(self._due, (planned.start, call.index, call))

    def _play(self, call: Call) -> None:
        instant = call.score.instants[call.instant]
        cutting = any(session.events_left is not None for session in self.sessions)
        for session in self.sessions:
            self._out.setdefault(session.view, [])
        for view, out in self._out.items():
            part = call.score.seen_by(view)[call.instant]
            if part is None:
                continue
            self.events_sent += len(part.each)
            if cutting:
                out.extend(template.fill(call.values) for template in part.each)
            else:
                out.append(part.whole.fill(call.values))
        self._records.cel_rows(call)
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
        for session in list(self.sessions):
            out = self._out.get(session.view)
            if out:
                session.deliver(out)
        self._out.clear()
        self._records.flush()
        for call, milestone in self._stamps:
            self._stamp(call, milestone, now)
        self._stamps.clear()
        for call in self._over:
            self._end(call, now)
        self._over.clear()

    def _stamp(self, call: Call, milestone: Milestone | None, now: int) -> None:
        if milestone is not None:
            call.noticed.setdefault(milestone.mark, now)
            if self._watch is not None:
                self._watch(call, milestone)
        elif call.started is None:
            call.started = now
            call.decided = now if call.score.instants[0].decides else None
        else:
            call.decided = now

    def _end(self, call: Call, now: int) -> None:
        call.ended = now
        del self._live[call.index]
        for channel in call.channels():
            self._by_channel.pop(channel, None)
        self._records.finished(call)

    async def _room_to_write(self) -> None:
        """Where nothing waits for the clock, wait for the listeners; otherwise they keep up or are dropped."""
        if math.isinf(self._clock.speed):
            for session in list(self.sessions):
                await session.writable.wait()

    def abandon(self) -> None:
        """Nobody will see how the calls in flight end: their truth says so with `end_ns` null."""
        for call in self._live.values():
            self._records.finished(call)

    def stop_calls(self, farewell: bool) -> None:
        """The PBX goes down: every call in flight is over. `farewell`: it hangs up first, as a clean stop does."""
        if farewell:
            for wording in (_cleared, _left, _hung_up):
                self._say_of_every_leg(wording)
            self._flush()
        now = time.monotonic_ns()
        for call in list(self._live.values()):
            call.stopped = True
            self._end(call, now)
        self._due.clear()
        self.names.restart()

    def _say_of_every_leg(self, wording: Callable[[Call, Leg], Headers | None]) -> None:
        for call in self._live.values():
            for leg in call.scene().board.legs.values():
                headers = wording(call, leg)
                if headers is not None:
                    plant = call.score.plant
                    text = plant.event_text(headers)
                    self.broadcast(text, plant.template(text).fill(call.values))

    def broadcast(self, text: str, data: bytes) -> None:
        """Send one event beside the calls to all whom it concerns, at the next flush."""
        for view in {session.view for session in self.sessions}:
            if view.shows(text):
                self._out.setdefault(view, []).append(data)

    def say(self, text: str) -> None:
        """Send one event of the PBX itself, now."""
        self.broadcast(text, text.encode())
        self._flush()


def _event(name: str, leg: Leg, before: Headers = (), after: Headers = ()) -> Headers:
    run = tuple((key, leg.run[key]) for key in RUN)
    return (("Event", name), ("Privilege", "call,all"), *before, ("Channel", leg.channel), *run, *after)


def _cleared(call: Call, leg: Leg) -> Headers:
    return _event("SoftHangupRequest", leg, after=(("Cause", "4"),))


def _left(call: Call, leg: Leg) -> Headers | None:
    bridge = call.scene().board.bridges.get(leg.bridge)
    if bridge is None:
        return None
    return _event("BridgeLeave", leg, before=tuple((key, bridge[key]) for key in BRIDGE_RUN))


def _hung_up(call: Call, leg: Leg) -> Headers:
    cause, text = ("16", "Normal Clearing") if leg.run["ChannelState"] == "6" else ("0", "Unknown")
    return _event("Hangup", leg, after=(("Cause", cause), ("Cause-txt", text)))
