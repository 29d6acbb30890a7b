"""One suite for every PBX: what the tracker may rely on, whoever tells it.

A PBX joins with a World: its recorded streams with what truly happened (by the SIP messages, never by the PBX), and a
session that reads them off the wire as the live program does.
"""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan
from agent.config.load import default_settings
from agent.office import Office
from agent.pbx.events import LegEvent
from agent.pbx.link import Session
from agent.pbx.trace import read_trace
from agent.pbx.trouble import Cause, Trouble
from agent.replay import Replay, as_json
from storage.vocabulary import Direction
from tests.story import office
from tests.unit.agent.pbx.asterisk import wires
from tests.unit.agent.pbx.freeswitch import socket_end

Row = dict[str, object]

REASONS = {
    "no_answer": "no_answer", "abandoned": "abandoned", "busy": "busy", "declined": "declined",
    "unreachable": "unreachable", "voicemail": "voicemail", "announcement": "closed",
}  # fmt: skip
"""What a truth calls the outcome → the reason, where it names none itself."""


def message(kind: bytes, body: bytes) -> bytes:
    """A message of the event socket."""
    return b"Content-Type: %b\nContent-Length: %d\n\n%b" % (kind, len(body), body)


class World(Protocol):
    """One PBX, recorded."""

    name: str
    streams: Path
    unheard: frozenset[str]
    """Streams with a call of which the PBX says nothing at all."""
    by_setting: dict[str, str]
    """Where the truth leaves the text to settings or to a rule: the rule that decides by the defaults."""
    torn: frozenset[str]
    """Streams in which a frame swallows what stands right after it."""
    garbage: tuple[bytes, ...]
    """Frames that say nothing."""
    endless: bytes
    """The beginning of a message that never ends."""
    strangers: tuple[bytes, ...]
    """What others send that might listen on its port."""

    def new_session(self) -> Session:
        """A session that has heard nothing yet."""

    def live_session(self) -> Session:
        """A session that is live at an idle PBX."""

    def frames(self, stream: str) -> list[bytes]:
        """A stream's events as they stand on the wire."""


ON_ASTERISK = {
    "abandoned_2s": "short_ring", "abandoned_at_once": "short_ring", "cdrall_abandoned_2s": "short_ring",
    "conference_alone": "reason_off", "park_direct_abandoned": "reason_off", "restart_now": "text",
    "restart_term": "text", "restart_gracefully": "", "retry_missed": "cooldown", "two_same_caller": "in_touch",
    "weird_newline_user": "not_textable",
}  # fmt: skip
ON_FREESWITCH = {
    "abandoned_2s": "short_ring", "conference_alone": "reason_off", "park_hangup": "reason_off",
    "two_same_caller": "in_touch", "unknown_did": "reason_off",
}  # fmt: skip


class Asterisk:
    """Asterisk 22, by AMI."""

    name, streams = "asterisk", wires.TRACES / "streams"
    unheard = frozenset({"unknown_did", "restart_gracefully"})
    torn = frozenset({"weird_inject_hangup", "weird_newline_user"})
    by_setting = ON_ASTERISK
    garbage: tuple[bytes, ...] = (
        b"\r\n",
        b"no colon\r\n\r\n",
        b"Event: \xff\xfe\r\n\r\n",
        b": \r\n\r\n",
        b"Event: Hangup\r\n\r\n",
        b"Event: Newchannel\r\n\r\n",
        b"Response: Success\r\n\r\n",
    )
    endless = b"Event: " + b"x" * 65_536
    strangers: tuple[bytes, ...] = (
        b"220 ProFTPD ready\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"Content-Type: auth/request\n\n",
    )

    def new_session(self) -> Session:
        return wires.new_session()

    def live_session(self) -> Session:
        return wires.Desk().go_live().session

    def frames(self, stream: str) -> list[bytes]:
        return [frame for _, frame in wires.stream(stream)]


class Freeswitch:
    """FreeSWITCH 1.10.12, by its event socket."""

    name, streams = "freeswitch", socket_end.TRACES / "streams"
    unheard = torn = frozenset[str]()
    by_setting = ON_FREESWITCH
    garbage: tuple[bytes, ...] = (
        b"\n",
        b"\n\n\n",
        message(b"text/event-plain", b"no colon\n"),
        message(b"text/event-plain", b"Event-Name: \xff\xfe%0A%zz: \n\n"),
        message(b"text/event-plain", b"Event-Name: CHANNEL_CREATE"),
        message(b"text/event-plain", b"Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: nobody\n\n"),
        message(b"text/event-json", b'{"Event-Name":1,"Event-Name":2'),
        message(b"log/data", b"abc"),
        b"Content-Type: text/event-plain\nContent-Length: -1\n\n",
    )
    endless = b"Content-Type: " + b"x" * 65_536
    strangers: tuple[bytes, ...] = (
        b"220 ProFTPD ready\r\n\n\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\n\n",
        b"Content-Type: api/response\nContent-Length: 1\n\nx",
        b"Content-Type: auth/request\nContent-Length: 999999999\n\n",
    )

    def new_session(self) -> Session:
        return socket_end.new_session()

    def live_session(self) -> Session:
        here = socket_end.new_session()
        here.feed(socket_end.GREETING)
        socket_end.Pbx().answer(here)
        assert here.is_live
        return here

    def frames(self, stream: str) -> list[bytes]:
        return [socket_end.plain(event) for _, event in socket_end.stream(stream)]


WORLDS: tuple[World, ...] = (Asterisk(), Freeswitch())
STREAMS = [
    (world, path.name.removesuffix(".jsonl.gz"))
    for world in WORLDS
    for path in sorted(world.streams.glob("*.jsonl.gz"))
]


def over(streams: list[tuple[World, str]]) -> pytest.MarkDecorator:
    """A test of each of these streams."""
    params = [pytest.param(world, name, id=f"{world.name}/{name}") for world, name in streams]
    return pytest.mark.parametrize(("world", "name"), params)


recorded = over(STREAMS)
recorded_untorn = over([(world, name) for world, name in STREAMS if name not in world.torn])
each_pbx = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


@cache
def default_office() -> Office:
    return Office.of(default_settings(), shadow=False)


def judged(world: World, name: str, at: Office | None = None) -> list[Row]:
    """What `secondring replay` says of a stream, in the order in which the calls began."""
    trace, at = read_trace(world.streams / f"{name}.jsonl.gz"), at or default_office()
    rows = [as_json(name, row, at) for row in Replay(trace, at, (), ()).run()]
    return sorted(rows, key=lambda row: float(str(row["started_at"])))


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
