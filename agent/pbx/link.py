"""One supervised connection to a PBX, whichever it is: connect, stay, notice every way it fails, come back.

The socket is always read, whatever else stands still: what the session makes of the bytes is handed on at once, in the
loop's own callback. Any byte proves the peer alive; when none came for a while it is pinged, and must answer.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from agent.pbx.events import Gap, LegEvent
from agent.pbx.trouble import PATIENT, Cause, Trouble

log = logging.getLogger(__name__)

CONNECT_WITHIN = 5.0
LOGIN_WITHIN = 15.0
"""Seconds from connecting to live: login, boot, listing. A PBX that boots takes longer and is tried again."""
QUIET_AFTER = 15.0
PONG_WITHIN = 5.0
LIST_EVERY = 600.0
"""Seconds after which all living legs are asked for anew: a leg whose end was lost goes then."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0


class Session(Protocol):
    """One login at one kind of PBX, sans-I/O."""

    goodbye: str

    @property
    def is_live(self) -> bool:
        """Logged in, and the calls in flight are known."""

    @property
    def is_booting(self) -> bool:
        """Logged in, but the PBX hasn't finished booting."""

    def feed(self, data: bytes) -> list[LegEvent]:
        """Bytes in, events out. Raises Trouble."""

    def outgoing(self) -> bytes:
        """Bytes to write now."""

    def ping(self) -> None:
        """Ask for a sign of life."""

    def list_anew(self) -> list[LegEvent]:
        """Ask for all living legs again."""

    def log_off(self) -> None:
        """Say goodbye."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the PBX listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class LinkWatcher(Protocol):
    """Who is told how the link stands."""

    def linked(self, seconds_away: float | None) -> None:
        """The link is live; it was away so long (None: this is the first time)."""

    def unlinked(self, trouble: Trouble) -> None:
        """The link is down. Told once for each cause."""


class Link:
    """Keeps one connection up for as long as `run` runs."""

    def __init__(
        self,
        address: Address,
        open_session: Callable[[], Session],
        take: Callable[[list[LegEvent]], None],
        watcher: LinkWatcher,
        random: Random,
    ) -> None:
        self._address = address
        self._open_session = open_session
        self._take = take
        self._watcher = watcher
        self._random = random
        self._connection: _Connection | None = None
        self._lost_at: float | None = None
        self._told: Cause | None = None
        self.last_heard = 0.0
        """Loop time of the last byte; 0 before the first."""

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            trouble, was_live = await self._one_connection()
            if was_live:
                failures = 0
            if self._told is not trouble.cause or was_live:
                self._told = trouble.cause
                self._watcher.unlinked(trouble)
            else:
                log.debug("still: %s", trouble.sentence)
            await asyncio.sleep(self._wait(trouble.cause, failures))
            failures += 1

    def drop(self, trouble: Trouble) -> None:
        """Close the present connection for this reason; it is made anew and everything listed again."""
        if self._connection is not None:
            self._connection.fail(trouble)

    def list_anew(self) -> None:
        """Ask for all living legs now. Nothing while there is no link: it is done when it is back."""
        if self._connection is not None:
            self._connection.list_anew()

    def _wait(self, cause: Cause, failures: int) -> float:
        if cause in PATIENT:
            return LONGEST_WAIT * self._random.uniform(0.5, 1.0)
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures, 10)) * self._random.uniform(0.5, 1.0)

    async def _one_connection(self) -> tuple[Trouble, bool]:
        loop = asyncio.get_running_loop()
        connection = _Connection(self._open_session(), self._take, loop)
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await loop.create_connection(lambda: connection, self._address.host, self._address.port)
        except (OSError, TimeoutError) as error:
            return _unreachable(self._address, error), False
        self._connection = connection
        try:
            return await self._stay(connection, loop)
        finally:
            self._connection = None
            connection.close()

    async def _stay(self, connection: "_Connection", loop: asyncio.AbstractEventLoop) -> tuple[Trouble, bool]:
        began, was_live, listed_at = loop.time(), False, loop.time()
        pinged_at: float | None = None
        while connection.trouble is None:
            now = loop.time()
            self.last_heard = connection.heard_at
            if not was_live and connection.session.is_live:
                was_live = True
                self._watcher.linked(None if self._lost_at is None else now - self._lost_at)
                self._told = None
            if not was_live and now - began > LOGIN_WITHIN:
                connection.fail(_too_slow(self._address, connection.session.is_booting))
            elif pinged_at is not None and connection.heard_at >= pinged_at:
                pinged_at = None
            elif pinged_at is not None and now - pinged_at > PONG_WITHIN:
                connection.fail(_silent(self._address, now - connection.heard_at))
            elif pinged_at is None and now - connection.heard_at > QUIET_AFTER:
                pinged_at = now
                connection.ping()
            elif was_live and now - listed_at > LIST_EVERY:
                listed_at = now
                connection.list_anew()
            await connection.change(within=1.0)
        if was_live:
            self._lost_at = loop.time()
            self._take([Gap()])
        return connection.trouble, was_live


class _Connection(asyncio.Protocol):
    """The socket's end of one session."""

    def __init__(
        self, session: Session, take: Callable[[list[LegEvent]], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.session = session
        self.trouble: Trouble | None = None
        self.heard_at = loop.time()
        self._take = take
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        if self.trouble is not None:
            return
        was_live = self.session.is_live
        try:
            events = self.session.feed(data)
        except Trouble as trouble:
            self.fail(trouble)
            return
        self._write()
        if events:
            self._take(events)
        if self.session.is_live is not was_live:
            self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(_closed(self.session, exc))

    async def change(self, within: float) -> None:
        """Returns when the session went live, the connection ended, or the seconds are over."""
        self._changed.clear()
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            pass

    def ping(self) -> None:
        self.session.ping()
        self._write()

    def list_anew(self) -> None:
        events = self.session.list_anew()
        self._write()
        if events:
            self._take(events)

    def fail(self, trouble: Trouble) -> None:
        self._end(trouble)
        if self._transport is not None:
            self._transport.abort()

    def _end(self, trouble: Trouble) -> None:
        if self.trouble is None:
            self.trouble = trouble
            self._changed.set()

    def close(self) -> None:
        """Say goodbye and let go."""
        if self._transport is not None and not self._transport.is_closing():
            self.session.log_off()
            self._write()
            self._transport.close()

    def _write(self) -> None:
        out = self.session.outgoing()
        if out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(out)


def _unreachable(address: Address, error: Exception) -> Trouble:
    why = "it doesn't answer" if isinstance(error, TimeoutError) else str(error)
    return Trouble(
        Cause.UNREACHABLE,
        f"The PBX can't be reached at {address}: {why}.",
        "Is it running, is its event interface enabled, and are `[pbx] host` and `port` right?",
    )


def _too_slow(address: Address, booting: bool) -> Trouble:
    if booting:
        return Trouble(
            Cause.BOOTING,
            f"The PBX at {address} let us in, but doesn't say that it has booted.",
            "If it is running normally, the user lacks a right: `secondring doctor` tells which.",
        )
    return Trouble(
        Cause.SILENT,
        f"The PBX at {address} took the connection, but the login was not finished in {LOGIN_WITHIN:.0f} s.",
        "Is it overloaded, or is something else listening on that port?",
    )


def _silent(address: Address, seconds: float) -> Trouble:
    return Trouble(
        Cause.SILENT,
        f"The PBX at {address} has said nothing for {seconds:.0f} s and doesn't answer a ping.",
        "The link is made anew; look at the PBX's load and the network between.",
    )


def _closed(session: Session, exc: Exception | None) -> Trouble:
    if session.goodbye:
        return Trouble(
            Cause.GOODBYE, f"The PBX closed the link: {session.goodbye}.", "It is tried again until it is back."
        )
    why = f" ({exc})" if exc else ""
    return Trouble(
        Cause.CLOSED,
        f"The PBX closed the link without a word{why}.",
        "It was killed, or dropped us for reading too slowly; the link is made anew and the calls are listed again.",
    )
