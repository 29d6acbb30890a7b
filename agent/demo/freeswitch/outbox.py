"""What waits to be written to one client of the event socket, and what becomes of one that doesn't read.

A real listener is a thread that sleeps on its socket for up to 20 ms: a command wakes it, an event doesn't, so that
events are written at its next waking. It writes one thing after the other and waits for the socket; meanwhile events
queue up, up to a limit, and what comes then is lost.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

POLL = 0.02  # seconds
AT_ONCE = 64  # events written before the socket is looked at again
ENOUGH = 2000  # events waiting for the next poll, for a play without a clock to wait for it, too


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a client may not read: `queue` events are kept for it, and when more than `lost` are lost it is killed.

    `patience`: seconds for which a play without a clock waits for a client's socket.
    """

    queue: int = 100_000
    lost: int = 500
    patience: float = 1.0


class Outbox:
    """The events of one connection. `events_left` counts down to a cut in the middle of them; None: no cut.

    `may_write`: whether events may be written at all now.
    """

    def __init__(self, limits: Limits, may_write: Callable[[], bool], events_left: int | None) -> None:
        self._limits = limits
        self._may_write = may_write
        self._queue: deque[bytes] = deque()
        self._lost = 0
        self._transport: asyncio.Transport | None = None
        self._awake = 0.0
        self._poll: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.events_left = events_left
        self.stalled = False
        self.writable = asyncio.Event()
        self.writable.set()

    def opened(self, transport: asyncio.Transport) -> None:
        """There is somebody to write to."""
        self._transport = transport
        transport.set_write_buffer_limits(high=0)

    def closed(self) -> None:
        """There is nobody any more."""
        for timer in (self._poll, self._patience):
            if timer is not None:
                timer.cancel()
        self._transport = None
        self.forget()

    def pause(self) -> None:
        """The socket takes no more."""
        self.stalled = True
        self.writable.clear()
        self._patience = asyncio.get_running_loop().call_later(self._limits.patience, self.writable.set)

    def resume(self) -> None:
        """It does again."""
        self.stalled = False
        if self._patience is not None:
            self._patience.cancel()

    def put(self, events: Sequence[bytes], counted: bool) -> bool:
        """Queue events. `counted`: the limits hold. False: too many were lost."""
        for event in events:
            if len(self._queue) < self._limits.queue or not counted:
                self._queue.append(event)
                self._lost = 0
                continue
            self._lost += 1
            if self._lost > self._limits.lost:
                return False
        if len(self._queue) >= ENOUGH and not self.stalled:
            self.writable.clear()
        if self._poll is None and self._queue and not self.stalled:
            loop = asyncio.get_running_loop()
            slept = (loop.time() - self._awake) % POLL
            self._poll = loop.call_later(POLL - slept, self._polled)
        return True

    def forget(self) -> None:
        """What waits is never written."""
        self._queue.clear()
        self.writable.set()

    def say(self, data: bytes) -> None:
        """Write something else, before the events that wait."""
        if self._transport is not None:
            self._transport.write(data)

    def drain(self, whole: bool = False) -> None:
        """Write the events that wait, as far as the socket takes them; `whole`: and what it doesn't, too."""
        self._awake = asyncio.get_running_loop().time()
        if self._transport is None or not self._may_write():
            return
        while self._queue and (whole or not self.stalled):
            many = min(AT_ONCE, len(self._queue), AT_ONCE if self.events_left is None else self.events_left)
            self._transport.writelines([self._queue.popleft() for _ in range(many)])
            if self.events_left is not None:
                self.events_left -= many
                if self.events_left == 0:
                    self._transport.close()
                    self.forget()
        if not self.stalled:
            self.writable.set()

    def _polled(self) -> None:
        self._poll = None
        self.drain()
