"""A client of the event socket for tests: it reads what the player sends as frames."""

import asyncio
import contextlib
import gzip
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.freeswitch.recording import load
from agent.demo.freeswitch.replant import Names, Plant
from agent.demo.freeswitch.score import Score
from agent.demo.replant import Identity

TRACES = Path(__file__).parents[4] / "traces" / "freeswitch"
STREAMS = TRACES / "streams"


@dataclass(frozen=True)
class Frame:
    """One message; all empty at the end of the connection."""

    head: bytes
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The head's headers."""
        return dict(line.split(": ", 1) for line in self.head.decode().splitlines())

    @property
    def kind(self) -> str:
        """Its content type."""
        return self.headers.get("Content-Type", "")

    @property
    def event(self) -> dict[str, str]:
        """A plain event's headers, the first of each name."""
        lines = (line.split(": ", 1) for line in self.body.decode().split("\n\n")[0].split("\n"))
        return {name: unquote(value) for name, value in reversed(list(lines))}


class Client:
    """One connection to a player. Events that come between are kept in `events`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.events: list[Frame] = []

    def stop_reading(self) -> None:
        """Take nothing more from the socket."""
        self._transport.pause_reading()

    def read_again(self) -> None:
        """Go on reading."""
        self._transport.resume_reading()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def frame(self) -> Frame:
        """The next message."""
        async with asyncio.timeout(10):
            try:
                head = await self._reader.readuntil(b"\n\n")
                length = re.search(rb"Content-Length: (\d+)", head)
                body = await self._reader.readexactly(int(length[1])) if length else b""
            except (asyncio.IncompleteReadError, ConnectionError):
                return Frame(b"", b"")
        return Frame(head.removesuffix(b"\n\n"), body)

    async def ask(self, command: str, *headers: str) -> Frame:
        """Send a command and return its answer."""
        await self.send("\n".join((command, *headers, "", "")).encode())
        return await self.answer()

    async def answer(self) -> Frame:
        """The next message that is no event."""
        while (frame := await self.frame()).kind.startswith("text/event-"):
            self.events.append(frame)
        return frame

    async def told(self, command: str) -> str:
        """What an api command answers."""
        return (await self.ask(f"api {command}")).body.decode()

    async def replied(self, command: str) -> str:
        """The text that replies to a command."""
        return (await self.ask(command)).headers["Reply-Text"]

    async def log_in(self, *commands: str, secret: str = "secret") -> None:
        """Log in and say the commands, all of which are accepted."""
        await self.frame()
        for command in (f"auth {secret}", *commands):
            assert (await self.replied(command)).startswith("+OK"), command

    async def until(self, name: str) -> dict[str, str]:
        """The first event of this name from now on."""
        while True:
            frame = await self.frame()
            assert frame.head, f"no {name} came"
            if frame.kind == "text/event-plain":
                self.events.append(frame)
                if frame.event["Event-Name"] == name:
                    return frame.event

    async def rest(self) -> list[Frame]:
        """Every message until the connection ends, those kept first."""
        frames, self.events = self.events, []
        while (frame := await self.frame()).head:
            frames.append(frame)
        return frames


@contextlib.asynccontextmanager
async def connected(player: FreeswitchPlayer) -> AsyncIterator[Client]:
    """A client to which nothing has been said."""
    reader, writer = await asyncio.open_connection(player.host, player.port, limit=2**22)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


@cache
def score(name: str) -> Score:
    """The score of one of the streams."""
    return Score(load(STREAMS, name))


def as_recorded(plant: Plant) -> list[str]:
    """The values of a call that is played under its own old names, at its own old time."""
    values = list(plant.values(Identity(), Names(), plant.origin / 1e6, 1.0))
    for literal, slot in plant.slots.items():
        values[slot] = literal
    for session, slot in plant.sessions.items():
        values[slot] = session
    return values


def names(frames: list[Frame]) -> list[str]:
    """The names of the plain events among the frames."""
    return [frame.event["Event-Name"] for frame in frames if frame.kind == "text/event-plain"]


def wire(name: str) -> list[Frame]:
    """The messages that a real FreeSWITCH sent of this stream with `event plain`, without heartbeats."""
    data = gzip.decompress((TRACES / "wire" / f"{name}.plain.gz").read_bytes())
    frames, at = [], 0
    while at < len(data):
        ends = data.index(b"\n\n", at)
        head = data[at:ends]
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        at = ends + 2 + int(length[1])
        frames.append(Frame(head, data[ends + 2 : at]))
    return [frame for frame in frames if frame.event["Event-Name"] != "HEARTBEAT"]
