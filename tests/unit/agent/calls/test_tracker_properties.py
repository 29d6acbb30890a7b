"""Whatever order, doubling or loss the PBX's words come with, these hold.

A small model of its own says when a conversation was shown: the caller's living leg and a phone's living leg in one
room at one instant of the stream as delivered. It knows nothing of the tracker.
"""

import gc
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.calls.exchange import REMEMBERED
from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan, Verdict
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    EndCause,
    Gap,
    LegAnswered,
    LegArrived,
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
    LegRole,
    LegWithheld,
    Listed,
    ListingBegins,
    QueueJoined,
    QueueLeft,
    Restarted,
)

PLAN = RingPlan(6.0, 20.0)
STEP = 0.5
"""Seconds between two events of a stream."""
LATE = 10
"""Events after which a doubled one comes at the latest: well within the time for which a call's name is kept."""


def caller(call: str) -> LegCreated:
    return LegCreated(call, call, LegRole.PARTY, True, True, "trunk", number="+12025550143", dialled="+13125550100")


@st.composite
def phone_life(draw: st.DrawFn, call: str, phone: str) -> list[LegEvent]:
    """A phone of a call: dialled, perhaps rings, perhaps talks, ends."""
    leg = f"{call}/{phone}"
    life: list[LegEvent] = [LegCreated(leg, call, LegRole.PARTY, False, False, phone)]
    if draw(st.booleans()):
        life.append(LegRinging(leg, call, LegRole.PARTY))
    if draw(st.booleans()):
        room = f"room-{draw(st.sampled_from((call, 'shared')))}"
        life += [LegAnswered(leg, call), LegJoined(leg, call, room, LegRole.PARTY)]
        if draw(st.booleans()):
            life.append(LegLeft(leg, call, room))
    else:
        life.append(DialEnded(leg, call, call, draw(st.sampled_from(DialResult))))
    return [*life, LegEnded(leg, call, draw(st.sampled_from(EndCause)))]


@st.composite
def caller_life(draw: st.DrawFn, call: str) -> list[LegEvent]:
    """A caller: what the PBX does with him, perhaps a conversation, his end."""
    life: list[LegEvent] = [caller(call)]
    if draw(st.booleans()):
        life.append(LegAnswered(call, call))
    life += [LegEntered(call, call, app) for app in draw(st.lists(st.sampled_from(App), max_size=3))]
    if draw(st.booleans()):
        life.append(QueueJoined(call, call))
        if draw(st.booleans()):
            life.append(QueueLeft(call, call))
    if draw(st.booleans()):
        room = f"room-{draw(st.sampled_from((call, 'shared')))}"
        life.append(LegJoined(call, call, room, LegRole.PARTY))
        if draw(st.booleans()):
            life.append(LegLeft(call, call, room))
    if draw(st.booleans()):
        life.append(LegHungUp(call, call, EndCause.NORMAL))
    return [*life, LegEnded(call, call, EndCause.NORMAL)]


@st.composite
def relay_life(draw: st.DrawFn, call: str, half: str) -> list[LegEvent]:
    """One half of a relay pair: perhaps in a room, which it may be seen leaving without having been seen entering."""
    leg, room = f"{call}/relay{half}", f"room-{draw(st.sampled_from((call, 'shared')))}"
    life: list[LegEvent] = [LegCreated(leg, call, LegRole.RELAY, False, False, "", f"{call}/relay")]
    if draw(st.booleans()):
        life.append(LegJoined(leg, call, room, LegRole.RELAY))
    if draw(st.booleans()):
        life.append(LegLeft(leg, call, room))
    return [*life, LegEnded(leg, call, EndCause.NORMAL)]


@st.composite
def streams(draw: st.DrawFn) -> list[LegEvent]:
    """The lives of the legs of a few calls, one woven into the other, each in its own order."""
    lives: list[list[LegEvent]] = []
    for number in range(draw(st.integers(1, 3))):
        call = f"c{number}"
        lives.append(draw(caller_life(call)))
        lives += [draw(phone_life(call, f"10{n}")) for n in range(draw(st.integers(0, 3)))]
        if draw(st.booleans()):
            lives += [draw(relay_life(call, half)) for half in (";1", ";2")]
    return woven(draw, lives)


def woven(draw: st.DrawFn, lives: list[list[LegEvent]]) -> list[LegEvent]:
    rest, stream = [list(life) for life in lives if life], []
    while rest:
        life = rest[draw(st.integers(0, len(rest) - 1))]
        stream.append(life.pop(0))
        rest = [life for life in rest if life]
    return stream


@st.composite
def doubled(draw: st.DrawFn) -> list[LegEvent]:
    """A stream in which any event comes twice, at once or up to LATE events later."""
    stream = draw(streams())
    for _ in range(draw(st.integers(1, 8))):
        source = draw(st.integers(0, len(stream) - 1))
        stream.insert(draw(st.integers(source + 1, min(source + LATE, len(stream)))), stream[source])
    return stream


