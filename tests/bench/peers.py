"""The least of each PBX that a client can log in to, for benches: what it says, and what it sends for a call."""

import asyncio
import contextlib
import re
from functools import cache
from typing import Protocol
from urllib.parse import unquote

from tests.bench.parse_esl import let_through
from tests.unit.agent.pbx.freeswitch.socket_end import CORE, GREETING, IDLE, STATUS, plain, reply, response, stream

Parts = tuple[bytes, bytes, bytes]
"""A call: how it begins and rings, the event that ends it unanswered, and what follows."""


class Peer(Protocol):
    """One kind of PBX: how its client is greeted and answered, and what it sends."""

    kind: str
    context: str
    greeting: bytes
    end: bytes
    """What ends a question of the client's."""
    last: bytes
    """The last question a client asks before it listens."""

    def answer(self, asked: str) -> bytes:
        """What it says to a question."""

    def call(self, number: int) -> Parts:
        """One call, of a caller and with names of its own."""

    def noise(self) -> bytes:
        """An event that says nothing about legs."""

    async def frame(self, reader: asyncio.StreamReader) -> bytes:
        """The next event's bytes, as a client reads them."""

    def decided(self, frame: bytes) -> str | None:
        """Whose call this event decides, by his number."""


class Pbx:
    """A peer on a socket. `live` is set once a client asked the last thing before it listens."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.live = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet, answer what is asked, until the client goes."""
        self._writer = writer
        writer.write(self.peer.greeting)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = await reader.readuntil(self.peer.end)
                writer.write(self.peer.answer(asked.decode()))
                if asked.startswith(self.peer.last):
                    self.live.set()

    def send(self, events: bytes) -> None:
        """Put events on the wire."""
        assert self._writer is not None
        self._writer.write(events)


def caller(number: int) -> str:
    """A number of his own for each caller."""
    return f"+1{202 + number // 9000}{5550000 + 1000 + number % 9000:07d}"[:12]


class Asterisk:
    """Its manager interface."""

    kind, context = "asterisk", "from-trunk"
    greeting, end = b"Asterisk Call Manager/11.0.0\r\n", b"\r\n\r\n"
    last = b"Action: BridgeList"

    def answer(self, asked: str) -> bytes:
        fields = dict(line.split(": ", 1) for line in asked.split("\r\n") if ": " in line)
        name = fields.get("ActionID", "")
        return self._answer(fields.get("Action", ""), name, f"Response: Success\r\nActionID: {name}\r\n").encode()

    def _answer(self, action: str, name: str, ok: str) -> str:
        match action:
            case "Login":
                booted = "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 9\r\nLastReload: 9\r\n"
                return f"{ok}\r\n{booted}Status: Fully Booted\r\n\r\n"
            case "Status":
                return f"{ok}EventList: start\r\n\r\nEvent: StatusComplete\r\nActionID: {name}\r\nItems: 0\r\n\r\n"
            case "BridgeList":
                return f"{ok}EventList: start\r\n\r\nEvent: BridgeListComplete\r\nActionID: {name}\r\n\r\n"
            case "Getvar":
                return f"{ok}Variable: CALLERID(pres)\r\nValue: allowed_not_screened\r\n\r\n"
            case _:
                return f"{ok}\r\n"

    def call(self, number: int) -> Parts:
        one, two = f"17{number:08d}.0", f"17{number:08d}.1"
        who, trunk, desk = caller(number), f"PJSIP/trunk-{number:08x}", f"PJSIP/101-{number:08x}"
        begins = (
            _leg("Newchannel", trunk, 4, who, "from-trunk", "+12025550101", (one, one))
            + _leg("Newchannel", desk, 0, "101", "from-internal", "s", (two, one))
            + _leg("Newstate", desk, 5, "101", "from-internal", "s", (two, one))
        )
        decides = _leg("HangupRequest", trunk, 4, who, "from-trunk", "+12025550101", (one, one))
        follows = _leg("Hangup", desk, 5, "101", "from-internal", "s", (two, one)) + _leg(
            "Hangup", trunk, 4, who, "from-trunk", "+12025550101", (one, one)
        )
        return begins, decides, follows

    def noise(self) -> bytes:
        ids = ("1700000000.0", "1700000000.0")
        return _leg("NewConnectedLine", "PJSIP/102-00000000", 6, "102", "from-internal", "s", ids)

    async def frame(self, reader: asyncio.StreamReader) -> bytes:
        return await reader.readuntil(b"\r\n\r\n")

    def decided(self, frame: bytes) -> str | None:
        fields = dict(line.split(": ", 1) for line in frame.decode().split("\r\n") if ": " in line)
        return fields["CallerIDNum"] if fields.get("Event") == "HangupRequest" else None


