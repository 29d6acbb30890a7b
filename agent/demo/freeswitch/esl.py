"""The event socket's words: accounts with their rights, a client's commands read off the bytes, plain answers, and
which events a client asked for.

Seen on FreeSWITCH 1.10.12, and read in its mod_event_socket where it was silent: what is said to whom, in which order,
and what is refused how.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

AUTH_REQUEST = b"Content-Type: auth/request\n\n"
LONGEST_COMMAND = 10_485_760  # bytes; a longer one is taken as it is
SNEAKY = frozenset({"bgapi", "sched_api", "eval", "expand", "xml_wrap"})
"""Commands that run another command: a user must be allowed both."""

_COMMAND_ENDS = re.compile(rb"\n\r*\n")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the directory who may log in by `userauth`. None: everything is allowed.

    `name`: "user@domain". `events`, `api`: as in esl-allowed-events and esl-allowed-api, parted by commas, or by
    spaces where there is one.
    """

    name: str
    password: str
    events: str | None = None
    api: str | None = None
    log: bool = True

    def may_hear(self, name: str, subclass: str = "") -> bool:
        """Whether it may ask for this event, or for this subclass of CUSTOM."""
        if self.events is None:
            return True
        words = _words(self.events)
        custom = words.index("CUSTOM") if "CUSTOM" in words else len(words)
        return subclass in words[custom + 1 :] if subclass else name in words[: custom + 1] or "ALL" in words

    def may_run(self, command: str, argument: str = "") -> bool:
        """Whether it may run this api command, and the one that it would run."""
        if self.api is None:
            return True
        if command not in _words(self.api):
            return False
        inner, _, rest = argument.partition(" ")
        return command not in SNEAKY or not inner or self.may_run(inner, rest)


def _words(text: str) -> list[str]:
    return text.split(" ") if " " in text else text.split(",")


def shipped_account(password: str, name: str = "secondring@pbx.lab") -> Account:
    """A user who may do what the agent does, and no more."""
    events = (
        "CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_EXECUTE "
        "CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE"
    )
    return Account(name, password, events, "status global_getvar show uuid_dump uptime", log=False)


@dataclass(frozen=True, slots=True)
class View:
    """Which events a client is sent, and how they are written (`plain` or `json`).

    `every`: all but the `nixed`. `names` and `subclasses` (of CUSTOM) beside. `filters`: a header, and its value or
    `/pattern/`; a minus in front excludes. They are OR-ed, an event without any of the headers is not sent.
    """

    written: str = "plain"
    listens: bool = False
    every: bool = False
    names: frozenset[str] = frozenset()
    subclasses: frozenset[str] = frozenset()
    nixed: frozenset[str] = frozenset()
    filters: tuple[tuple[str, str], ...] = ()

    def wants(self, name: str, subclass: str = "") -> bool:
        """Whether it asked for events of this name."""
        if not self.listens:
            return False
        if name == "CUSTOM" and subclass:
            everything = self.every and subclass not in self.nixed
            return everything or ("CUSTOM" in self.names and subclass in self.subclasses)
        return name in self.names or (self.every and name not in self.nixed)

    def passes(self, get: Callable[[str], str | None]) -> bool:
        """Whether its filters let an event through; `get` finds a header by its name in lower case."""
        passes = not self.filters
        for header, value in self.filters:
            has = get(header.lower())
            if has is None:
                continue
            wanted, positive = _signed(value)
            if passes and positive:
                continue
            if _matches(has, wanted, by_pattern=value.startswith("/")):
                if not positive:
                    return False
                passes = True
        return passes

    def asked(self, words: list[str], may: Callable[[str, str], bool]) -> "tuple[View, str]":
        """After `event …`: the view, and the reply."""
        view, custom, known = self, False, False
        if words and words[0].lower() in ("plain", "json", "xml"):
            if words[0].lower() == "xml":
                return self, "-ERR xml is not played"
            view = replace(view, written=words[0].lower())
            words = words[1:]
        for word in filter(None, words):
            name = word.upper()
            known = True
            if not (may("CUSTOM", word) if custom else may(name, "")):
                return view, "-ERR permission denied"
            if custom:
                view = replace(view, subclasses=view.subclasses | {word}, nixed=view.nixed - {word})
            elif name == "ALL":
                view = replace(view, every=True, nixed=frozenset())
            else:
                view = replace(view, names=view.names | {name}, nixed=view.nixed - {name})
                custom = name == "CUSTOM"
        if not known:
            return view, "-ERR no keywords supplied"
        return replace(view, listens=True), f"+OK event listener enabled {view.written}"

    def nix(self, words: list[str]) -> "tuple[View, str]":
        """After `nixevent …`. CUSTOM itself stays, whatever one tries."""
        view, custom = self, False
        words = list(filter(None, words))
        if not words:
            return self, "-ERR no keywords supplied"
        for word in words:
            name = word.upper()
            if custom:
                view = replace(view, subclasses=view.subclasses - {word}, nixed=view.nixed | {word})
            elif name == "CUSTOM":
                custom = True
            elif name == "ALL":
                view = replace(view, every=False, names=frozenset(), nixed=frozenset())
            else:
                view = replace(view, names=view.names - {name}, nixed=view.nixed | {name})
        return replace(view, listens=True), "+OK events nixed"

    def filtered(self, text: str) -> "tuple[View, str]":
        """After `filter …`."""
        header, space, value = text.strip(" ").partition(" ")
        if header.lower() == "delete" and space:
            header, _, value = value.partition(" ")
            kept = tuple(one for one in self.filters if not _is_meant(one, header, value))
            return replace(self, filters=kept), f"+OK filter deleted. [{header}][{value}]"
        if not space:
            return self, "-ERR invalid syntax"
        if header.lower() == "add":
            header, _, value = value.partition(" ")
        return replace(self, filters=(*self.filters, (header, value))), f"+OK filter added. [{header}]=[{value}]"


