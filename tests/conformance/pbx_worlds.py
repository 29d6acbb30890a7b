"""The PBXs that the suite judges.

A PBX joins with a World: its recorded streams with what truly happened (by the SIP messages, never by the PBX), and a
session that reads them off the wire as the live program does.
"""

from functools import cache
from pathlib import Path
from typing import Protocol

import pytest

from agent.config.load import default_settings
from agent.office import Office
from agent.pbx.link import Session
from agent.pbx.trace import read_trace
from agent.replay import Replay, as_json
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
