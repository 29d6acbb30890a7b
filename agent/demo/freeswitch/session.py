"""One client on the event socket: login, rights, which events it gets, and its end.

A command wakes the listener and is answered at once, then the events that wait are written; while a command has come in
half, no event is written at all. Who loses too many events is sent a notice and closed, and until that notice gets
through nobody else is served (as seen: the events of all others froze until the stalled socket was read).

Not played: events as XML, `myevents`, `sendevent`, lines of the log, the heartbeat.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from agent.demo.freeswitch import desk
from agent.demo.freeswitch.esl import AUTH_REQUEST, Account, Command, CommandReader, View, reply, sized
from agent.demo.freeswitch.outbox import Limits, Outbox

LOG_IN_WITHIN = 25.0  # seconds, for each packet before the login
GOODBYE = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
STOPPING = b"The system is being shut down.\n"
LOST = b"killed listener because of lost events\n"
DENIED = b"Access Denied, go away.\n"
LEVELS = ("console", "alert", "crit", "err", "warning", "notice", "info", "debug")


class Host(desk.Pbx, Protocol):
    """What a session needs of the PBX it belongs to."""

    @property
    def password(self) -> str: ...

    @property
    def accounts(self) -> Mapping[str, Account]: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def welcome(self) -> bool: ...

    @property
    def frozen(self) -> bool: ...

    def joined(self, session: "Session") -> None:
        """A client has logged in."""

    def listening(self) -> None:
        """A client has asked for events."""

    def left(self, session: "Session") -> None:
        """A connection is gone, logged in or not."""

    def freeze(self, session: "Session") -> None:
        """A notice is stuck in this session's socket."""

    def finished_job(self, job: str, command: str, told: str) -> None:
        """A command in the background is done."""


