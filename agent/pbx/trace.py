"""`secondring-trace/1`: a recorded stream, plain or gzip JSON Lines. The first line is the header.

A line is an event, `{"t": seconds, "event": [[header, value], …]}`, or an answer to a question asked live,
`{"t", "reply": [[header, value], …], "to": …}`. What is neither is passed over.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FORMAT = "secondring-trace/1"
LONGEST_LINE = 4 * 1024 * 1024


class BadTrace(Exception):
    """The file is no trace that can be replayed. The message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: seconds since `started`, the headers, and for an answer what was asked."""

    t: float
    headers: list[tuple[str, str]]
    asked: object = None
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole recorded stream. `started`: epoch seconds."""

    pbx: str
    version: str
    started: float
    inbound_contexts: tuple[str, ...]
    entries: tuple[Entry, ...]


def read_trace(path: Path) -> Trace:
    """Read a trace. Raises BadTrace."""
    try:
        lines = list(_lines(path))
    except (OSError, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise BadTrace(f"{path} can't be read: {error}") from error
    if not lines:
        raise BadTrace(f"{path} is empty")
    header = _json(path, 1, lines[0])
    if header.get("format") != FORMAT:
        raise BadTrace(f"{path} is no {FORMAT}: its first line must be a header with that format")
    contexts = header.get("inbound_contexts")
    return Trace(
        pbx=str(header.get("pbx", "")),
        version=str(header.get("version", "")),
        started=_started(path, header.get("started")),
        inbound_contexts=tuple(str(context) for context in contexts) if isinstance(contexts, list) else (),
        entries=tuple(_entries(path, lines[1:])),
    )


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        for line in file:
            if len(line) > LONGEST_LINE:
                raise BadTrace(f"{path}: a line is longer than {LONGEST_LINE} characters")
            if line.strip():
                yield line


def _entries(path: Path, lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 2):
        found = _json(path, number, line)
        reply = "reply" in found
        message, t = found.get("reply" if reply else "event"), found.get("t")
        if not isinstance(message, list) or not isinstance(t, (int, float)):
            continue
        headers = [
            (str(pair[0]), str(pair[1])) for pair in message if isinstance(pair, list) and len(pair) == 2 and pair[0]
        ]
        yield Entry(float(t), headers, found.get("to"), reply)


def _json(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise BadTrace(f"{path}, line {number} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadTrace(f"{path}, line {number} is no JSON object")
    return found


def _started(path: Path, value: object) -> float:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        raise BadTrace(f'{path}: "started" in the header is no ISO 8601 time') from None
