"""One event socket login, from the request to authenticate to the disconnect notice. Sans-I/O: bytes in, leg events and
bytes out, no clock.

What it asks for is little: is the PBX ready, its core's id, the eight events that tell about legs, one live listing, a
sign of life when it is quiet. Answers come in the order of the questions, and nobody but the PBX can send one: what a
caller writes stands percent-encoded inside an event.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial

from agent.pbx.events import LegEvent, ListingBegins, Restarted
from agent.pbx.freeswitch.channels import APPLICATIONS
from agent.pbx.freeswitch.dialect import EVENTS, Dialect
from agent.pbx.freeswitch.listing import MOST_ROUNDS, Listing, rows_of
from agent.pbx.freeswitch.reader import Frame, NotEventSocket, PlainEvent, Reader
from agent.pbx.trouble import Cause, Trouble

ALWAYS = sorted(name for name in EVENTS if name != "CHANNEL_EXECUTE")
SUBSCRIBE = (
    f"event plain {' '.join(sorted(EVENTS))}",
    f"filter Event-Name /^({'|'.join(ALWAYS)})$/",
    f"filter Application /^({'|'.join(sorted(APPLICATIONS))})$/",
)
"""Filters are OR-ed, and only CHANNEL_EXECUTE has an application: of those events only the ones that tell something."""

ASKED = ("global_getvar", "show", "status", "uptime", "uuid_dump")
"""The commands of its `api` that are used."""
DENIED = b"Reply-Text: -ERR permission denied"
"""How a user of the directory is told that a command is none of his, whichever it is; there is no body then."""

_PREFIX = b"Event-Name: "
_WORTH = frozenset(name.encode() for name in EVENTS)


class Stage(Enum):
    """How far the login has come."""

    GREETING = "waiting for the request to authenticate"
    LOGIN = "logging in"
    READINESS = "asking whether the PBX is ready"
    LISTING = "listing the calls in flight"
    LIVE = "live"


Answered = Callable[[Frame, list[LegEvent]], object]


class Session:
    """One connection's life.

    `user`: of the directory (`userauth`), "" for the socket's own password. `core`: the id of the core that was met
    last, "" if none; another one means that the PBX restarted meanwhile.
    """

    def __init__(self, user: str, password: str, dialect: Dialect, core: str = "") -> None:
        self.stage = Stage.GREETING
        self.core = core
        self.goodbye = ""
        self._user = user
        self._password = password
        self._dialect = dialect
        self._reader = Reader()
        self._out: list[bytes] = []
        self._questions: deque[Answered] = deque()
        self._listing: Listing | None = None

    @property
    def is_live(self) -> bool:
        """Logged in, and the calls in flight are known."""
        return self.stage is Stage.LIVE

    @property
    def is_booting(self) -> bool:
        """Logged in, but the PBX isn't ready."""
        return self.stage is Stage.READINESS

    def feed(self, data: bytes) -> list[LegEvent]:
        """What these bytes say about legs. Raises Trouble; the connection is then to be closed."""
        events: list[LegEvent] = []
        try:
            for frame in self._reader.feed(data):
                self._hear(frame, events)
        except NotEventSocket as error:
            raise _garbled(str(error)) from None
        return events

    def outgoing(self) -> bytes:
        """What is to be written now."""
        out, self._out = b"".join(self._out), []
        return out

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._ask("api uptime", lambda frame, events: None)

    def list_anew(self) -> list[LegEvent]:
        """Ask for all living legs again, to drop those whose end was lost. Nothing while a listing is under way."""
        events: list[LegEvent] = []
        if self._listing is not None and self._listing.is_answered:
            self._end_listing(self._listing, events)
        if self.stage is not Stage.LIVE or self._listing is not None:
            return events
        return [*events, *self._begin_listing()]

    def log_off(self) -> None:
        """Say goodbye."""
        self._ask("exit", lambda frame, events: None)

    def ask_beside(self, command: str, answered: Callable[[Frame], object]) -> None:
        """An `api` command of doctor's, which may be refused."""
        self._out.append(f"api {command}\n\n".encode())
        self._questions.append(lambda frame, events: answered(frame))

    def _ask(self, command: str, answered: Answered) -> None:
        self._out.append(f"{command}\n\n".encode())
        self._questions.append(partial(_unless_denied, answered))

    def _hear(self, frame: Frame, events: list[LegEvent]) -> None:
        match frame.kind:
            case "text/event-plain":
                self._event(frame.body, events)
            case "command/reply" | "api/response":
                if not self._questions:
                    raise _garbled("it answers what nobody asked")
                self._questions.popleft()(frame, events)
            case "auth/request" if self.stage is Stage.GREETING:
                self.stage = Stage.LOGIN
                login = f"userauth {self._user}:{self._password}" if self._user else f"auth {self._password}"
                self._ask(login, self._logged_in)
            case "text/rude-rejection":
                raise Trouble(
                    Cause.REFUSED,
                    "FreeSWITCH refuses connections from this address.",
                    "Its access list decides that: look at apply-inbound-acl in event_socket.conf.xml.",
                )
            case "text/disconnect-notice":
                self.goodbye = "it says goodbye"
            case _ if self.stage is Stage.GREETING:
                raise _garbled(f"it greets with {frame.head[:60]!r}")
            case _:
                pass

    def _event(self, body: bytes, events: list[LegEvent]) -> None:
        if not tells_something(body):
            return
        said = self._dialect.translate(PlainEvent(body))
        events.extend(said)
        listing = self._listing
        if listing is not None:
            for event in said:
                listing.hear(event)
            if listing.is_answered and listing.is_settled(self._dialect):
                self._end_listing(listing, events)

    def _logged_in(self, frame: Frame, events: list[LegEvent]) -> None:
        if b"\nReply-Text: +OK" not in b"\n" + frame.head:
            who = f'user "{self._user}"' if self._user else "the password"
            raise Trouble(
                Cause.REFUSED,
                f"FreeSWITCH refuses {who}.",
                "Compare it with event_socket.conf.xml (for a user: with esl-password in the directory).",
            )
        self.stage = Stage.READINESS
        self._ask("api status", self._ready)

    def _ready(self, frame: Frame, events: list[LegEvent]) -> None:
        if b" is ready" not in frame.body:
            raise Trouble(Cause.BOOTING, "FreeSWITCH let us in, but isn't ready.", "It is tried again until it is.")
        for command in SUBSCRIBE:
            self._ask(command, lambda frame, events: None)
        self._ask("api global_getvar core_uuid", self._core_told)

    def _core_told(self, frame: Frame, events: list[LegEvent]) -> None:
        core = frame.body.decode("ascii", "replace").strip()
        if self.core and core != self.core:
            events.append(Restarted())
        self.core = core
        self.stage = Stage.LISTING
        events.extend(self._begin_listing())

    def _begin_listing(self) -> list[LegEvent]:
        self._listing = Listing()
        self._ask("api show channels as json", self._channels_told)
        return [ListingBegins()]

    def _channels_told(self, frame: Frame, events: list[LegEvent]) -> None:
        assert self._listing is not None
        self._listing.channels = _rows(frame)
        for uuid in dict.fromkeys(row.get("uuid", "") for row in self._listing.channels):
            if _is_name(uuid) and uuid not in self._listing.dumps:
                self._ask(f"api uuid_dump {uuid} json", partial(self._dump_told, uuid))
        self._ask("api show calls as json", self._calls_told)

    def _dump_told(self, uuid: str, frame: Frame, events: list[LegEvent]) -> None:
        assert self._listing is not None
        self._listing.dumped(uuid, frame.body)

    def _calls_told(self, frame: Frame, events: list[LegEvent]) -> None:
        listing = self._listing
        assert listing is not None
        listing.calls = _rows(frame)
        settled = listing.is_settled(self._dialect)
        if not settled and self.is_live:
            listing.is_answered = True  # every event since is heard, the last one of a leg that ends too
        elif not settled and listing.rounds < MOST_ROUNDS:
            listing.rounds += 1
            self._ask("api show channels as json", self._channels_told)
        else:
            self._end_listing(listing, events)

    def _end_listing(self, listing: Listing, events: list[LegEvent]) -> None:
        self._listing = None
        events.append(listing.result(self._dialect))
        self.stage = Stage.LIVE


