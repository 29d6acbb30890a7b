"""One suite for every PBX: what the tracker may rely on, whoever tells it."""

import json
from itertools import pairwise
from random import Random

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan
from agent.pbx.events import LegEvent
from agent.pbx.link import Session
from agent.pbx.trace import read_trace
from agent.pbx.trouble import Cause, Trouble
from agent.replay import Replay
from storage.vocabulary import Direction
from tests.conformance.pbx_worlds import (
    REASONS,
    Row,
    World,
    default_office,
    each_pbx,
    judged,
    recorded,
    recorded_untorn,
)
from tests.story import office


def truth(world: World, name: str) -> list[Row]:
    calls: list[Row] = json.loads((world.streams / f"{name}.truth.json").read_text())["calls"]
    return calls


def dialled(row: Row) -> tuple[object, object]:
    return row["direction"], row["line"] if row["direction"] == "inbound" else row["caller"]


def true_dialled(call: Row) -> tuple[object, object]:
    return call["direction"], call["did"] if call["direction"] == "inbound" else call["caller"]


def pairs(world: World, name: str) -> list[tuple[Row, Row]]:
    """Each true call with its row: by what was dialled, and by order where a number was dialled twice."""
    rows = judged(world, name)
    found = []
    for call in truth(world, name):
        row = next((row for row in rows if dialled(row) == true_dialled(call)), None)
        if row is not None:
            rows.remove(row)
            found.append((call, row))
    assert [row for row in rows if row["direction"] == "inbound"] == [], "rows of calls that never were"
    return found


class TestWhatTrulyHappened:
    """No miss, and no false text."""

    @recorded
    def test_each_call_is_judged_as_it_was(self, world: World, name: str) -> None:
        found = pairs(world, name)
        seen = [call for call, _ in found]
        missing = [call for call in truth(world, name) if call["direction"] == "inbound" and call not in seen]
        assert (name in world.unheard) is bool(missing)
        for call, row in found:
            assert (row["answered_at"] is not None) is call["human_answered"], row
            if call["should_text"] is None:
                assert row["rule"] == world.by_setting[name], row
            else:
                assert (row["decision"] == "text") is call["should_text"], row

    @recorded
    def test_the_reason_is_the_true_one(self, world: World, name: str) -> None:
        for call, row in pairs(world, name):
            if call["direction"] != "inbound" or call["human_answered"]:
                continue
            expected = call.get("reason") or REASONS.get(str(call["outcome"]))
            if name == "queue_abandoned":
                expected = "queue_abandoned"
            assert expected is None or row["reason"] == expected, row

    @recorded
    def test_what_is_known_is_known_in_time(self, world: World, name: str) -> None:
        """A miss is known within a third of a second of what happened (FreePBX's hangup handlers are that slow)."""
        for call, row in pairs(world, name):
            if row["direction"] != "inbound" or row["reason"] in (None, "voicemail", "closed", "pbx_stopped"):
                continue
            known, ended = float(str(row["known_at"])), float(str(call["end_offset"]))
            if row["reason"] == "no_answer" and known - float(str(row["started_at"])) >= 24.0:
                continue  # four rings passed before
            assert -0.05 <= known - ended <= 0.35, (known, ended)


class TestTheRingLimit:
    """One ring of six seconds."""

    @recorded
    def test_the_miss_is_known_one_ring_after_the_first_ringing_exactly(self, world: World, name: str) -> None:
        trace = read_trace(world.streams / f"{name}.jsonl.gz")
        for row in Replay(trace, office({"rings": 1}), (), ()).run():
            call = row.call
            limited = (
                call.direction is Direction.INBOUND and call.reason is not None and call.reason.value == "no_answer"
            )
            if limited and row.known_at is not None and row.known_at != call.ended_at:
                assert call.first_ringing_at is not None
                assert row.known_at == pytest.approx(call.first_ringing_at + 6.0, abs=1e-9)

    @recorded
    def test_nobody_who_was_answered_within_it_is_texted(self, world: World, name: str) -> None:
        for row in judged(world, name, office({"rings": 1})):
            answered, known = row["answered_at"], row["known_at"]
            if row["decision"] == "text" and answered is not None:
                assert float(str(known)) < float(str(answered))


