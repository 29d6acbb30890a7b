"""A PBX with a plan, on loopback: what every kind of player does. Each kind has its own `player.py` in its folder."""

import abc
import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Generic, Protocol, Self

from agent.demo.clock import Clock
from agent.demo.engine import CallOf, Engine, Stage, Watcher
from agent.demo.plan import PlannedCall
from agent.demo.truth import Truth


class Connection(Protocol):
    """One client's connection, logged in or not."""

    def close(self) -> None:
        """End it; what was said still goes out."""


class Playing(abc.ABC, Generic[CallOf]):
    """Start it with `async with`; it listens from then on and plays from the first listener on.

    `cuts`: the first connection is closed after so many events, the second after so many, and so on; the calls go on
    meanwhile. `watch` is told of every milestone of every call. `records`: what the PBX writes beside its calls.
    Raises OSError where the address is taken or a file can't be opened.
    """

    def __init__(
        self,
        plan: Iterable[PlannedCall],
        stage: Stage[CallOf],
        records: contextlib.AbstractContextManager[object],
        *,
        host: str,
        port: int,
        speed: float,
        truth: Path | None,
        cuts: Sequence[int],
        wait_for_client: bool,
        watch: Watcher | None,
    ) -> None:
        self.booted = time.time()
        self._address = (host, port)
        self._cuts = list(cuts)
        self._wait_for_client = wait_for_client
        self._records = records
        self._truth = Truth(truth)
        self._clock = Clock(speed)
        self._engine = Engine(plan, stage, self._clock, self._truth, watch)
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._playing: asyncio.Task[None] | None = None
        self._exit = contextlib.ExitStack()

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port it listens on, the same before and after a restart."""
        return self._address[1]

    @property
    def processed(self) -> int:
        """Calls since the PBX was started."""
        return self._engine.processed

    @property
    @abc.abstractmethod
    def events_sent(self) -> int:
        """Events sent so far, each counted once however many clients of one view got it."""

    @property
    def most_in_flight(self) -> int:
        """The most calls there were at once."""
        return self._engine.most_in_flight

    @property
    def played(self) -> float:
        """Seconds of play so far."""
        return self._clock.now()

    def calls(self) -> Iterable[CallOf]:
        """The calls in flight."""
        return self._engine.calls

    def pause(self) -> None:
        """Hold all calls where they are; before the first login: until `resume`."""
        self._wait_for_client = False
        self._clock.stop()

    def resume(self) -> None:
        """Let them go on; without a client too."""
        self._clock.start()

    def cut(self) -> None:
        """Close every connection now. The calls go on."""
        for connection in list(self._connections):
            connection.close()

    async def finished(self) -> None:
        """Wait until the plan is through and the last call has ended."""
        assert self._playing is not None, "a player is started with `async with`"
        await asyncio.shield(self._playing)

    @abc.abstractmethod
    def _open(self, cut_after: int | None) -> asyncio.Protocol:
        """Serve a new connection."""

    def _someone_listens(self) -> None:
        if self._wait_for_client:
            self._wait_for_client = False
            self._clock.start()

    def _start_anew(self) -> None:
        self.booted = time.time()
        self._engine.start_anew()

    def _connected(self) -> asyncio.Protocol:
        return self._open(self._cuts.pop(0) if self._cuts else None)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, *self._address, reuse_address=True)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        self._address = (self._address[0], address[1])

    async def _close_server(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        self._exit.enter_context(self._records)
        self._exit.enter_context(self._truth)
        try:
            await self._listen()
        except OSError:
            self._exit.close()
            raise
        if not self._wait_for_client:
            self._clock.start()
        self._playing = asyncio.create_task(self._engine.run(), name="player")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._playing is not None
        try:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
            await self._close_server()
        finally:
            self._engine.abandon()
            self._exit.close()
