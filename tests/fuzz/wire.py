"""Bytes on a PBX's socket, cut anywhere: what they say doesn't depend on the cuts, and can be tracked to its end."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from agent.calls.tracker import Tracker
from agent.calls.verdicts import RingPlan
from agent.pbx.events import LegEvent, Listed, ListingBegins
from agent.pbx.link import Session
from agent.pbx.trouble import Trouble

S = TypeVar("S", bound=Session)


def listen(data: bytes, begins: Sequence[bytes], session: Callable[[], S], check: Callable[[S], None]) -> None:
    """Judge one input of the fuzzer. Byte 0: how far the login has come, of `begins`; byte 1: how many bytes of cuts
    follow; then the wire."""
    if len(data) < 3:
        return
    begin, count = begins[data[0] % len(begins)], data[1] % 16
    cuts, wire = data[2 : 2 + count], begin + data[2 + count :]
    events, closed = hear(pieces(wire, cuts), session(), check)
    whole, also_closed = hear([wire], session(), check)
    if not closed and not also_closed:
        assert events == whole, "the same bytes say something else when cut elsewhere"
    follow(events)


def pieces(wire: bytes, cuts: bytes) -> list[bytes]:
    """The wire, cut after so many bytes each time, round and round; 0 cuts off the rest."""
    parts, at, turn = [], 0, 0
    while at < len(wire):
        size = (cuts[turn % len(cuts)] if cuts else 0) or len(wire)
        parts.append(wire[at : at + size])
        at, turn = at + size, turn + 1
    return parts


def hear(parts: list[bytes], listener: S, check: Callable[[S], None]) -> tuple[list[LegEvent], bool]:
    """All that the parts say, and whether the link was closed over them. `check` is called after each."""
    events: list[LegEvent] = []
    for part in parts:
        try:
            events += listener.feed(part)
        except Trouble:
            return events, True
        check(listener)
    return events, False


def follow(events: list[LegEvent]) -> None:
    """Track them, a tenth of a second apart, let every limit pass, and list nothing: nothing may be left."""
    tracker = Tracker(lambda _: RingPlan(ring_limit=6.0))
    now = 1000.0
    for event in events:
        now += 0.1
        for verdict in (*tracker.take(now, event), *tracker.tick(now)):
            assert verdict.call.id
    tracker.tick(now + 100.0)
    tracker.take(now + 101.0, ListingBegins())
    tracker.take(now + 102.0, Listed(()))
    assert not tracker.in_flight
    assert len(tracker) == 0, "legs are left after a listing without any"
