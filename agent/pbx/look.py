"""One connection of doctor's to a PBX: the agent's own session on it, and everything it hears told to doctor, too."""

import asyncio
import os
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from agent.pbx.events import LegEvent
from agent.pbx.trouble import Cause, Trouble

CONNECT_WITHIN = 5.0


class Session(Protocol):
    """One login at one kind of PBX, sans-I/O, that tells how far it has come (agent.pbx.link.Session)."""

    @property
    def stage(self) -> Enum: ...
    @property
    def is_booting(self) -> bool: ...
    def feed(self, data: bytes) -> list[LegEvent]: ...
    def outgoing(self) -> bytes: ...
    def log_off(self) -> None: ...


class Look:
    """A connection that is only looked at. `hear` is given all bytes, after the session; `remedies` by kind of failure.

    `remedies` has UNREACHABLE, BOOTING, SILENT and CLOSED: what the admin does where it comes to that.
    """

    def __init__(self, session: Session, hear: Callable[[bytes], None], remedies: dict[Cause, str]) -> None:
        self._session = session
        self._hear = hear
        self._remedies = remedies
        self._began = 0.0
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def milliseconds(self) -> float:
        """Since the connection was begun."""
        return (asyncio.get_running_loop().time() - self._began) * 1000

    async def connect(self, host: str, port: int) -> None:
        """Raises Trouble."""
        self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                self._reader, self._writer = await asyncio.open_connection(host, port)
        except OSError as error:  # a TimeoutError is one
            raise self._trouble(Cause.UNREACHABLE, f"{host}:{port} can't be reached: {_why(error)}") from error

    def write(self, data: bytes) -> None:
        """Ask something beside the session."""
        assert self._writer is not None
        self._writer.write(data)

    async def until(self, done: Callable[[], bool], within: float) -> None:
        """Read until it is so. Raises Trouble."""
        try:
            async with asyncio.timeout(within):
                while not done():
                    await self._read()
        except TimeoutError:
            raise self._too_slow(within) from None

    async def for_a_while(self, seconds: float, enough: Callable[[], bool]) -> None:
        """Look at what comes by itself, until it is enough. Raises Trouble."""
        try:
            async with asyncio.timeout(seconds):
                while not enough():
                    await self._read()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Say goodbye."""
        if self._writer is not None:
            self._session.log_off()
            self._writer.write(self._session.outgoing())
            self._writer.close()

    async def _read(self) -> None:
        assert self._reader is not None and self._writer is not None
        try:
            data = await self._reader.read(65536)
        except OSError as error:
            raise Trouble(Cause.CLOSED, f"the connection broke: {error.strerror or error}", "Try again.") from error
        if not data:
            raise self._trouble(Cause.CLOSED, f"the PBX closed the connection while {self._session.stage.value}")
        self._session.feed(data)
        out = self._session.outgoing()
        if out:
            self._writer.write(out)
        self._hear(data)

    def _too_slow(self, within: float) -> Trouble:
        if self._session.is_booting:
            return self._trouble(Cause.BOOTING, "the PBX let us in, but doesn't say that it has booted")
        return self._trouble(Cause.SILENT, f"nothing more came for {within:.0f} s while {self._session.stage.value}")

    def _trouble(self, cause: Cause, sentence: str) -> Trouble:
        return Trouble(cause, sentence, self._remedies[cause])


def _why(error: OSError) -> str:
    if error.errno is None:
        return "it doesn't answer"
    if error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)  # the name can't be resolved
