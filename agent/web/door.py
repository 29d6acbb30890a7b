"""Keeps one web server's connections few and short, whatever comes: an attacker can take places, never memory or time.

A connection that doesn't bring a whole request in time is closed, and so is every one above a number.
"""

import asyncio
from collections.abc import Callable

MOST_CONNECTIONS = 100
"""Side by side. The provider and a reverse proxy use a handful."""
REQUEST_WITHIN = 10.0
"""Seconds for a whole request, from the opening of the connection or the end of the one before."""


class Door:
    """Lets connections in. `open_one` makes the protocol that serves one."""

    def __init__(self, open_one: Callable[[], asyncio.Protocol]) -> None:
        self._open_one = open_one
        self._inside: dict[asyncio.BaseTransport, _Guarded] = {}
        self.refused = 0

    def __call__(self) -> asyncio.Protocol:
        """The protocol of one new connection."""
        if len(self._inside) >= MOST_CONNECTIONS:
            self.refused += 1
            return _Refused()
        return _Guarded(self._open_one(), self._inside)

    def served(self, transport: asyncio.BaseTransport | None) -> None:
        """A request on this connection was answered: the next one has its time anew."""
        guarded = self._inside.get(transport) if transport is not None else None
        if guarded is not None:
            guarded.wait_anew()


class _Refused(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class _Guarded(asyncio.Protocol):
    """Passes everything on to the protocol inside, and closes the connection when its time is over."""

    def __init__(self, inside: asyncio.Protocol, known: dict[asyncio.BaseTransport, "_Guarded"]) -> None:
        self._inside = inside
        self._known = known
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def wait_anew(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._timer = asyncio.get_running_loop().call_later(REQUEST_WITHIN, self._transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._known[transport] = self
        self.wait_anew()
        self._inside.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._inside.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inside.eof_received()

    def pause_writing(self) -> None:
        self._inside.pause_writing()

    def resume_writing(self) -> None:
        self._inside.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._known.pop(self._transport, None)
        self._transport = self._timer = None
        self._inside.connection_lost(exc)
