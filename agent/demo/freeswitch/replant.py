"""What is a name or a time in a recorded call of a FreeSWITCH, and its events with slots in their place.

Names: UUIDs, SIP call ids, session numbers, the caller's number and name, the number dialled. Times: microseconds and
seconds since 1970, local time and GMT; they become those of the present, a recorded second lasting `1 / speed`.
"""

import re
import secrets
import time
from collections.abc import Sequence
from functools import lru_cache

from agent.demo.freeswitch.encoding import Piece, escaped, quoted
from agent.demo.recording import Headers, RecordedEvent, Recording
from agent.demo.replant import LONG_NUMBER, UUID, Identity, forms, number_slots

SEQUENCE, NOW, NOW_LOCAL, NOW_GMT = 0, 1, 2, 3
"""What is new in each event or dump; the rest is the call's own."""
PER_EVENT = 4
CALLER, CALLER_DIGITS, CALLER_NATIONAL, NAME, DIALLED, DIALLED_DIGITS, DIALLED_NATIONAL, HIDE, CORE = range(4, 13)
FIRST_OWN = 13

Values = tuple[bytes, ...]
Fields = list[tuple[str, tuple[Piece, ...]]]

LASTED = {
    "variable_duration": ("s", "variable_start_uepoch"), "variable_billsec": ("s", "variable_answer_uepoch"),
    "variable_mduration": ("ms", "variable_start_uepoch"), "variable_billmsec": ("ms", "variable_answer_uepoch"),
    "variable_uduration": ("us", "variable_start_uepoch"), "variable_billusec": ("us", "variable_answer_uepoch"),
}  # fmt: skip
"""Headers that say how long a leg lasted: the unit, and since when."""

_TIME = re.compile(r"(?<!\d)(?:\d{16}|\d{10})(?!\d)")
_DAY = 86_400
_MICROSECONDS = 1_000_000


class Names:
    """What one FreeSWITCH hands out: UUIDs never come back. A restart brings another core and other counters."""

    def __init__(self) -> None:
        self._own = secrets.token_hex(4)
        self._uuids = 0
        self.restart()

    def uuid(self) -> str:
        """A UUID nobody has had."""
        self._uuids += 1
        return f"{self._own}-0000-4000-8000-{self._uuids:012x}"

    def session(self) -> str:
        """The number of a new session."""
        self._sessions += 1
        return str(self._sessions)

    def sequence(self) -> bytes:
        """The number of a new event."""
        self._events += 1
        return b"%d" % self._events

    def restart(self) -> None:
        """Forget what a FreeSWITCH forgets."""
        self._sessions = 0
        self._events = 600  # so many pass while it boots
        self.core = self.uuid()


@lru_cache(maxsize=4096)
def _local(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


@lru_cache(maxsize=4096)
def _gmt(second: int) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))