def _is_meant(one: tuple[str, str], header: str, value: str) -> bool:
    same = one[0].lower() == header.lower() and (not value or one[1] == value)
    return header.lower() == "all" or same


def _signed(value: str) -> tuple[str, bool]:
    bare = value.lstrip("+- ")
    signs = value[: len(value) - len(bare)].replace(" ", "")
    return bare, not signs.endswith("-")


def _matches(has: str, wanted: str, by_pattern: bool) -> bool:
    if not by_pattern:
        return has.lower() == wanted.lower()
    pattern, _, options = wanted[1:].rpartition("/")
    flags = re.IGNORECASE if "i" in options else re.NOFLAG
    try:
        return re.search(pattern, has, flags) is not None
    except re.error:
        return False


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its first line, and the headers after it, names in lower case."""

    line: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class CommandReader:
    """Bytes of a client to commands. An empty line ends each; what stands before one is skipped."""

    _rest: bytearray = field(default_factory=bytearray)
    _body: int = 0  # bytes of a body that are to be skipped

    @property
    def is_amid(self) -> bool:
        """Whether a command has begun and isn't complete: no event is sent meanwhile."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[Command]:
        """The commands that are complete now."""
        self._rest += data
        while True:
            skipped = min(self._body, len(self._rest))
            del self._rest[:skipped]
            self._body -= skipped
            begins = len(self._rest) - len(self._rest.lstrip(b"\r\n"))
            del self._rest[:begins]
            ends = _COMMAND_ENDS.search(self._rest)
            if ends is None and len(self._rest) < LONGEST_COMMAND:
                return
            text = bytes(self._rest[: ends.start() if ends else None]).decode("utf-8", "surrogateescape")
            del self._rest[: ends.end() if ends else None]
            line, *lines = text.replace("\r", "\n").split("\n")
            headers = {name.lower(): value.strip(" ") for name, _, value in (one.partition(":") for one in lines)}
            length = headers.get("content-length", "")
            self._body = int(length) if length.isdecimal() else 0
            yield Command(line, headers)


def reply(text: str) -> bytes:
    """The answer to a command. `~` in front: it has its own headers."""
    head = text[1:] if text.startswith("~") else f"Reply-Text: {text}\n\n"
    return f"Content-Type: command/reply\n{head}".encode("utf-8", "surrogateescape")


def sized(kind: str, body: bytes) -> bytes:
    """A message with a body: an api answer, a notice."""
    return b"Content-Type: %b\nContent-Length: %d\n\n%b" % (kind.encode(), len(body), body)


def event(written: str, body: bytes) -> bytes:
    """An event as it is sent."""
    return b"Content-Length: %d\nContent-Type: text/event-%b\n\n%b" % (len(body), written.encode(), body)
