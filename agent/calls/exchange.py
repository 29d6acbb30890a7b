"""The calls in flight: how legs and calls come, belong together, talk, are missed, and go.

The one place where they are kept. What each event means for them stands in happenings.py and relisting.py.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable

from agent.calls.joins import Joins
from agent.calls.legs import TrackedCall, TrackedLeg
from agent.calls.reasons import reason_of
from agent.calls.states import CallState, may
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.pbx.events import (
    LegArrived,
    LegCreated,
    LegRole,
)
from storage.vocabulary import Direction, Reason

REMEMBERED = 10.0
"""Seconds a finished call's name is kept, so that a late event can't bring it back to life."""


class Exchange:
    """All legs and calls in flight, who is in which room, and what is to be told. `now` is the tracker's clock, s."""

    def __init__(self, plan: Callable[[str], RingPlan]) -> None:
        self.plan = plan
        self.calls: dict[str, TrackedCall] = {}
        self.legs: dict[str, TrackedLeg] = {}
        self.strays: dict[str, list[TrackedLeg]] = {}
        self.joins = Joins()
        self.due: list[tuple[float, str]] = []
        self.over: dict[str, frozenset[str]] = {}
        self.over_at: deque[tuple[float, str]] = deque()
        self.suspects: dict[str, None] = {}
        self.moved: set[str] | None = None
        self.news: list[Verdict] = []
        self.now = 0.0

    def create(self, event: LegCreated) -> None:
        leg = self.legs.get(event.leg)
        if leg is not None:
            self._introduce(leg, event)
            return
        if event.leg in self.over.get(event.call, ()):
            return
        leg = TrackedLeg(event.leg, event.role, event)
        self.legs[event.leg] = leg
        self.joins.pair(leg)
        call = self.calls.get(event.call)
        if call is not None:
            self._attach(leg, call)
        elif event.arriving and event.leg == event.call:
            self._start(leg, event)
        else:
            self.strays.setdefault(event.call, []).append(leg)

    def _introduce(self, leg: TrackedLeg, event: LegCreated) -> None:
        """A leg first met through another event now says who it is; a repetition changes nothing."""
        if leg.created is not None or leg.ended:
            return
        leg.created, leg.phone, leg.trunk, leg.pair = event, event.phone, event.trunk, event.pair
        leg.role = event.role
        self.joins.pair(leg)
        if leg.call is not None:
            self._attach(leg, leg.call)

    def arrive(self, event: LegArrived) -> None:
        leg = self.legs.get(event.leg)
        if leg is None or leg.call is not None or leg.created is None or event.leg != event.call:
            return
        if leg.role is LegRole.PARTY and event.call not in self.calls:
            self._adopted(event.call, leg)
            self._start(leg, leg.created)

    def _adopted(self, call: str, leg: TrackedLeg) -> None:
        strays = self.strays.get(call, [])
        if leg in strays:
            strays.remove(leg)
        if not strays:
            self.strays.pop(call, None)

    def _start(self, leg: TrackedLeg, created: LegCreated) -> None:
        call = TrackedCall(leg, created, self.now)
        self.calls[created.call] = call
        leg.call = call
        call.legs[leg.id] = leg
        for stray in self.strays.pop(created.call, ()):
            self._attach(stray, call)
        self.tell(News.STARTED, call)
        if call.direction is Direction.INBOUND and self.plan(created.dialled).forwarded:
            self.miss(call, reason_of(call, forwarded=True))

    def _attach(self, leg: TrackedLeg, call: TrackedCall) -> None:
        leg.call = call
        call.legs[leg.id] = leg
        if leg.role is not LegRole.PARTY or leg is call.caller:
            return
        call.tried_phone, call.dialling = True, False
        if leg.trunk and call.direction is Direction.INTERNAL:
            call.direction = Direction.OUTBOUND

    def find(self, leg_id: str, call_id: str, role: LegRole | None) -> TrackedLeg | None:
        """The living leg; one of a known call, met here first, is made if its role is known."""
        leg = self.legs.get(leg_id)
        if leg is not None:
            if self.suspects:
                self.suspects.pop(leg_id, None)
            return None if leg.ended else leg
        call = self.calls.get(call_id)
        if call is None or role is None:
            return None
        leg = TrackedLeg(leg_id, role)
        self.legs[leg_id] = leg
        self._attach(leg, call)
        return leg

    def end(self, leg: TrackedLeg) -> None:
        leg.ended, leg.ringing = True, False
        self.joins.end(leg)
        call = leg.call
        if call is None:
            if leg.created is not None:
                self._adopted(leg.created.call, leg)
                if leg.created.call in self.over:
                    self.over[leg.created.call] |= {leg.id}
            self.drop(leg)
            return
        if leg is call.caller:
            self.caller_gone(call)
            self._over_now(call)
        if all(other.ended for other in call.legs.values()):
            self._forget(call)

    def caller_gone(self, call: TrackedCall) -> None:
        if call.ended_at is None:
            call.ended_at = self.now
        if call.state is CallState.OPEN and call.direction is Direction.INBOUND:
            self.settle_doubt(call)
            self.miss(call, reason_of(call))

    def settle_doubt(self, call: TrackedCall) -> None:
        """Nobody answered in the gap after all: a limit that ran out since then counts from when it did."""
        call.in_doubt, call.doubt_since = False, None
        if call.ran_out is not None:
            (due, limit), call.ran_out = call.ran_out, None
            now, self.now = self.now, due
            self.miss(call, reason_of(call, limit=limit))
            self.now = now

    def _over_now(self, call: TrackedCall) -> None:
        if call.state is not CallState.OVER:
            self.tell(News.ENDED, call)
            call.state = CallState.OVER

    def _forget(self, call: TrackedCall) -> None:
        if self.calls.pop(call.id, None) is not None:
            self.over[call.id] = frozenset(call.legs)
            self.over_at.append((self.now, call.id))
        for leg in call.legs.values():
            self.drop(leg)
            leg.call = None  # else they hold each other until the collector comes: half of a burst's memory

    def drop(self, leg: TrackedLeg) -> None:
        self.joins.forget(leg)
        self.legs.pop(leg.id, None)

    def __len__(self) -> int:
        """How many legs, calls, rooms and pairs are remembered."""
        return len(self.legs) + len(self.calls) + len(self.joins.rooms) + len(self.joins.pairs)

    def forget_old(self) -> None:
        while self.over_at and self.over_at[0][0] < self.now - REMEMBERED:
            self.over.pop(self.over_at.popleft()[1], None)

    def start_limit(self, call: TrackedCall, since: float) -> None:
        call.limit_started_at = since
        if call.state is CallState.OPEN and call.direction is Direction.INBOUND:
            call.limit_due = since + self.plan(call.dialled).ring_limit
            heapq.heappush(self.due, (call.limit_due, call.id))

    def talk(self, people: Iterable[TrackedLeg]) -> None:
        """These legs hear each other: every caller among them who has a phone leg with him is answered."""
        people = list(people)
        if len(people) < 2:
            return
        for leg in people:
            call = leg.call
            if call is None or leg is not call.caller:
                continue
            phone = next((other for other in people if other is not leg and self._is_phone(other, call)), None)
            if phone is not None:
                self._human(call, phone)

    def _is_phone(self, leg: TrackedLeg, call: TrackedCall) -> bool:
        """A person's end, as seen from this call: anyone but another inbound call's caller."""
        if leg.call is None or leg is not leg.call.caller:
            return True
        return leg.call.direction is not Direction.INBOUND or call.direction is not Direction.INBOUND

    def _human(self, call: TrackedCall, phone: TrackedLeg) -> None:
        call.talking, call.rang_since_talk = True, False
        if phone.joined_at is None:
            phone.joined_at = self.now
        after = CallState.ANSWERED if call.state is CallState.OPEN else CallState.ANSWERED_LATE
        if not may(call.state, after):
            return
        call.state = after
        call.answered_at, call.answered_by = self.now, phone.phone
        if after is CallState.ANSWERED:
            call.known_at = self.now
        self.tell(News.ANSWERED if after is CallState.ANSWERED else News.ANSWERED_LATE, call)

    def miss(self, call: TrackedCall, reason: Reason) -> None:
        if not may(call.state, CallState.MISSED):
            return
        call.state = CallState.MISSED
        call.reason, call.known_at = reason, self.now
        self.tell(News.MISSED, call)

    def tell(self, news: News, call: TrackedCall) -> None:
        self.news.append(Verdict(news, call.snapshot(whole=news is News.ENDED)))