def rendered(kind: str, microseconds: int) -> str:
    """A time as it is written: `us`, `s`, `local` or `gmt`."""
    match kind:
        case "us":
            return str(microseconds)
        case "s":
            return str(microseconds // _MICROSECONDS)
        case "local":
            return _local(microseconds // _MICROSECONDS)
        case _:
            return _gmt(microseconds // _MICROSECONDS)


def now(sequence: bytes) -> tuple[str, ...]:
    """What is new in an event of this moment."""
    at = time.time_ns() // 1000
    return sequence.decode(), str(at), rendered("local", at), rendered("gmt", at)


class Plant:
    """What is a name or a time in one recording, and its events as pieces with slots in their place."""

    def __init__(self, recording: Recording) -> None:
        created = next(event for event in recording.events if event.name == "CHANNEL_CREATE")
        number, dialled = created.get("Caller-Caller-ID-Number"), created.get("Caller-Destination-Number")
        self.caller = number if LONG_NUMBER.fullmatch(number) else ""
        self.dialled = dialled if LONG_NUMBER.fullmatch(dialled) else ""
        self.name = created.get("Caller-Caller-ID-Name")
        self.origin = _stamp(recording.first)
        self.host = recording.first.headers[2:6]  # FreeSWITCH-Hostname, -Switchname, -IPv4, -IPv6
        self.slots: dict[str, int] = number_slots(self.dialled, DIALLED) | number_slots(self.caller, CALLER)
        self.legs: tuple[int, ...] = ()
        self._known: dict[str, tuple[Piece, ...]] = {}
        self.times: dict[tuple[str, int], int] = {}
        self._uuids = self._sip_ids = 0
        self.sessions: dict[str, int] = {}
        self._spans: dict[tuple[str, int, int], int] = {}
        self._size = FIRST_OWN
        self._find_names(recording)
        self._find_times(recording)
        literals = sorted(self.slots, key=len, reverse=True)
        # a digit before or after would make it another number
        self._holes = re.compile(rf"(?<![0-9a-f])(?:{'|'.join(re.escape(one) for one in literals)})(?![0-9a-f])")

    def _slot(self) -> int:
        self._size += 1
        return self._size - 1

    def _find_names(self, recording: Recording) -> None:
        texts = dict.fromkeys(value for event in recording.events for key, value in event.headers if key != "Core-UUID")
        core = recording.first.get("Core-UUID")
        self.slots[core] = CORE
        for uuid in dict.fromkeys(found for text in texts for found in UUID.findall(text)):
            if uuid != core:
                self.slots[uuid] = self._slot()
                self._uuids += 1
        self.legs = tuple({self.slots[e.get("Unique-ID")] for e in recording.events if e.get("Unique-ID")})
        ids = dict.fromkeys(event.get("variable_sip_call_id") for event in recording.events)
        for sip_id in ids:
            if sip_id and sip_id not in self.slots:
                self.slots[sip_id] = self._slot()
                self._sip_ids += 1
        for event in recording.events:
            session = event.get("variable_session_id")
            if session and session not in self.sessions:
                self.sessions[session] = self._slot()

    def _find_times(self, recording: Recording) -> None:
        began = int(recording.started.timestamp())
        near = range(began - _DAY, began + _DAY)
        for event in recording.events:
            for kind in ("local", "gmt"):
                self._time(kind, _stamp(event))
            for kind in ("local", "s"):
                self._time(kind, int(event.get("Caller-Channel-Created-Time") or "0"))
            if event.name == "CHANNEL_BRIDGE":
                self._time("s", _stamp(event))
            given = dict(event.headers)
            for key in LASTED:
                if lasted := _lasted(key, given):
                    self._spans.setdefault(lasted, -1)
            for key, value in event.headers:
                if key.startswith("variable_") and key.endswith("_uepoch") and value != "0":
                    for kind in ("local", "s"):
                        self._time(kind, int(value))
        for text in dict.fromkeys(value for event in recording.events for _, value in event.headers):
            for literal in _TIME.findall(text):
                micro = int(literal) if len(literal) == 16 else int(literal) * _MICROSECONDS
                if micro // _MICROSECONDS in near and literal not in self.slots:
                    self.slots[literal] = self._time("us" if len(literal) == 16 else "s", micro)
        for span in self._spans:
            self._spans[span] = self._slot()

    def _time(self, kind: str, microseconds: int) -> int:
        key = kind, microseconds
        if key not in self.times:
            self.times[key] = self._slot()
        return self.times[key]

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """A value with slots where names and times stand in it."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._divided(text)
        return known

    def _divided(self, text: str) -> tuple[Piece, ...]:
        found: list[Piece] = []
        end = 0
        for match in self._holes.finditer(text):
            found += [text[end : match.start()], self.slots[match[0]]]
            end = match.end()
        return tuple(piece for piece in (*found, text[end:]) if piece != "")

    def fields(self, headers: Headers) -> Fields:
        """An event's headers, each value as pieces."""
        given = dict(headers)
        return [(key, self._value(key, value, given)) for key, value in headers]

    def _value(self, key: str, value: str, given: dict[str, str]) -> tuple[Piece, ...]:
        if key == "Event-Sequence":
            return (SEQUENCE,)
        if key in ("Event-Date-Local", "Event-Date-GMT"):
            return (self.times["gmt" if key.endswith("GMT") else "local", int(given["Event-Date-Timestamp"])],)
        if self.caller and value == self.name and is_of_name(key):
            return (NAME,)
        if self.caller and value == "false" and "-Privacy-Hide-" in key:
            return (HIDE,)
        if key == "variable_session_id":
            return (self.sessions[value],)
        if lasted := _lasted(key, given):
            return (self._spans[lasted],)
        stem, underscore, kind = key.rpartition("_")
        exact = given.get(f"{stem}_uepoch", "0") if underscore and kind in ("stamp", "epoch") else "0"
        if exact != "0":
            return (self.times["local" if kind == "stamp" else "s", int(exact)],)
        return self.pieces(value)

    def values(self, who: Identity, names: Names, started: float, speed: float) -> tuple[str, ...]:
        """Fresh values for one call that starts now (`started`, epoch seconds) and runs `speed` times as fast."""
        caller = who.caller if who.caller is not None else self.caller
        dialled = who.dialled if who.dialled is not None else self.dialled
        name = who.name if who.name is not None else caller if self.name == self.caller else self.name
        began = round(started * _MICROSECONDS)
        uuids = [names.uuid() for _ in range(self._uuids)]
        sip_ids = [f"{i}-{uuids[0][-12:]}@127.0.0.1" for i in range(1, self._sip_ids + 1)]
        sessions = [names.session() for _ in self.sessions]
        times = (rendered(kind, began + int((at - self.origin) / speed) if at else 0) for kind, at in self.times)
        spans = (_span(kind, *(began + int((at - self.origin) / speed) for at in ends)) for kind, *ends in self._spans)
        fixed = (*forms(caller), name, *forms(dialled), "true" if who.withheld else "false", names.core)
        return ("", "", "", "", *fixed, *uuids, *sip_ids, *sessions, *times, *spans)

    def encoded(self, values: Sequence[str], written: str) -> Values:
        """Values as they stand in one way of writing: `plain`, `json`, or as they are."""
        match written:
            case "plain":
                found = [value if value.isalnum() else quoted(value) for value in values]
            case "json":
                found = [*(escaped(value) for value in values[:HIDE]), *values[HIDE:]]
            case _:
                found = list(values)
        return tuple(value.encode("utf-8", "surrogateescape") for value in found)


def _lasted(key: str, given: dict[str, str]) -> tuple[str, int, int] | None:
    """From when to when (microseconds) a header with a duration counts, and in what; None: it is none, or 0."""
    if key not in LASTED:
        return None
    unit, since = LASTED[key]
    ends = int(given.get(since, "0")), int(given.get("variable_end_uepoch", "0"))
    return (unit, *ends) if all(ends) else None


def _span(unit: str, began: int, ended: int) -> str:
    match unit:
        case "s":
            return str(ended // _MICROSECONDS - began // _MICROSECONDS)
        case "ms":
            return str(ended // 1000 - began // 1000)
        case _:
            return str(ended - began)


def is_of_name(key: str) -> bool:
    """Whether a header has a person's name."""
    return key.lower().endswith(("id-name", "id_name", "from_display"))


def _stamp(event: RecordedEvent) -> int:
    return int(event.get("Event-Date-Timestamp"))
