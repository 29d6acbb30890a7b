"""The manager interface's words: accounts with their rights, a client's actions read off the bytes, plain answers.

Seen on Asterisk 22.10.1: what is said to whom, in which order, and what is refused how.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LONGEST_LINE = 1024  # bytes, its end included; a longer one ends the action with an error

_CLASSES = (
    "system call log verbose agent user config command dtmf reporting cdr dialplan originate agi cc aoc test "
    "security message"
)
CLASSES = frozenset(_CLASSES.split())


@dataclass(frozen=True, slots=True)
class View:
    """Which events one client is shown: classes, and regular expressions where `!` in front excludes."""

    classes: frozenset[str]
    filters: tuple[str, ...] = ()

    def shows(self, text: str) -> bool:
        """Whether an event (as it stands on the wire) is for this client."""
        privilege = re.search(r"^Privilege: ([a-z]+)", text, re.MULTILINE)
        if privilege is None or privilege[1] not in self.classes:
            return False
        wanted = [f for f in self.filters if not f.startswith("!")]
        if any(re.search(f[1:], text) for f in self.filters if f.startswith("!")):
            return False
        return not wanted or any(re.search(f, text) for f in wanted)


@dataclass(frozen=True, slots=True)
class Account:
    """A user of manager.conf: what it may read (events) and write (actions), and its event filters."""

    name: str
    secret: str
    read: frozenset[str] = CLASSES
    write: frozenset[str] = CLASSES
    filters: tuple[str, ...] = ()

    @property
    def view(self) -> View:
        """Everything this account may see."""
        return View(self.read, self.filters)


def shipped_account(secret: str, name: str = "secondring") -> Account:
    """The user that the project ships in `pbx-config/asterisk`."""
    read = frozenset({"system", "call", "agent", "dialplan"})
    return Account(name, secret, read, frozenset({"reporting"}), ("!^Event: VarSet",))


class LineTooLong(Exception):
    """A client sent a line no Asterisk reads."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its name as sent, and the other headers, names in lower case; the first of a name counts."""

    name: str
    headers: dict[str, str]

    @property
    def id(self) -> str:
        """The ActionID, empty if none was given."""
        return self.headers.get("actionid", "")

    def get(self, key: str) -> str:
        """A header's value, empty if there is none."""
        return self.headers.get(key.lower(), "")


@dataclass(slots=True)
class ActionReader:
    """Bytes of a client to actions. Lines end in CR LF or LF alone; lines without a colon mean nothing."""

    _rest: bytes = b""
    _lines: list[str] = field(default_factory=list)
    _skipping: bool = False

    def feed(self, data: bytes) -> Iterator[Action | LineTooLong]:
        """The actions that are complete now; a LineTooLong stands in place of an action that can't be read."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r")
            if self._skipping:
                self._skipping = bool(text)
            elif len(line) + 1 > LONGEST_LINE:
                self._lines.clear()
                self._skipping = True
                yield LineTooLong()
            elif text:
                self._lines.append(text.decode("utf-8", "surrogateescape"))
            else:
                yield _action(self._lines)
                self._lines.clear()
        if len(self._rest) >= LONGEST_LINE:
            self._rest = self._rest[-1:]
            if not self._skipping:
                self._lines.clear()
                self._skipping = True
                yield LineTooLong()


def _action(lines: Sequence[str]) -> Action:
    headers: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if colon:
            headers.setdefault(key.strip().lower(), value.strip())
    return Action(headers.pop("action", ""), headers)


def id_line(action: Action | None) -> str:
    """The line that ties an answer to its action, or nothing."""
    return f"ActionID: {action.id}\r\n" if action is not None and action.id else ""


def block(*pairs: tuple[str, str]) -> str:
    """Headers and the empty line after them."""
    return "".join(f"{key}: {value}\r\n" for key, value in pairs) + "\r\n"


def success(action: Action, *pairs: tuple[str, str]) -> str:
    """An action that went well."""
    return "Response: Success\r\n" + id_line(action) + block(*pairs)


def error(action: Action | None, why: str) -> str:
    """An action that was refused."""
    return "Response: Error\r\n" + id_line(action) + block(("Message", why))


def list_start(action: Action, message: str) -> str:
    """The response before the rows of a list."""
    return success(action, ("EventList", "start"), ("Message", message))


def list_end(action: Action, event: str, count: int, *more: tuple[str, str]) -> str:
    """The event after the rows of a list."""
    complete = block(("EventList", "Complete"), ("ListItems", str(count)), *more)
    return f"Event: {event}\r\n" + id_line(action) + complete


def event_mask(text: str, allowed: frozenset[str]) -> frozenset[str]:
    """What the header `EventMask` (or `Events` of a login) asks for, within the rights of the account."""
    words = {word.strip().lower() for word in text.split(",")}
    if words & {"on", "true", "yes", "all"}:
        return allowed
    return allowed & words
