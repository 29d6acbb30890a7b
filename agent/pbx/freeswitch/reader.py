"""Event socket bytes → frames, and a plain event's headers.

A frame is a head up to an empty line, and a body if the head gives its length
(https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_event_socket_1048924/). Bytes may be cut
anywhere; what is unfinished waits here, bounded. Bodies aren't decoded: most events are never looked at.

In a plain event every value is percent-encoded, so that a caller's line break is no line's end: lines are split first.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

HEAD_LIMIT = 64 * 1024
"""Largest head, bytes. Real ones have two lines."""
BODY_LIMIT = 64 * 1024 * 1024
"""Largest body, bytes. An event reaches 13 KB, the list of all channels about 1 KB a leg."""

_LENGTH = re.compile(rb"(?:^|\n)Content-Length: (\d{1,9})(?:\n|$)")
_TYPE = re.compile(rb"(?:^|\n)Content-Type: ([^\n]*)")


class NotEventSocket(Exception):
    """The peer doesn't speak the event socket's protocol, or sends more than it may."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `kind` is its Content-Type, `head` the head's lines, `body` empty where there is none."""

    kind: str
    head: bytes
    body: bytes


class Reader:
    """One connection's bytes."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._head: bytes | None = None
        self._length = 0

    def feed(self, data: bytes) -> list[Frame]:
        """All frames that `data` completes, in order. Raises NotEventSocket; the connection is then useless."""
        rest = self._rest
        rest += data
        frames: list[Frame] = []
        at = 0
        while True:
            if self._head is None:
                while rest.startswith(b"\n", at):  # an empty line may stand between two frames
                    at += 1
                end = rest.find(b"\n\n", at)
                if (len(rest) if end < 0 else end) - at > HEAD_LIMIT:
                    raise NotEventSocket(f"no empty line within {HEAD_LIMIT} bytes")
                if end < 0:
                    break
                self._head = bytes(rest[at:end])
                self._length = _length(self._head)
                at = end + 2
            if len(rest) - at < self._length:
                break
            frames.append(Frame(_kind(self._head), self._head, bytes(rest[at : at + self._length])))
            at += self._length
            self._head = None
        del rest[:at]
        return frames


class PlainEvent:
    """The headers of one plain event, each looked for when asked: of some two hundred few are of interest."""

    __slots__ = ("_lines",)

    def __init__(self, body: bytes) -> None:
        self._lines = b"\n" + body

    def get(self, name: str, default: str, /) -> str:
        """The header's value, unquoted. One that comes twice counts as it came first."""
        at = self._lines.find(b"\n%b: " % name.encode())
        if at < 0:
            return default
        at += len(name) + 3
        end = self._lines.find(b"\n", at)
        value = self._lines[at : end if end >= 0 else None]
        return (unquote_to_bytes(value) if b"%" in value else value).decode("utf-8", "replace")


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    length = int(found[1]) if found else 0
    if length > BODY_LIMIT:
        raise NotEventSocket(f"a message of {length} bytes is announced")
    return length


def _kind(head: bytes) -> str:
    found = _TYPE.search(head)
    return found[1].decode("ascii", "replace") if found else ""
