"""mod_cdr_csv's Master.csv, in the columns of its default template ("example"), as well as can be told.

It tells little, and it lies (seen on real rows): the destination is the last one, not the number dialled; a caller who
was transferred stands in the context he ended in; a leg bridged with is no proof of an answer; agents of a queue and
both ends of a loopback have rows of their own with the caller's number. So rows of one number that overlap in time are
one call: the caller's is the one from an inbound context, else the first, and the others only tell whether somebody
stood behind a loopback. Nothing is escaped: a row is known by its last columns, so that quotes and line breaks in a
name or number do no harm. (Who forges a whole row gets no more by it than by a forged caller ID.)
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from agent.pbx.freeswitch.channels import CAUSES
from agent.pbx.freeswitch.leg_record import Bridge, Dialled, LegRecord
from agent.pbx.records import RecordsTrouble

STEP = 1 << 20
MOST = 1 << 28
"""How far back a file is read at most, bytes: about a million calls."""
MOST_LINES = 20
"""Lines one row may be broken into: a SIP user holds no more line breaks than that."""
SHORT = 6
"""Digits of the longest extension: who calls with more comes from outside."""
AT_ONCE = 1.5
"""Seconds (rows know whole ones) after which a phone must have rung where the PBX hadn't answered before."""
RANG = frozenset({"NORMAL_CLEARING", "NO_ANSWER", "ORIGINATOR_CANCEL", "ALLOTTED_TIMEOUT"})
NOWHERE = frozenset({"NO_ROUTE_DESTINATION", "UNALLOCATED_NUMBER"})
"""Causes of a caller's leg: his phones rang; there was no phone to dial."""

