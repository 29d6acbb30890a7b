"""Keeps one web server's connections few and short, whatever comes: an attacker can have places, never memory or time.

While all places are taken nobody is let in: the system's own queue holds who comes, at no cost to this program. A place
is free again when a connection ends; one that doesn't bring a whole request in time is ended, and while places run out
none is kept for a further request.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 64
"""Side by side. The provider and a reverse proxy use a handful."""
REQUEST_WITHIN = 10.0
"""Seconds for the first whole request of a connection."""
ONE_MORE_WITHIN = 15.0
"""Seconds for each further whole request of a connection that was kept."""
TRY_AGAIN = 0.1


class Door:
    """Lets connections in. `open_one` makes the protocol that serves one."""

    def __init__(self, open_one: Callable[[], asyncio.Protocol]) -> None:
        self._open_one = open_one
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)
        self._inside: dict[asyncio.BaseTransport, _Guarded] = {}

    async def let_in(self, listening: socket.socket) -> None:
        """Accept until cancelled; then nobody stays inside."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._places.acquire()
                try:
                    connection, _ = await loop.sock_accept(listening)
                    await loop.connect_accepted_socket(self._guard, connection)
                except OSError as error:  # out of descriptors, or it was gone again
                    self._places.release()
                    log.debug("action=web a connection could not be taken: %s", error)
                    await asyncio.sleep(TRY_AGAIN)
        finally:
            for guarded in list(self._inside.values()):
                guarded.put_out()

    def may_stay(self, transport: asyncio.BaseTransport | None) -> bool:
        """Whether a connection that has brought something worth having may stay a while: not if places run out."""
        guarded = self._inside.get(transport) if transport is not None else None
        if guarded is None or self._places.locked():
            return False
        guarded.wait(ONE_MORE_WITHIN)
        return True

    def _guard(self) -> asyncio.Protocol:
        return _Guarded(self._open_one(), self._inside, self._places)


class _Guarded(asyncio.Protocol):
    """Passes everything on to the protocol inside, and ends the connection when its time is over."""

    def __init__(
        self,
        inside: asyncio.Protocol,
        known: "dict[asyncio.BaseTransport, _Guarded]",
        places: asyncio.Semaphore,
    ) -> None:
        self._inside = inside
        self._known = known
        self._places = places
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def put_out(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def wait(self, seconds: float) -> None:
        """It has so long from now."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.put_out)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._known[transport] = self
        self.wait(REQUEST_WITHIN)
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
        assert self._transport is not None and self._timer is not None
        self._timer.cancel()
        del self._known[self._transport]
        self._transport = None
        self._places.release()
        self._inside.connection_lost(exc)
