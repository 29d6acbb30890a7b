"""Calls that are over, told from records by the live rule. Pure."""

from collections.abc import Iterable

from agent.calls.tracker import Tracker
from agent.calls.verdicts import Call, News, RingPlan
from agent.pbx.events import LegEvent
from storage.vocabulary import Reason


def calls_over(events: Iterable[tuple[float, LegEvent]], since: float, until: float) -> list[Call]:
    """Calls that ended between the two times (epoch s), each as it ended: answered, or with the reason of its miss.

    Nobody waits any more, so no ring limit runs: who was answered late was answered. A call cut off by the PBX's death
    is told whenever that was, since its last sign of life may be older than its end.
    """
    tracker = Tracker(lambda _: RingPlan(ring_limit=float("inf")))
    return [
        verdict.call
        for at, event in events
        for verdict in tracker.take(at, event)
        if verdict.news is News.ENDED and _is_within(verdict.call, since, until)
    ]


def _is_within(call: Call, since: float, until: float) -> bool:
    if call.ended_at is None or call.ended_at > until:
        return False
    return call.ended_at >= since or call.reason is Reason.PBX_STOPPED
