"""A manager client for tests: it reads what the player sends as frames."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from agent.demo.player import Player

Frame = list[tuple[str, str]]


class Client:
    """One connection to a player."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.banner = ""

    async def say(self, *headers: str) -> None:
        """Send one action, its headers as given."""
        self._writer.write("".join(header + "\r\n" for header in headers).encode() + b"\r\n")
        await self._writer.drain()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def frame(self) -> Frame:
        """The next frame; an empty one at the end of the connection."""
        async with asyncio.timeout(10):
            try:
                data = await self._reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return []
        return [_header(line) for line in data.decode().removesuffix("\r\n\r\n").split("\r\n") if line]

    async def ask(self, *headers: str) -> list[Frame]:
        """Send an action and return its response, with the rows of the list if it starts one; events are skipped."""
        await self.say(*headers)
        answer: list[Frame] = []
        while True:
            frame = await self.frame()
            given = dict(frame)
            listed = bool(answer) and "ActionID" in given
            if "Response" in given or listed or not frame:
                answer.append(frame)
            if answer and (
                not frame or ("EventList" not in given and len(answer) == 1) or given.get("EventList") == "Complete"
            ):
                return answer

    async def log_in(self, secret: str = "secret", user: str = "secondring") -> list[Frame]:
        """Log in; the response and FullyBooted."""
        await self.say("Action: Login", f"Username: {user}", f"Secret: {secret}")
        return [await self.frame(), await self.frame()]

    async def rest(self) -> list[Frame]:
        """Every frame until the connection ends."""
        frames = []
        while frame := await self.frame():
            frames.append(frame)
        return frames

    async def until(self, event: str) -> list[Frame]:
        """Every frame up to the first event of this name."""
        frames = [await self.frame()]
        while frames[-1] and dict(frames[-1]).get("Event") != event:
            frames.append(await self.frame())
        return frames


def _header(line: str) -> tuple[str, str]:
    key, _, value = line.partition(": ")
    return key, value


@contextlib.asynccontextmanager
async def connected(player: Player) -> AsyncIterator[Client]:
    """A client that has read the banner."""
    reader, writer = await asyncio.open_connection(player.host, player.port)
    client = Client(reader, writer)
    client.banner = (await reader.readuntil(b"\r\n")).decode()
    try:
        yield client
    finally:
        writer.close()