class Session(asyncio.Protocol):
    """One connection. `cut_after`: it ends after so many events; None: it doesn't."""

    def __init__(self, host: Host, cut_after: int | None = None) -> None:
        self._host = host
        self._reader = CommandReader()
        self._commands: deque[Command] = deque()
        self._outbox = Outbox(host.limits, self._may_hear, cut_after)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._greeted = False
        self._ending = False
        self._logging = False
        self.account: Account | None = None
        self.view = View()

    @property
    def events_left(self) -> int | None:
        """Events until it is cut."""
        return self._outbox.events_left

    @property
    def writable(self) -> asyncio.Event:
        """Set while it takes more."""
        return self._outbox.writable

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._outbox.opened(transport)
        self._timer = asyncio.get_running_loop().call_later(LOG_IN_WITHIN, self._too_slow_to_log_in)
        self.wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None
        self._outbox.closed()
        self._host.left(self)

    def pause_writing(self) -> None:
        self._outbox.pause()

    def resume_writing(self) -> None:
        self._outbox.resume()
        if self._ending:
            self._close()
        else:
            self._outbox.drain()

    def data_received(self, data: bytes) -> None:
        self._commands.extend(self._reader.feed(data))
        self.wake()

    def wake(self) -> None:
        """Answer what was asked, then write the events that wait; not while the whole PBX stands still."""
        if self._host.frozen or self._ending or self._transport is None:
            return
        if not self._greeted:
            self._greeted = True
            self._greet()
        while self._commands and not self._ending:
            self._take(self._commands.popleft())
        self._outbox.drain()

    def deliver(self, events: Sequence[bytes]) -> None:
        """Queue events this client is to see, one each; they are written when it wakes next."""
        if not self._outbox.put(events, counted=not self._host.frozen):
            self.kill(LOST)

    def kill(self, notice: bytes) -> None:
        """Send a notice and close; if it can't be sent, everything waits for it."""
        self._outbox.forget()
        self._host.left(self)
        stuck = self._outbox.stalled
        self._outbox.say(sized("text/disconnect-notice", notice))
        if stuck:
            self._ending = True
            self._host.freeze(self)
        else:
            self._close()

    def close(self) -> None:
        """End the connection; what was queued still goes out."""
        self._outbox.drain(whole=True)
        self._close()

    def vanish(self) -> None:
        """End the connection as a process does that is killed: what was queued is lost."""
        self._outbox.forget()
        self._close()

    def abort(self) -> None:
        """End the connection whatever is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    def _may_hear(self) -> bool:
        return not (self._host.frozen or self._ending or self._reader.is_amid)

    def _close(self) -> None:
        self._ending = True
        if self._transport is not None:
            self._transport.close()

    def _greet(self) -> None:
        if self._host.welcome:
            self._outbox.say(AUTH_REQUEST)
        else:
            self._outbox.say(sized("text/rude-rejection", DENIED))
            self._leave()

    def _leave(self) -> None:
        self._outbox.say(sized("text/disconnect-notice", GOODBYE))
        self._close()

    def _too_slow_to_log_in(self) -> None:
        if self.account is None:
            self._leave()

    def _take(self, command: Command) -> None:
        line = command.line
        word = line.partition(" ")[0].lower()
        if word.startswith(("exit", "...")):
            self._outbox.say(reply("+OK bye"))
            self._leave()
        elif self.account is None:
            self._log_in(line)
        elif word in ("api", "bgapi") and " " in line:
            self._run(self.account, word, line.partition(" ")[2], command.headers.get("job-uuid", ""))
        else:
            self._outbox.say(reply(self._told(self.account, line, word)))

    def _log_in(self, line: str) -> None:
        how, _, who = line.partition(" ")
        account = None
        if how.lower() == "auth" and who == self._host.password:
            account = Account("", who)
            told = "+OK accepted"
        elif how.lower() == "userauth":
            account = self._user(who)
            told = _rights(account) if account is not None else ""
        elif how.lower() != "auth":
            self._outbox.say(reply("-ERR command not found"))
            return
        if account is None:
            self._outbox.say(reply("-ERR invalid"))
            self._leave()
            return
        self.account = account
        if self._timer is not None:
            self._timer.cancel()
        self._outbox.say(reply(told))
        self._host.joined(self)

    def _user(self, who: str) -> Account | None:
        """`user@domain:password`, or `user:password@domain`."""
        user, _, domain = who.partition("@")
        user, _, password = user.partition(":")
        domain, _, after = domain.partition(":")
        account = self._host.accounts.get(f"{user}@{domain}")
        return account if account is not None and account.password == (after or password) else None

    def _told(self, account: Account, line: str, word: str) -> str:
        """The reply to what is neither a login nor a command of the api."""
        words = line.split(" ")[1:]
        if word == "filter":
            self.view, told = self.view.filtered(line.partition(" ")[2])
        elif word.startswith("event"):
            self.view, told = self.view.asked(words, account.may_hear)
            if told.startswith("+OK"):
                self._host.listening()
        elif word.startswith("nixevent"):
            self.view, told = self.view.nix(words)
        elif word.startswith("noevents"):
            told = "+OK no longer listening for events" if self.view.listens else "-ERR not listening for events"
            self.view = View(written=self.view.written, filters=self.view.filters)
            self._outbox.forget()
        elif word.startswith(("linger", "nolinger")):
            told = "-ERR not controlling a session"
        elif word.startswith("divert_events"):
            told = "-ERR not controlling a session."
        elif word.startswith("sendmsg"):
            told = f"-ERR invalid session id [{''.join(words[:1])}]"
        elif word.startswith(("log", "nolog")):
            told = self._log(account, word, "".join(words[:1]))
        else:
            told = "-ERR command not found"
        return told

    def _log(self, account: Account, word: str, level: str) -> str:
        """No line of a log is ever sent; whether they would be is remembered."""
        if word.startswith("nolog"):
            was, self._logging = self._logging, False
            return "+OK no longer logging" if was else "-ERR not loging"
        if not account.log:
            return "-ERR permission denied"
        number = int(level) if level.isdecimal() and int(level) < len(LEVELS) else len(LEVELS) - 1
        if level and not level.isdecimal():
            if level.lower() not in LEVELS:
                return "-ERR invalid log level"
            number = LEVELS.index(level.lower())
        self._logging = True
        return f"+OK log level {level} [{number}]"

    def _run(self, account: Account, word: str, text: str, job: str) -> None:
        command, _, argument = text.partition(" ")
        if not account.may_run(command, argument):
            self._outbox.say(reply("-ERR permission denied"))
        elif word == "api":
            told = desk.answer(text, self._host)
            self._outbox.say(sized("api/response", told.encode("utf-8", "surrogateescape")))
        else:
            job = job or str(uuid.uuid4())
            self._outbox.say(reply(f"~Reply-Text: +OK Job-UUID: {job}\nJob-UUID: {job}\n\n"))
            self._host.finished_job(job, text, desk.answer(text, self._host))


def _rights(account: Account) -> str:
    """The reply to a login by name."""
    return (
        f"~Reply-Text: +OK accepted\nAllowed-Events: {account.events or 'all'}\n"
        f"Allowed-API: {account.api or 'all'}\nAllowed-LOG: {'true' if account.log else 'false'}\n\n"
    )
