"""Asterisk's record files, read from the end: rows of CSV that may be torn, huge, or hold a caller's line breaks.

A row counts only if all of it is there. A caller can put line breaks and quotes into his number, but Asterisk doubles
every quote, so no text of his can pass for a row: a row's time stands between single ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import BinaryIO

from agent.pbx.records import RecordsTrouble

STEP = 1 << 18
"""How far apart the places are at which a file is tried from its end, bytes."""
PEEK = 1 << 16
LONGEST_LINE = 1 << 14
MOST_LINES = 400
"""Lines one row may be broken into: number, ANI and clid take 79 line breaks each."""
TRIED_STARTS = 4
LONGEST_TIME = 20

FIELD = rb'(?:"[^"]*(?:""[^"]*)*"|-?\d*)'
_FIELDS = re.compile(FIELD)
_BORN = re.compile(r"(\d{9,11})\.\d+$")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: what one whole row looks like, and where its time and its leg's unique id stand."""

    name: str
    row: re.Pattern[bytes]
    time: int
    leg: int


Fields = list[str]


@dataclass(slots=True)
class Skipped:
    """How many broken rows were met."""

    rows: int = 0


class Clock:
    """Reads times as Asterisk writes them: seconds since 1970, or wall time of `zone` (None: this machine's)."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone

    def read(self, written: str, leg: str) -> float | None:
        """Epoch seconds; None if it is no time. `leg` tells an hour that comes twice: its id begins with its birth."""
        try:
            if written.isascii() and written.replace(".", "", 1).isdigit():
                return float(written) if len(written) < LONGEST_TIME else None
            wall = datetime.fromisoformat(written)
            if wall.tzinfo is None:
                wall = wall.replace(tzinfo=self._zone)
            first, second = wall.timestamp(), wall.replace(fold=1).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
        born = _BORN.search(leg)
        return second if second > first and born and first < float(born[1]) - 2 else first


def rows(path: Path, kind: Kind, since: float, clock: Clock, skipped: Skipped) -> Iterator[tuple[float, Fields]]:
    """Rows written since about `since` (epoch s), oldest first, each with its time. Memory: one row."""
    try:
        with path.open("rb") as file:
            _go_near(file, kind, since, clock)
            for fields in _whole(file, kind, skipped):
                at = _time(fields, kind, clock)
                if at is None:
                    skipped.rows += 1
                elif at >= since:
                    yield at, fields
    except OSError as error:
        raise RecordsTrouble(unreadable(path, error)) from error


def last_time(path: Path, kind: Kind, clock: Clock) -> float | None:
    """When the newest row was written; None if the end of the file has no row of this kind."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - PEEK))
            times = [_time(fields, kind, clock) for fields in _whole(file, kind, Skipped())]
    except OSError as error:
        raise RecordsTrouble(unreadable(path, error)) from error
    return max((at for at in times if at is not None), default=None)


def _go_near(file: BinaryIO, kind: Kind, since: float, clock: Clock) -> None:
    """Go to a place before which every row is older than `since`, as far as rows stand in order."""
    place = file.seek(0, 2)
    while place > 0:
        place = max(0, place - STEP)
        file.seek(place)
        for line in file.read(PEEK).split(b"\n")[1 if place else 0 : -1]:
            found = kind.row.fullmatch(line.rstrip(b"\r"))
            at = _time(split(found[0]), kind, clock) if found else None
            if at is not None:
                if at < since:
                    file.seek(place)
                    return
                break
    file.seek(0)


def _whole(file: BinaryIO, kind: Kind, skipped: Skipped) -> Iterator[Fields]:
    pending: list[bytes] = []
    first = file.tell() > 0
    while line := file.readline(LONGEST_LINE):
        pending.append(line)
        row, before = _row(pending, kind.row)
        if row is not None:
            skipped.rows += before > 0 and not first  # the first line after a jump is the rest of a row
            yield split(row)
        elif len(pending) < MOST_LINES:
            continue
        else:
            skipped.rows += 1
        pending, first = [], False
    skipped.rows += bool(pending) and not first


def _row(lines: list[bytes], whole: re.Pattern[bytes]) -> tuple[bytes | None, int]:
    """The row that ends with these lines, and how many lines before it belong to none."""
    starts = [place for place, line in enumerate(lines) if line.startswith(b'"')]
    for start in reversed(starts[:1] + starts[1:][-TRIED_STARTS:]):
        found = whole.fullmatch(b"".join(lines[start:]).rstrip(b"\r\n"))
        if found is not None:
            return found[0], start
    return None, 0


def split(row: bytes) -> Fields:
    """The fields of one whole row; wrong UTF-8 is replaced."""
    fields, place = [], 0
    while place <= len(row):
        found = _FIELDS.match(row, place)
        assert found is not None
        value = found[0]
        if value[:1] == b'"':
            value = value[1:-1].replace(b'""', b'"')
        fields.append(value.decode("utf-8", "replace"))
        place = found.end() + 1
    return fields


def _time(fields: Fields, kind: Kind, clock: Clock) -> float | None:
    leg = fields[kind.leg] if len(fields) > kind.leg else ""
    return clock.read(fields[kind.time], leg)


def unreadable(path: Path, error: OSError) -> str:
    """What happened to a file or folder, and what the admin can do."""
    if isinstance(error, PermissionError):
        return (
            f"{path} can't be read: {error.strerror}. Give the service the PBX's group: "
            "`systemctl edit secondring`, add `[Service]` and `SupplementaryGroups=asterisk`, restart it."
        )
    return f"{path} can't be read: {error.strerror}. Point [pbx] records to Asterisk's log folder or to a Master.csv."
