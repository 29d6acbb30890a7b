"""How an event, a row or a record is written: plain (percent-encoded), JSON as cJSON writes it, CSV.

Pieces are text, or the index of the value that goes there once a call is planted; the values of a call are written the
same way. Seen on FreeSWITCH 1.10.12: what is encoded and what isn't, and that two hex digits after a percent sign
count as encoded already.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from agent.demo.recording import ARRAY, Headers

Piece = str | int
Fields = Iterable[tuple[str, tuple[Piece, ...]]]
Encode = Callable[[str], str]

_TO_QUOTE = re.compile(rb'[^\x21-\x7e]|[]["#&+:;<=>?@\\^`{|}]|%(?![0-9A-Fa-f]{2})')


@lru_cache(maxsize=16_384)
def quoted(text: str) -> str:
    """A value as a plain event has it."""
    data = text.encode("utf-8", "surrogateescape")
    return _TO_QUOTE.sub(lambda match: b"%%%02X" % match[0][0], data).decode()


@lru_cache(maxsize=16_384)
def escaped(text: str) -> str:
    """A value as JSON has it, between its quotation marks."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def as_it_is(text: str) -> str:
    """A value in a CSV row: nothing is done about quotation marks in it."""
    return text


def plain(fields: Fields) -> Iterator[Piece]:
    """An event's lines, with the empty line after them."""
    for name, pieces in fields:
        yield f"{name}: "
        yield from encoded(pieces, quoted)
        yield "\n"
    yield "\n"


def json_object(fields: Fields) -> Iterator[Piece]:
    """An object of strings; a value of several is a list."""
    start = "{"
    for name, pieces in fields:
        yield f'{start}"{escaped(name)}":'
        start = ","
        if pieces and isinstance(pieces[0], str) and pieces[0].startswith(ARRAY):
            yield '["'
            for piece in (pieces[0].removeprefix(ARRAY), *pieces[1:]):
                yield piece if isinstance(piece, int) else '","'.join(escaped(one) for one in piece.split("|:"))
            yield '"]'
        else:
            yield '"'
            yield from encoded(pieces, escaped)
            yield '"'
    yield "{}" if start == "{" else "}"


def encoded(pieces: Iterable[Piece], encode: Encode) -> Iterator[Piece]:
    """Pieces with their text encoded."""
    for piece in pieces:
        yield piece if isinstance(piece, int) else encode(piece)


def doubled(headers: Headers) -> Headers:
    """The end of a leg tells its cause twice in plain; of JSON's doubled names the recordings have the first."""
    if headers[0][1] != "CHANNEL_HANGUP_COMPLETE":
        return headers
    cause = next(header for header in headers if header[0] == "Hangup-Cause")
    after = next(i for i, header in enumerate(headers) if header[0] == "Answer-State") + 1
    return (*headers[:after], cause, *headers[after:])
