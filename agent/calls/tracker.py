"""Legs in, verdicts out. Pure: no clock, no I/O; the same events at the same times give the same verdicts.

`take` an event with its time, `tick` when `next_due` has come. A call gets one verdict, MISSED or ANSWERED, as soon as
it is safe (reasons.py, states.py); ANSWERED_LATE may follow a MISSED. Events may come twice, late, or for legs nobody
knows: they then say nothing, and never about another call.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable

from agent.calls.joins import Joins
from agent.calls.legs import BY_CAUSE, Attempt, TrackedCall, TrackedLeg
from agent.calls.reasons import reason_of
from agent.calls.states import CallState, Limit, may
from agent.calls.verdicts import Call, News, RingPlan, Verdict
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    Gap,
    LegAnswered,
    LegArrived,
    LegAttested,
    LegCleared,
    LegCreated,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegListed,
    LegRinging,
    LegRole,
    LegWithheld,
    Listed,
    ListingBegins,
    QueueJoined,
    QueueLeft,
    Restarted,
)
from storage.vocabulary import Direction, Reason

REMEMBERED = 60.0
"""Seconds a finished call's name is kept, so that a late event can't bring it back to life."""


class Tracker:
    """Every call in flight. `plan` gives the ring plan of the line a call came in on, by the number as received."""

    def __init__(self, plan: Callable[[str], RingPlan]) -> None:
        self._plan = plan
        self._calls: dict[str, TrackedCall] = {}
        self._legs: dict[str, TrackedLeg] = {}
        self._strays: dict[str, list[TrackedLeg]] = {}
        self._joins = Joins()
        self._due: list[tuple[float, str]] = []
        self._over: dict[str, frozenset[str]] = {}
        self._over_at: deque[tuple[float, str]] = deque()
        self._suspects: dict[str, None] = {}
        self._moved: set[str] | None = None
        self._news: list[Verdict] = []
        self._now = 0.0

    @property
    def next_due(self) -> float | None:
        """When `tick` should be called next; None while no limit runs."""
        while self._due:
            due, name = self._due[0]
            call = self._calls.get(name)
            if call is not None and call.state is CallState.OPEN and due in (call.limit_due, call.queue_due):
                return due
            heapq.heappop(self._due)
        return None

    @property
    def in_flight(self) -> tuple[Call, ...]:
        """Every call that isn't over."""
        return tuple(call.snapshot() for call in self._calls.values())

    def __len__(self) -> int:
        """How many legs and calls are remembered: zero when all is quiet."""
        return len(self._legs) + len(self._calls) + len(self._joins.rooms) + len(self._joins.pairs)

    def take(self, now: float, event: LegEvent) -> list[Verdict]:
        """What this event makes known, at time `now` (s)."""
        self._now = now
        if self._over_at and self._over_at[0][0] < now - REMEMBERED:
            self._forget_old()
        _TAKE[type(event)](self, event)
        if not self._news:
            return []
        news, self._news = self._news, []
        return news

    def tick(self, now: float) -> list[Verdict]:
        """The limits that have passed by `now`. Each is known at its due time, however late this is called."""
        while (due := self.next_due) is not None and due <= now:
            _, name = heapq.heappop(self._due)
            self._now = due
            call = self._calls[name]
            limit = Limit.QUEUE if due == call.queue_due else Limit.RINGS
            if call.in_doubt:
                call.ran_out = call.ran_out or (due, limit)
            else:
                self._miss(call, reason_of(call, limit=limit))
        news, self._news = self._news, []
        return news

    # — legs come and go —

    def _created(self, event: LegCreated) -> None:
        leg = self._legs.get(event.leg)
        if leg is not None:
            self._introduce(leg, event)
            return
        if event.leg in self._over.get(event.call, ()):
            return
        leg = TrackedLeg(event.leg, event.role, event)
        self._legs[event.leg] = leg
        self._joins.pair(leg)
        call = self._calls.get(event.call)
        if call is not None:
            self._attach(leg, call)
        elif event.arriving and event.leg == event.call:
            self._start(leg, event)
        else:
            self._strays.setdefault(event.call, []).append(leg)

    def _introduce(self, leg: TrackedLeg, event: LegCreated) -> None:
        """A leg first met through another event now says who it is; a repetition changes nothing."""
        if leg.created is not None or leg.ended:
            return
        leg.created, leg.phone, leg.trunk, leg.pair = event, event.phone, event.trunk, event.pair
        leg.role = event.role
        self._joins.pair(leg)
        if leg.call is not None:
            self._attach(leg, leg.call)

    def _arrived(self, event: LegArrived) -> None:
        leg = self._legs.get(event.leg)
        if leg is None or leg.call is not None or leg.created is None or event.leg != event.call:
            return
        if leg.role is LegRole.PARTY and event.call not in self._calls:
            self._adopted(event.call, leg)
            self._start(leg, leg.created)

    def _adopted(self, call: str, leg: TrackedLeg) -> None:
        strays = self._strays.get(call, [])
        if leg in strays:
            strays.remove(leg)
        if not strays:
            self._strays.pop(call, None)

    def _start(self, leg: TrackedLeg, created: LegCreated) -> None:
        call = TrackedCall(leg, created, self._now)
        self._calls[created.call] = call
        leg.call = call
        call.legs[leg.id] = leg
        for stray in self._strays.pop(created.call, ()):
            self._attach(stray, call)
        self._tell(News.STARTED, call)
        if call.direction is Direction.INBOUND and self._plan(created.dialled).forwarded:
            self._miss(call, reason_of(call, forwarded=True))

    def _attach(self, leg: TrackedLeg, call: TrackedCall) -> None:
        leg.call = call
        call.legs[leg.id] = leg
        if leg.role is not LegRole.PARTY or leg is call.caller:
            return
        call.tried_phone, call.dialling = True, False
        if leg.trunk and call.direction is Direction.INTERNAL:
            call.direction = Direction.OUTBOUND

    def _find(self, leg_id: str, call_id: str, role: LegRole | None) -> TrackedLeg | None:
        """The living leg; one of a known call, met here first, is made if its role is known."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            if self._suspects:
                self._suspects.pop(leg_id, None)
            return None if leg.ended else leg
        call = self._calls.get(call_id)
        if call is None or role is None:
            return None
        leg = TrackedLeg(leg_id, role)
        self._legs[leg_id] = leg
        self._attach(leg, call)
        return leg

    def _ended(self, event: LegEnded) -> None:
        leg = self._legs.get(event.leg)
        if leg is None or leg.ended:
            return
        if leg.attempt is Attempt.OPEN or event.cause in BY_CAUSE:
            leg.attempt = BY_CAUSE.get(event.cause, leg.attempt)
        self._end_leg(leg)

    def _end_leg(self, leg: TrackedLeg) -> None:
        leg.ended, leg.ringing = True, False
        self._joins.end(leg)
        call = leg.call
        if call is None:
            if leg.created is not None:
                self._adopted(leg.created.call, leg)
                if leg.created.call in self._over:
                    self._over[leg.created.call] |= {leg.id}
            self._drop(leg)
            return
        if leg is call.caller:
            self._caller_gone(call)
            self._over_now(call)
        if all(other.ended for other in call.legs.values()):
            self._forget(call)

    def _caller_gone(self, call: TrackedCall) -> None:
        if call.ended_at is None:
            call.ended_at = self._now
        if call.state is CallState.OPEN and call.direction is Direction.INBOUND:
            self._settle_doubt(call)
            self._miss(call, reason_of(call))

    def _settle_doubt(self, call: TrackedCall) -> None:
        """Nobody answered in the gap after all: a limit that ran out since then counts from when it did."""
        call.in_doubt = False
        if call.ran_out is not None:
            (due, limit), call.ran_out = call.ran_out, None
            now, self._now = self._now, due
            self._miss(call, reason_of(call, limit=limit))
            self._now = now

    def _over_now(self, call: TrackedCall) -> None:
        if call.state is not CallState.OVER:
            self._tell(News.ENDED, call)
            call.state = CallState.OVER

    def _forget(self, call: TrackedCall) -> None:
        for leg in call.legs.values():
            self._drop(leg)
        if self._calls.pop(call.id, None) is not None:
            self._over[call.id] = frozenset(call.legs)
            self._over_at.append((self._now, call.id))

    def _drop(self, leg: TrackedLeg) -> None:
        self._joins.forget(leg)
        self._legs.pop(leg.id, None)

    def _forget_old(self) -> None:
        while self._over_at and self._over_at[0][0] < self._now - REMEMBERED:
            self._over.pop(self._over_at.popleft()[1], None)

    # — what a leg does —

    def _ringing(self, event: LegRinging) -> None:
        if event.role is not LegRole.PARTY:
            return
        leg = self._find(event.leg, event.call, event.role)
        if leg is None or leg.up or leg.role is not LegRole.PARTY:
            return
        call = leg.call
        if call is None or leg is call.caller:
            return
        leg.ringing = True
        if leg.rang_at is None:
            leg.rang_at = self._now
        if call.answered_at is not None and not call.talking:
            call.rang_since_talk = True
        if call.first_ringing_at is None:
            call.first_ringing_at = self._now
            self._tell(News.RINGING, call)
        if call.limit_started_at is None and not call.in_queue:
            self._start_limit(call, self._now)

    def _start_limit(self, call: TrackedCall, since: float) -> None:
        call.limit_started_at = since
        if call.state is CallState.OPEN and call.direction is Direction.INBOUND:
            call.limit_due = since + self._plan(call.dialled).ring_limit
            heapq.heappush(self._due, (call.limit_due, call.id))

    def _answered(self, event: LegAnswered) -> None:
        leg = self._find(event.leg, event.call, None)
        if leg is None:
            return
        leg.up, leg.ringing = True, False
        if leg.mailbox:
            self._mailbox(leg)

    def _entered(self, event: LegEntered) -> None:
        leg = self._find(event.leg, event.call, None)
        if leg is None or leg.call is None:
            return
        call = leg.call
        if leg is not call.caller and leg.role is not LegRole.RELAY:
            return  # a phone asked to confirm, say
        if event.app is App.MAILBOX:
            leg.mailbox = True
            if leg.up:
                self._mailbox(leg)
        elif leg is call.caller or event.app in (App.DIAL, App.QUEUE):
            call.enter(event.app)

    def _mailbox(self, leg: TrackedLeg) -> None:
        call = leg.call
        if call is None or call.state is not CallState.OPEN:
            return
        call.mailbox_answered = True
        if call.direction is Direction.INBOUND:
            self._miss(call, reason_of(call))

    def _dial_ended(self, event: DialEnded) -> None:
        leg = self._find(event.leg, event.call, None)
        if leg is None:
            return
        if leg.call is not None and event.by == leg.call.caller.id:
            leg.call.last_dial = event.result
        if leg.role is not LegRole.PARTY:
            return
        leg.ringing = False
        if leg.attempt in (Attempt.BUSY, Attempt.DECLINED):
            return
        match event.result:
            case DialResult.ANSWERED:
                leg.attempt = Attempt.ANSWERED
            case DialResult.BUSY:
                leg.attempt = Attempt.BUSY
            case DialResult.CANCELLED:
                leg.attempt = Attempt.CANCELLED
            case DialResult.NO_ANSWER:
                leg.attempt = Attempt.NO_ANSWER if leg.rang_at is not None else Attempt.UNREACHABLE
            case DialResult.FAILED:
                leg.attempt = Attempt.UNREACHABLE

    def _withheld(self, event: LegWithheld) -> None:
        call = self._calls.get(event.call)
        if call is not None and call.caller.id == event.leg and call.withheld is not True:
            call.withheld = event.withheld

    def _attested(self, event: LegAttested) -> None:
        call = self._calls.get(event.call)
        if call is not None and call.caller.id == event.leg:
            call.attested = event.level

    def _queue_joined(self, event: QueueJoined) -> None:
        call = self._caller_of(event.leg, event.call)
        if call is None or call.hung_up:
            return
        if call.in_queue:
            return
        call.tried_queue = call.in_queue = True
        if call.queue_joined_at is None:
            call.queue_joined_at = self._now
        wait = self._plan(call.dialled).queue_wait
        if wait is not None and call.state is CallState.OPEN and call.direction is Direction.INBOUND:
            call.queue_due = self._now + wait
            heapq.heappush(self._due, (call.queue_due, call.id))

    def _queue_left(self, event: QueueLeft) -> None:
        call = self._caller_of(event.leg, event.call)
        if call is not None and not call.hung_up:
            call.in_queue, call.queue_due = False, None

    def _caller_of(self, leg: str, call_id: str) -> TrackedCall | None:
        call = self._calls.get(call_id)
        return call if call is not None and call.caller.id == leg and not call.caller.ended else None

    def _hung_up(self, event: LegHungUp) -> None:
        leg = self._find(event.leg, event.call, None)
        if leg is None or leg.call is None:
            return
        if leg is leg.call.caller:
            leg.call.hung_up = True
            if not leg.call.in_doubt:
                self._caller_gone(leg.call)
        elif event.cause in BY_CAUSE and not leg.up:
            leg.attempt, leg.ringing = BY_CAUSE[event.cause], False

    def _cleared(self, event: LegCleared) -> None:
        call = self._calls.get(event.call)
        if call is not None and call.caller.id == event.leg:
            call.cleared = True

    # — who talks to whom —

    def _joined(self, event: LegJoined) -> None:
        leg = self._find(event.leg, event.call, event.role)
        if leg is not None:
            self._note_move(leg)
            self._talk(self._joins.enter(leg, event.room))

    def _note_move(self, leg: TrackedLeg) -> None:
        """While a listing is under way: where this leg is now is newer than its row."""
        if self._moved is not None:
            self._moved.add(leg.id)

    def _left(self, event: LegLeft) -> None:
        leg = self._find(event.leg, event.call, None)
        if leg is None:
            return
        self._note_move(leg)
        self._talk(self._joins.leave(leg, event.room))
        if leg.call is not None and leg is leg.call.caller:
            leg.call.talking = False

    def _talk(self, people: Iterable[TrackedLeg]) -> None:
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
            phone.joined_at = self._now
        after = CallState.ANSWERED if call.state is CallState.OPEN else CallState.ANSWERED_LATE
        if not may(call.state, after):
            return
        call.state = after
        call.answered_at, call.answered_by = self._now, phone.phone
        if after is CallState.ANSWERED:
            call.known_at = self._now
        self._tell(News.ANSWERED if after is CallState.ANSWERED else News.ANSWERED_LATE, call)

    # — the whole PBX —

    def _restarted(self, _: Restarted) -> None:
        for call in list(self._calls.values()):
            call.cleared = True
            for leg in list(call.legs.values()):
                if not leg.ended:
                    self._end_leg(leg)
        for leg in list(self._legs.values()):
            self._drop(leg)
        self._strays.clear()

    def _gap(self, _: Gap) -> None:
        """Nobody knows whether a human answered meanwhile: wait for the listing, or for what the call's end shows."""
        for call in self._calls.values():
            call.in_doubt = True

    def _listing_begins(self, _: ListingBegins) -> None:
        self._suspects = {leg.id: None for leg in self._legs.values() if not leg.ended}
        self._moved = set()

    def _listed(self, event: Listed) -> None:
        alive = {listed.created.leg for listed in event.legs}
        suspects, self._suspects = self._suspects, {}
        moved, self._moved = self._moved or set(), None
        for leg in [self._legs[suspect] for suspect in suspects if suspect in self._legs and suspect not in alive]:
            if not leg.ended:
                self._vanished(leg)
        now = self._now
        for listed in event.legs:
            self._now = now - listed.age
            self._created(listed.created)
        self._now = now
        living = [(self._legs[row.created.leg], row) for row in event.legs if row.created.leg in self._legs]
        living = [(leg, row) for leg, row in living if not leg.ended]
        for leg, row in living:
            self._restore_application(leg, row)
        for leg, row in living:
            self._restore_ringing(leg, row)
        for leg, row in living:
            if leg.id not in moved:
                self._restore_room(leg, row.room)
        for call in self._calls.values():
            self._settle_doubt(call)

    def _vanished(self, leg: TrackedLeg) -> None:
        call = leg.call
        undecided = call is not None and leg is call.caller and call.state is CallState.OPEN
        if call is not None and undecided and call.direction is Direction.INBOUND and not call.cleared:
            call.ended_at = self._now
            self._tell(News.VANISHED, call)
            call.state = CallState.OVER
        self._end_leg(leg)

    def _restore_application(self, leg: TrackedLeg, row: LegListed) -> None:
        leg.up = leg.up or row.answered
        if row.app is not None:
            self._entered(LegEntered(leg.id, row.created.call, row.app))
        if row.app is App.QUEUE and leg.call is not None and leg is leg.call.caller:
            self._queue_joined(QueueJoined(leg.id, leg.call.id))

    def _restore_ringing(self, leg: TrackedLeg, row: LegListed) -> None:
        if row.ringing and leg.call is not None and leg is not leg.call.caller and leg.rang_at is None:
            now, self._now = self._now, self._now - row.age
            self._ringing(LegRinging(leg.id, leg.call.id, leg.role))
            self._now = now

    def _restore_room(self, leg: TrackedLeg, room: str) -> None:
        if room and room != leg.room:
            self._talk(self._joins.enter(leg, room))
        elif not room and leg.room is not None:
            self._joins.end(leg)

    # — telling —

    def _miss(self, call: TrackedCall, reason: Reason) -> None:
        if not may(call.state, CallState.MISSED):
            return
        call.state = CallState.MISSED
        call.reason, call.known_at = reason, self._now
        self._tell(News.MISSED, call)

    def _tell(self, news: News, call: TrackedCall) -> None:
        self._news.append(Verdict(news, call.snapshot(whole=news is News.ENDED)))


_TAKE: dict[type, Callable[..., None]] = {
    LegCreated: Tracker._created,
    LegArrived: Tracker._arrived,
    LegWithheld: Tracker._withheld,
    LegAttested: Tracker._attested,
    LegRinging: Tracker._ringing,
    LegAnswered: Tracker._answered,
    DialEnded: Tracker._dial_ended,
    LegEntered: Tracker._entered,
    QueueJoined: Tracker._queue_joined,
    QueueLeft: Tracker._queue_left,
    LegJoined: Tracker._joined,
    LegLeft: Tracker._left,
    LegHungUp: Tracker._hung_up,
    LegCleared: Tracker._cleared,
    LegEnded: Tracker._ended,
    Restarted: Tracker._restarted,
    Gap: Tracker._gap,
    ListingBegins: Tracker._listing_begins,
    Listed: Tracker._listed,
}