@st.composite
def mangled(draw: st.DrawFn) -> list[LegEvent]:
    """A stream with events lost, doubled, moved anywhere, and strangers among them."""
    stream = draw(doubled())
    stream = [event for event in stream if draw(st.integers(0, 9)) > 0]
    for _ in range(draw(st.integers(0, 6))):
        if stream:
            event = stream.pop(draw(st.integers(0, len(stream) - 1)))
            stream.insert(draw(st.integers(0, len(stream))), event)
    for stranger in draw(st.lists(strangers(), max_size=6)):
        stream.insert(draw(st.integers(0, len(stream))), stranger)
    return stream


def strangers() -> st.SearchStrategy[LegEvent]:
    """Events of legs nobody knows, some in calls that live; and the words about the whole PBX."""
    name = st.sampled_from(("x", "y", "c0", "c1", "c0/100"))
    return st.one_of(
        st.builds(LegRinging, name, name, st.sampled_from(LegRole)),
        st.builds(LegAnswered, name, name),
        st.builds(LegDialled, name, name, name),
        st.builds(LegArrived, name, name),
        st.builds(LegWithheld, name, name, st.booleans()),
        st.builds(DialEnded, name, name, name, st.sampled_from(DialResult)),
        st.builds(LegEntered, name, name, st.sampled_from(App)),
        st.builds(QueueJoined, name, name),
        st.builds(QueueLeft, name, name),
        st.builds(LegJoined, name, name, st.sampled_from(("room-shared", "room-c0")), st.sampled_from(LegRole)),
        st.builds(LegLeft, name, name, st.sampled_from(("room-shared", "room-c0"))),
        st.builds(LegHungUp, name, name, st.sampled_from(EndCause)),
        st.builds(LegCleared, name, name),
        st.builds(LegEnded, name, name, st.sampled_from(EndCause)),
        st.builds(
            LegCreated, name, name, st.sampled_from(LegRole), st.booleans(), st.booleans(), name, st.just("pair")
        ),
        st.sampled_from((Gap(), Restarted(), ListingBegins(), Listed(()))),
    )


@dataclass
class Told:
    """One verdict, and at which event it came."""

    place: int
    verdict: Verdict


def play(stream: list[LegEvent], tracker: Tracker | None = None) -> list[Told]:
    """Everything the tracker tells; limits run out between events at their own instants."""
    if tracker is None:  # an empty one counts as false
        tracker = Tracker(lambda _: PLAN)
    told: list[Told] = []
    now = 0.0
    for place, event in enumerate(stream):
        now += STEP
        while (due := tracker.next_due) is not None and due <= now:
            told += [Told(place, verdict) for verdict in tracker.tick(due)]
            after = tracker.next_due
            assert after is None or after >= due, "a limit may not be due before the one that just ran out"
        told += [Told(place, verdict) for verdict in tracker.take(now, event)]
    return told


def shown(stream: list[LegEvent]) -> dict[str, int]:
    """For each inbound call the first event at which its conversation with a phone stood in the stream."""
    room: dict[str, str] = {}
    dead: set[str] = set()
    callers: set[str] = set()
    seen: dict[str, int] = {}
    for place, event in enumerate(stream):
        match event:
            case LegCreated() if event.arriving and event.trunk:
                callers.add(event.leg)
            case LegJoined() if event.role is LegRole.PARTY and event.leg not in dead:
                room[event.leg] = event.room
            case LegLeft() if room.get(event.leg) == event.room:
                del room[event.leg]
            case LegEnded():
                dead.add(event.leg)
                room.pop(event.leg, None)
            case LegHungUp() if event.leg in callers:
                dead.add(event.leg)  # nobody joins a caller who has asked to go
                room.pop(event.leg, None)
            case _:
                pass
        for call in callers - dead - set(seen):
            here = room.get(call)
            if here and any(leg not in callers and other == here for leg, other in room.items()):
                seen[call] = place
    return seen


def verdicts_of(told: list[Told]) -> dict[str, Counter[News]]:
    counts: dict[str, Counter[News]] = {}
    for one in told:
        counts.setdefault(one.verdict.call.id, Counter())[one.verdict.news] += 1
    return counts


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.one_of(streams(), doubled()))
def test_a_call_whose_conversation_was_shown_is_no_miss_from_then_on(stream: list[LegEvent]) -> None:
    told = play(stream)
    for call, place in shown(stream).items():
        late = [one for one in told if one.verdict.call.id == call and one.place > place]
        assert News.MISSED not in [one.verdict.news for one in late]
        answers = [one for one in told if one.verdict.call.id == call and one.place <= place]
        assert {News.ANSWERED, News.ANSWERED_LATE} & {one.verdict.news for one in answers}


@quick
@given(st.one_of(streams(), doubled()))
def test_every_call_gets_exactly_one_verdict_and_one_end(stream: list[LegEvent]) -> None:
    counts = verdicts_of(play(stream))
    for call in {event.call for event in stream if isinstance(event, LegCreated) and event.arriving}:
        found = counts[call]
        assert found[News.STARTED] == found[News.ENDED] == 1
        assert found[News.MISSED] + found[News.ANSWERED] == 1
        assert found[News.ANSWERED_LATE] <= found[News.MISSED]