def _leg(event: str, channel: str, state: int, number: str, context: str, exten: str, ids: tuple[str, str]) -> bytes:
    """One event about a channel, in Asterisk's order of headers."""
    lines = [
        f"Event: {event}", "Privilege: call,all", f"Channel: {channel}", f"ChannelState: {state}",
        "ChannelStateDesc: x", f"CallerIDNum: {number}", "CallerIDName: <unknown>", "ConnectedLineNum: <unknown>",
        "ConnectedLineName: <unknown>", "Language: en", "AccountCode: ", f"Context: {context}", f"Exten: {exten}",
        "Priority: 1", f"Uniqueid: {ids[0]}", f"Linkedid: {ids[1]}",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


RECORDED = "abandoned_2s"
"""The recorded call that FreeSWITCH's peer sends again and again: one phone rings, the caller gives up."""
CALLED_BY = b"12025550143"


class Freeswitch:
    """Its event socket; the events are those of a recorded call, as large as they really are."""

    kind, context = "freeswitch", "public"
    greeting, end = GREETING, b"\n\n"
    last = b"api show calls"

    def answer(self, asked: str) -> bytes:
        match asked.split():
            case ["api", "status"]:
                return response(STATUS)
            case ["api", "global_getvar", _]:
                return response(CORE)
            case ["api", "show", *_]:
                return response(IDLE)
            case ["api", *_]:
                return response("1\n")
            case _:
                return reply("+OK accepted")

    def call(self, number: int) -> Parts:
        begins, decides, follows = recorded()

        def anew(part: bytes) -> bytes:
            mine = _UUID.sub(lambda found: b"%08x" % number + found[0][8:], part)
            return mine.replace(CALLED_BY, caller(number)[1:].encode())

        return anew(begins), anew(decides), anew(follows)

    def noise(self) -> bytes:
        return plain([("Event-Name", "CHANNEL_CALLSTATE"), *stream(RECORDED)[0][1][1:]])

    async def frame(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\n\n")
        size = re.search(rb"Content-Length: (\d+)", head)
        return await reader.readexactly(int(size[1])) if size else b""

    def decided(self, frame: bytes) -> str | None:
        if not frame.startswith(b"Event-Name: CHANNEL_HANGUP\n") or b"\nCall-Direction: inbound\n" not in frame:
            return None
        found = re.search(rb"\nCaller-Caller-ID-Number: ([^\n]*)", frame)
        return unquote(found[1].decode()) if found else None


_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@cache
def recorded() -> Parts:
    """The recorded call's events that our filters let through, cut at the one that decides: the caller's hangup."""
    events = [(dict(event), plain(event)) for _, event in stream(RECORDED)]
    ours = [(fields, frame) for fields, frame in events if let_through(frame)]
    [place] = [
        place
        for place, (fields, _) in enumerate(ours)
        if fields["Event-Name"] == "CHANNEL_HANGUP" and fields["Call-Direction"] == "inbound"
    ]
    frames = [frame for _, frame in ours]
    return b"".join(frames[:place]), frames[place], b"".join(frames[place + 1 :])


PEERS: dict[str, Peer] = {peer.kind: peer for peer in (Asterisk(), Freeswitch())}