def tells_something(body: bytes) -> bool:
    """Whether a plain event is one that says something about legs, seen at its first line."""
    return body.startswith(_PREFIX) and body[len(_PREFIX) : body.find(b"\n")] in _WORTH


def _rows(frame: Frame) -> list[dict[str, str]]:
    try:
        return rows_of(frame.body)
    except ValueError:
        said = frame.body[:80].decode("utf-8", "replace").strip()
        raise _garbled(f"asked for its calls, it says {said!r}") from None


def _unless_denied(answered: Answered, frame: Frame, events: list[LegEvent]) -> None:
    if DENIED in frame.head:
        raise Trouble(
            Cause.RIGHTS,
            "FreeSWITCH lets this user not ask for what is needed.",
            f"Allow it (esl-allowed-api) {', '.join(ASKED)}, and (esl-allowed-events) {', '.join(sorted(EVENTS))}.",
        )
    answered(frame, events)


def _is_name(uuid: str) -> bool:
    """A name that can be asked about: nothing in it ends a command."""
    return 0 < len(uuid) <= 64 and all(c.isalnum() or c in "-_." for c in uuid)


def _garbled(why: str) -> Trouble:
    return Trouble(
        Cause.GARBLED,
        f"What listens at the PBX's event socket isn't FreeSWITCH: {why}.",
        "Check `[pbx] host`, `port` and `kind`.",
    )
