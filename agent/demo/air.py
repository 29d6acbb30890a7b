"""Who listens to the PBX, and what each kind of listener is to get at the next flush."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, Protocol, TypeVar

V = TypeVar("V", bound=Hashable)
ViewOf = TypeVar("ViewOf", covariant=True)


class Listener(Protocol[ViewOf]):
    """One connection that is logged in. `view`: which events it is shown, and how they are written."""

    @property
    def view(self) -> ViewOf: ...

    @property
    def events_left(self) -> int | None: ...

    @property
    def writable(self) -> asyncio.Event: ...

    def deliver(self, events: Sequence[bytes]) -> None:
        """Send events this client is to see."""


class Air(Generic[V]):
    """Collects what is said, once for each view, and hands it to all who have that view."""

    def __init__(self) -> None:
        self.listeners: set[Listener[V]] = set()
        self.events_sent = 0
        self._out: dict[V, list[bytes]] = {}

    @property
    def cutting(self) -> bool:
        """Whether somebody's connection is to end after so many events, so that each must stand by itself."""
        return any(listener.events_left is not None for listener in self.listeners)

    def outlets(self) -> dict[V, list[bytes]]:
        """For each view among those who listen, where to put what it is to get."""
        for listener in self.listeners:
            self._out.setdefault(listener.view, [])
        return self._out

    def say(self, wording: Callable[[V], bytes | None]) -> None:
        """Say one event, as each view is told it; None: not at all."""
        for view, out in self.outlets().items():
            data = wording(view)
            if data is not None:
                self.events_sent += 1
                out.append(data)

    def flush(self) -> None:
        """Hand on what was collected."""
        for listener in list(self.listeners):
            out = self._out.get(listener.view)
            if out:
                listener.deliver(out)
        self._out.clear()

    async def room(self) -> None:
        """Wait until every listener takes more."""
        for listener in list(self.listeners):
            await listener.writable.wait()
