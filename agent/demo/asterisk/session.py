"""One manager client on the socket: login, rights, which events it gets, and what becomes of one that doesn't read."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from agent.demo.asterisk import desk
from agent.demo.asterisk.ami import (
    BANNER,
    Account,
    Action,
    ActionReader,
    LineTooLong,
    View,
    block,
    error,
    event_mask,
    id_line,
    success,
)

AUTH_TIMEOUT = 30.0  # manager.conf's authtimeout: seconds to log in
REFUSAL_DELAY = 1.0  # an Asterisk thinks for a second before it refuses a login


class Host(desk.Pbx, Protocol):
    """What a session needs of the PBX it belongs to."""

    @property
    def accounts(self) -> Mapping[str, Account]: ...

    @property
    def write_timeout(self) -> float: ...

    @property
    def refusal_delay(self) -> float: ...

    def joined(self, session: "Session") -> None:
        """A client has logged in."""

    def left(self, session: "Session") -> None:
        """A connection is gone, logged in or not."""


class Session(asyncio.Protocol):
    """One connection. `events_left` counts down to a cut in the middle of the stream; None: no cut."""

    def __init__(self, host: Host, events_left: int | None = None) -> None:
        self._host = host
        self._reader = ActionReader()
        self._transport: asyncio.Transport | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._stuck: asyncio.TimerHandle | None = None
        self._refused = False
        self.account: Account | None = None
        self.view = View(frozenset())
        self.events_left = events_left
        self.events_sent = 0
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(AUTH_TIMEOUT, self._too_slow_to_log_in))
        transport.write(BANNER)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._stuck is not None:
            self._stuck.cancel()
        self._transport = None
        self.writable.set()
        self._host.left(self)

    def pause_writing(self) -> None:
        self.writable.clear()
        loop = asyncio.get_running_loop()
        self._stuck = loop.call_later(self._host.write_timeout, self._give_up)

    def resume_writing(self) -> None:
        self.writable.set()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def data_received(self, data: bytes) -> None:
        for read in self._reader.feed(data):
            if self._refused or self._transport is None:
                return
            if isinstance(read, LineTooLong):
                self._say(error(None, "Failed to parse message: line too long"))
            else:
                self._take(read)

    def close(self) -> None:
        """End the connection as a PBX that goes away does: what was written still goes out, then the end."""
        if self._transport is not None:
            self._transport.close()

    def deliver(self, events: Sequence[bytes]) -> None:
        """Send events this client is to see. Each item is one event, or several joined while no cut is armed."""
        if self._transport is None:
            return
        if self.events_left is None:
            self._transport.writelines(events)
            return
        due = events[: self.events_left]
        self.events_left -= len(due)
        self._transport.writelines(due)
        if self.events_left == 0:
            self.close()

    def _give_up(self) -> None:
        # an Asterisk closes a client that let its write time out, without a word
        if self._transport is not None:
            self._transport.abort()

    def _too_slow_to_log_in(self) -> None:
        if self.account is None:
            self.close()

    def _say(self, text: str) -> None:
        if self._transport is not None:
            self._transport.write(text.encode("utf-8", "surrogateescape"))

    def _take(self, action: Action) -> None:
        name = action.name.lower()
        if not name:
            self._say(error(action, "Missing action in request"))
        elif name == "logoff":
            bye = block(("Message", "Thanks for all the fish."))
            self._say("Response: Goodbye\r\n" + id_line(action) + bye)
            self.close()
        elif self.account is None and name != "login":
            self._say(error(action, "Permission denied"))
        elif name == "login":
            self._log_in(action)
        elif self.account is not None and name == "events":
            self._set_mask(self.account, action)
        elif self.account is not None:
            self._say(desk.answer(action, self.account, self._host))

    def _set_mask(self, account: Account, action: Action) -> None:
        self.view = View(event_mask(action.get("EventMask"), account.read), account.filters)
        self._say(success(action, ("Events", "On" if self.view.classes else "Off")))

    def _log_in(self, action: Action) -> None:
        if self.account is not None:
            self._say(success(action, ("Message", "Already authenticated")))
            return
        account = self._host.accounts.get(action.get("Username"))
        if account is None or account.secret != action.get("Secret"):
            self._refused = True
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(self._host.refusal_delay, self._refuse, action))
            return
        self.account = account
        classes = event_mask(action.get("Events") or "on", account.read)
        self.view = View(classes, account.filters)
        self._say(success(action, ("Message", "Authentication accepted")))
        if "system" in classes:
            self._say(self._fully_booted())
        self._host.joined(self)

    def _fully_booted(self) -> str:
        uptime = str(int(time.time() - self._host.booted))
        return block(
            ("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", uptime), ("LastReload", uptime),
            ("Status", "Fully Booted"),
        )  # fmt: skip

    def _refuse(self, action: Action) -> None:
        self._say(error(action, "Authentication failed"))
        self.close()