@quick
@given(streams())
def test_nothing_is_remembered_once_all_is_over(stream: list[LegEvent]) -> None:
    tracker = Tracker(lambda _: PLAN)
    play(stream, tracker)
    assert len(tracker) == 0
    assert tracker.next_due is None
    tracker.take(len(stream) + 2 * REMEMBERED, ListingBegins())
    assert not tracker._exchange.over
    assert not tracker._exchange.strays


def test_a_leg_told_of_twice_after_its_call_is_over_is_not_kept() -> None:
    tracker = Tracker(lambda _: PLAN)
    late = LegCreated("c/1", "c", LegRole.PARTY, False, False, "101")
    end = LegEnded("c/1", "c", EndCause.NORMAL)
    play([caller("c"), LegEnded("c", "c", EndCause.NORMAL), late, end, late], tracker)
    assert len(tracker) == 0


@pytest.mark.parametrize(
    "end", [LegEnded("c", "c", EndCause.NORMAL), Restarted(), Listed(())], ids=lambda e: type(e).__name__
)
def test_what_was_kept_of_a_call_is_freed_at_its_end_and_leaves_the_collector_nothing(end: LegEvent) -> None:
    phone = LegCreated("c/1", "c", LegRole.PARTY, False, False, "101")
    gone = LegEnded("c/1", "c", EndCause.NORMAL)
    tracker = Tracker(lambda _: PLAN)
    gc.collect()
    gc.disable()
    try:
        play([caller("c"), phone, LegRinging("c/1", "c", LegRole.PARTY), gone, ListingBegins(), end], tracker)
        assert len(tracker) == 0
        assert gc.collect() == 0
    finally:
        gc.enable()


@quick
@given(mangled())
def test_no_stream_at_all_breaks_it_and_none_gives_a_call_two_verdicts(stream: list[LegEvent]) -> None:
    tracker = Tracker(lambda _: PLAN)
    told = play(stream, tracker)
    for found in verdicts_of(told).values():
        assert found[News.MISSED] + found[News.ANSWERED] + found[News.VANISHED] <= 1
        assert found[News.STARTED] == 1
        assert found[News.ENDED] <= 1
    tracker.take(10_000.0, ListingBegins())
    tracker.take(10_000.0, Listed(()))
    assert len(tracker) == 0, "a leg the PBX no longer knows is dropped at the next listing"
    assert tracker.next_due is None


@quick
@given(mangled())
def test_the_same_stream_gives_the_same_verdicts(stream: list[LegEvent]) -> None:
    assert play(stream) == play(stream)


@quick
@given(streams(), st.data())
def test_a_strange_call_beside_them_changes_nothing_for_the_others(stream: list[LegEvent], data: st.DataObject) -> None:
    """`play` counts time by events, so the stranger's events take none here."""
    alone = _timed(list(enumerate(stream)))
    beside = list(enumerate(stream))
    for event in data.draw(st.lists(strangers_of("z"), max_size=10)):
        place = data.draw(st.integers(0, len(beside)))
        at = beside[place - 1][0] if place else 0
        beside.insert(place, (at, event))
    assert [one for one in _timed(beside) if not one.call.id.startswith("z")] == alone


def strangers_of(call: str) -> st.SearchStrategy[LegEvent]:
    leg = st.sampled_from((call, f"{call}/1"))
    return st.one_of(
        st.just(caller(call)),
        st.builds(LegRinging, leg, st.just(call), st.just(LegRole.PARTY)),
        st.builds(LegJoined, leg, st.just(call), st.just("room-z"), st.just(LegRole.PARTY)),
        st.builds(LegHungUp, leg, st.just(call), st.sampled_from(EndCause)),
        st.builds(LegEnded, leg, st.just(call), st.sampled_from(EndCause)),
    )


def _timed(stream: list[tuple[int, LegEvent]]) -> list[Verdict]:
    tracker, told = Tracker(lambda _: PLAN), []
    for at, event in stream:
        told += tracker.tick(float(at))
        told += tracker.take(float(at), event)
    return told


def test_ten_thousand_calls_at_once() -> None:
    tracker = Tracker(lambda _: PLAN)
    missed: Counter[News] = Counter()
    names = [f"c{number}" for number in range(10_000)]
    for name in names:
        tracker.take(0.0, caller(name))
        tracker.take(0.0, LegCreated(f"{name}/1", name, LegRole.PARTY, False, False, "101"))
        tracker.take(1.0, LegRinging(f"{name}/1", name, LegRole.PARTY))
    assert tracker.next_due == 7.0
    missed.update(verdict.news for verdict in tracker.tick(7.0))
    for name in names:
        tracker.take(8.0, LegEnded(f"{name}/1", name, EndCause.NORMAL))
        tracker.take(8.0, LegEnded(name, name, EndCause.NORMAL))
    assert missed == {News.MISSED: 10_000}
    assert len(tracker) == 0
    assert tracker.next_due is None