_TIME = r'"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"'
_MAYBE = r'"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?"'
_TAIL = re.compile(
    rf'","([^"]*)","([^"]*)",{_TIME},{_MAYBE},{_TIME},"\d+","\d+","([A-Z0-9_]*)","([^"]+)","([^"]*)","([^"]*)",'
    r'"[^"]*","[^"]*"\s*$'
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Times are epoch seconds; `answered` None if it wasn't; `account` is a phone's."""

    number: str
    name: str
    dialled: str
    context: str
    start: float
    answered: float | None
    end: float
    cause: str
    uuid: str
    bridged: str
    account: str


@dataclass(slots=True)
class Group:
    """Rows of one number that overlap: one arrival and what the PBX tried for it."""

    rows: list[Row] = field(default_factory=list)
    end: float = 0.0

    def take(self, row: Row) -> None:
        """One more row."""
        self.rows.append(row)
        self.end = max(self.end, row.end)


def legs_in(path: Path, since: float, contexts: tuple[str, ...], zone: tzinfo | None) -> list[LegRecord]:
    """The callers' legs in the rows since about `since` (epoch s), oldest first.

    `contexts`: globs of inbound ones; `zone`: of the PBX's wall times. Raises OSError, RecordsTrouble if it holds none.
    Files that were rotated since (`Master.csv.2026-11-24-03-00-00`) are read too.
    """
    rotated = [file for file in sorted(path.parent.glob(f"{path.name}.*")) if file.stat().st_mtime >= since]
    found = [row for file in (*rotated, path) for row in _rows(file, since, zone)]
    if not found and path.stat().st_size:
        raise RecordsTrouble(
            f"{path} holds no records as mod_cdr_csv writes them by default. Set default-template to example in "
            "cdr_csv.conf.xml, or better, let mod_json_cdr write them."
        )
    return [leg for group in _groups(found) for leg in _legs(group, contexts)]


def newest(path: Path, zone: tzinfo | None) -> float | None:
    """When the last row was written; None if there is none. Raises OSError."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - STEP))
        ends = [row.end for row in _parsed(file.read(), zone)]
    return max(ends, default=None)


def _rows(path: Path, since: float, zone: tzinfo | None) -> Iterator[Row]:
    with path.open("rb") as file:
        _go_near(file, since, zone)
        yield from _parsed(file.read(MOST), zone)


def _go_near(file: BinaryIO, since: float, zone: tzinfo | None) -> None:
    """Go back until a row is older than `since`; rows stand in the order in which they ended."""
    size = file.seek(0, 2)
    back = STEP
    while back < min(size, MOST):
        file.seek(size - back)
        first = next(_parsed(file.read(STEP), zone), None)
        if first is not None and first.end < since:
            break
        back *= 2
    file.seek(max(0, size - min(back, MOST)))


def _parsed(data: bytes, zone: tzinfo | None) -> Iterator[Row]:
    """Whole rows. A caller's line breaks tear a row; the torn parts are put together again."""
    torn: list[str] = []
    for line in data.decode("utf-8", "replace").split("\n"):
        torn.append(line)
        row = _row("\n".join(torn), zone) if _TAIL.search(line) else None
        if row is not None:
            yield row
        if row is not None or len(torn) >= MOST_LINES:
            torn = []


def _row(text: str, zone: tzinfo | None) -> Row | None:
    tail = _TAIL.search(text)
    if tail is None:
        return None
    name, _, number = text[: tail.start()].removeprefix('"').rpartition('","')
    try:
        start, end = _epoch(tail[3], zone), _epoch(tail[5], zone)
        answered = _epoch(tail[4], zone) if tail[4] else None
    except (ValueError, OverflowError, OSError):
        return None
    return Row(number, name, tail[1], tail[2], start, answered, end, tail[6], tail[7], tail[8], tail[9])


def _epoch(wall: str, zone: tzinfo | None) -> float:
    return datetime.fromisoformat(wall).replace(tzinfo=zone).timestamp()


def _groups(rows: Iterable[Row]) -> list[Group]:
    open_groups: dict[str, Group] = {}
    groups: list[Group] = []
    for row in sorted(rows, key=lambda row: row.start):
        group = open_groups.get(row.number)
        if group is None or row.start > group.end:
            group = open_groups[row.number] = Group()
            groups.append(group)
        group.take(row)
    return groups


def _legs(group: Group, contexts: tuple[str, ...]) -> Iterator[LegRecord]:
    inbound = [row for row in group.rows if any(fnmatchcase(row.context, glob) for glob in contexts)]
    callers = [row for row in inbound if not _is_attempt(row, inbound)] or [_foremost(group.rows)]
    behind = [row for row in group.rows if row not in callers and row.answered is not None]
    for row in callers:
        others = [each for each in behind if row.start <= each.start and each.end <= row.end]
        yield _leg(row, arrived=row in inbound, talked=not others or any(each.bridged for each in others))


def _is_attempt(row: Row, rows: list[Row]) -> bool:
    """A row of a leg dialled for another row's caller, where legs of both kinds are written (`legs` = ab)."""
    return len(row.dialled) <= SHORT and any(
        each is not row and len(each.dialled) > SHORT and each.start <= row.start and row.end <= each.end
        for each in rows
    )


def _foremost(rows: list[Row]) -> Row:
    return min(rows, key=lambda row: (row.start, -row.end, not row.bridged))


def _leg(row: Row, *, arrived: bool, talked: bool) -> LegRecord:
    """A caller from outside who was transferred counts as inbound by his number; whom he called isn't known then."""
    outside = arrived or (not row.account and len(row.number.removeprefix("+")) > SHORT)
    bridged = row.answered is not None and row.bridged != "" and talked
    phone = row.bridged or f"{row.uuid} 1"
    bridges = (Bridge(row.answered, phone),) if row.answered is not None and bridged else ()
    return LegRecord(
        uuid=row.uuid,
        arriving=True,
        start=row.start,
        end=row.end,
        context=row.context,
        gateway="unrecorded" if outside else "",
        number=row.number,
        name=row.name,
        dialled=row.dialled if arrived or not outside else "",
        user="" if outside else row.account or row.number,
        answered=row.answered,
        cause=row.cause,
        bridges=bridges,
        phones=() if bridges else tuple(_tried(row)),
    )


def _tried(row: Row) -> Iterator[Dialled]:
    """A phone, as far as the row shows that one was dialled: the PBX answers a menu or a message at once."""
    waited = (row.end if row.answered is None else row.answered) - row.start
    if waited > AT_ONCE and row.cause in RANG:
        yield Dialled(f"{row.uuid} 1", "", "ORIGINATOR_CANCEL" if row.cause == "ORIGINATOR_CANCEL" else "NO_ANSWER")
    elif row.cause in CAUSES and row.cause not in NOWHERE:
        yield Dialled(f"{row.uuid} 1", "", row.cause)