def hear(session: Session, pieces: list[bytes]) -> list[LegEvent]:
    """What a session makes of bytes that come in these pieces."""
    return [event for piece in pieces for event in session.feed(piece)]


def verdicts(events: list[LegEvent]) -> list[tuple[News, str, str, object]]:
    """The verdict on each inbound call, if all that took no time."""
    tracker = Tracker(lambda _: RingPlan(24.0))
    told = [verdict for event in events for verdict in tracker.take(0.0, event)]
    return [
        (verdict.news, verdict.call.number, verdict.call.dialled, verdict.call.reason)
        for verdict in told
        if verdict.news in (News.MISSED, News.ANSWERED) and verdict.call.direction is Direction.INBOUND
    ]


class TestTheWire:
    """The same bytes, cut at every kind of place, doubled, and among garbage: the verdicts stay the same."""

    @recorded
    def test_cut_at_random_a_session_says_the_same(self, world: World, name: str) -> None:
        data, random = b"".join(world.frames(name)), Random(name)
        places = sorted(random.sample(range(len(data) + 1), 40))
        pieces = [data[a:b] for a, b in pairwise([0, *places, len(data)])]
        assert hear(world.live_session(), pieces) == hear(world.live_session(), [data])

    @each_pbx
    def test_byte_by_byte_a_session_says_the_same(self, world: World) -> None:
        data = b"".join(world.frames("rg_second_answers"))
        pieces = [data[at : at + 1] for at in range(len(data))]
        assert hear(world.live_session(), pieces) == hear(world.live_session(), [data])

    @recorded_untorn
    def test_every_event_twice_gives_the_same_verdicts(self, world: World, name: str) -> None:
        frames = world.frames(name)
        twice = hear(world.live_session(), [frame * 2 for frame in frames])
        assert verdicts(twice) == verdicts(hear(world.live_session(), frames))

    @recorded_untorn
    def test_among_garbage_a_session_says_the_same(self, world: World, name: str) -> None:
        frames, random = world.frames(name), Random(name)
        noisy = [frame + random.choice(world.garbage) for frame in frames]
        assert verdicts(hear(world.live_session(), noisy)) == verdicts(hear(world.live_session(), frames))

    @each_pbx
    def test_a_message_that_never_ends_closes_the_link_with_a_named_error(self, world: World) -> None:
        session = world.live_session()
        with pytest.raises(Trouble) as told:
            for _ in range(2_000):
                session.feed(world.endless)
        assert told.value.cause is Cause.GARBLED

    @each_pbx
    def test_who_else_listens_there_is_told_as_such(self, world: World) -> None:
        for greeting in world.strangers:
            session = world.new_session()
            with pytest.raises(Trouble) as told:
                session.feed(greeting)
                session.feed(greeting)
            assert told.value.cause in (Cause.NOT_THIS_PBX, Cause.GARBLED), greeting
            assert not session.is_live


TARGETS = {"followme_confirmed", "followme_desk_answers", "forward_mobile_answered"}


class TestNumbersOfStaff:
    """Numbers outside that ring for callers before anybody has answered."""

    @recorded
    def test_a_follow_me_target_is_one_and_whom_a_caller_is_passed_on_to_is_not(self, world: World, name: str) -> None:
        trace, at = read_trace(world.streams / f"{name}.jsonl.gz"), default_office()
        calls = [row.call for row in Replay(trace, at, (), ()).run() if row.call.direction is Direction.INBOUND]
        rang = {at.outside(phone.number) for call in calls for phone in call.phones if phone.number}
        assert rang - {None} == ({"+12025550177"} if name in TARGETS else set())
