"""Legs in, verdicts out. Pure: no clock, no I/O; the same events at the same times give the same verdicts.

`take` an event with its time, `tick` when `next_due` has come. A call gets one verdict, MISSED or ANSWERED, as soon as
it is safe (reasons.py, states.py); ANSWERED_LATE may follow a MISSED. Events may come twice, late, or for legs nobody
knows: they then say nothing, and never about another call.
"""

import heapq
from collections.abc import Callable

from agent.calls import happenings, relisting
from agent.calls.exchange import REMEMBERED, Exchange
from agent.calls.reasons import reason_of
from agent.calls.states import CallState, Limit
from agent.calls.verdicts import Call, RingPlan, Verdict
from agent.pbx.events import (
    DialEnded,
    Gap,
    LegAnswered,
    LegArrived,
    LegAttested,
    LegCleared,
    LegCreated,
    LegDialled,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegRinging,
    LegWithheld,
    Listed,
    ListingBegins,
    QueueJoined,
    QueueLeft,
    Restarted,
)


class Tracker:
    """Every call in flight. `plan` gives the ring plan of the line a call came in on, by the number as received."""

    def __init__(self, plan: Callable[[str], RingPlan]) -> None:
        self._exchange = Exchange(plan)

    @property
    def next_due(self) -> float | None:
        """When `tick` should be called next; None while no limit runs."""
        while self._exchange.due:
            due, name = self._exchange.due[0]
            call = self._exchange.calls.get(name)
            if call is not None and call.state is CallState.OPEN and due in (call.limit_due, call.queue_due):
                return due
            heapq.heappop(self._exchange.due)
        return None

    @property
    def in_flight(self) -> tuple[Call, ...]:
        """Every call that isn't over."""
        return tuple(call.snapshot() for call in self._exchange.calls.values())

    def __len__(self) -> int:
        """How many legs and calls are remembered: zero when all is quiet."""
        return (
            len(self._exchange.legs)
            + len(self._exchange.calls)
            + len(self._exchange.joins.rooms)
            + len(self._exchange.joins.pairs)
        )

    def take(self, now: float, event: LegEvent) -> list[Verdict]:
        """What this event makes known, at time `now` (s)."""
        self._exchange.now = now
        if self._exchange.over_at and self._exchange.over_at[0][0] < now - REMEMBERED:
            self._exchange.forget_old()
        _TAKE[type(event)](self._exchange, event)
        if not self._exchange.news:
            return []
        news, self._exchange.news = self._exchange.news, []
        return news

    def tidy(self, now: float) -> None:
        """Forget the names of calls long over; `take` does so too, but a quiet PBX doesn't call it."""
        self._exchange.now = now
        self._exchange.forget_old()

    def tick(self, now: float) -> list[Verdict]:
        """The limits that have passed by `now`. Each is known at its due time, however late this is called."""
        while (due := self.next_due) is not None and due <= now:
            _, name = heapq.heappop(self._exchange.due)
            self._exchange.now = due
            call = self._exchange.calls[name]
            limit = Limit.QUEUE if due == call.queue_due else Limit.RINGS
            if call.in_doubt:
                call.ran_out = call.ran_out or (due, limit)
            else:
                self._exchange.miss(call, reason_of(call, limit=limit))
        news, self._exchange.news = self._exchange.news, []
        return news


_TAKE: dict[type, Callable[..., None]] = {
    LegCreated: Exchange.create,
    LegArrived: Exchange.arrive,
    LegWithheld: happenings.withheld,
    LegAttested: happenings.attested,
    LegDialled: happenings.dialled,
    LegRinging: happenings.ringing,
    LegAnswered: happenings.answered,
    DialEnded: happenings.dial_ended,
    LegEntered: happenings.entered,
    QueueJoined: happenings.queue_joined,
    QueueLeft: happenings.queue_left,
    LegJoined: happenings.joined,
    LegLeft: happenings.left,
    LegHungUp: happenings.hung_up,
    LegCleared: happenings.cleared,
    LegEnded: happenings.ended,
    Restarted: relisting.restarted,
    Gap: relisting.gap,
    ListingBegins: relisting.listing_begins,
    Listed: relisting.listed,
}
