"""CDR rows → leg events, as well as can be told. Reads cdr_csv's Master.csv; CEL (cel.py) tells much more.

A CDR row is one attempt to connect two channels, and it lies (seen on real records):
- ANSWERED with seconds to pay for, and nobody there: mailbox, announcement, menu, parking, conference. So only a row
  that names the other party's channel counts as a conversation, and a row to a Local channel only if a row from its
  other half does.
- Rows of Local channels carry the caller's number: they are no calls.
- `dst` is the last extension, not the number dialled: that is known only where the call stayed in its first context.
- No row at all for a phone that isn't registered, nor for calls that were in flight when the PBX was killed.

It can't be told from a CDR: an agent or a mobile that answered and never got to talk (looks answered); who came second
into a conference (looks missed); declined, from unanswered.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.pbx.asterisk.cel import Timed, Where
from agent.pbx.asterisk.channels import APPS, digits, phone_of, role_of
from agent.pbx.asterisk.record_files import FIELD, Clock, Fields, Kind
from agent.pbx.asterisk.trunks import Trunks
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    EndCause,
    LegAnswered,
    LegCreated,
    LegEnded,
    LegEntered,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegRinging,
    LegRole,
    QueueJoined,
    QueueLeft,
)

_TIME = rb'"\d{4}-\d\d-\d\d[ T][^"]*"'
CDR = Kind(
    "CDR",
    re.compile(
        rb"(?:" + FIELD + rb",){9}" + _TIME + rb',(?:""|' + _TIME + rb")," + _TIME + rb"(?:," + FIELD + rb"){4,9}"
    ),
    time=11,
    leg=16,
)
SHORT = 6
"""Digits of the longest extension: who calls with more comes from outside."""
NOBODY = frozenset({"", "anonymous", "unknown", "restricted", "private", "unavailable"})
"""What stands for a withheld number: no phone of the office has such a one."""
_NAME = re.compile(r'\s*"(.*)"\s*<[^<>]*>\s*', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One attempt. `to` is empty where nobody else was asked; times are epoch seconds, `answered` None if it wasn't."""

    call: str
    number: str
    name: str
    dst: str
    context: str
    channel: str
    to: str
    app: str
    data: str
    start: float
    answered: float | None
    end: float
    disposition: str


class Reader:
    """Takes rows in any order; then tells the calls. Memory: the rows of the time asked for."""

    def __init__(self, where: Where, clock: Clock) -> None:
        self._trunks = Trunks(where.inbound_contexts, where.trunk_channels)
        self._clock = clock
        self._calls: dict[str, list[Row]] = {}
        self._relays: dict[str, list[Row]] = {}
        self._outside: set[str] = set()
        self._phones: set[str] = set()

    def take(self, end: float, fields: Fields) -> None:
        """One row that ended at `end`."""
        row = self._row(end, fields)
        if row is None:
            return
        if role_of(row.channel) is LegRole.RELAY:
            self._relays.setdefault(row.channel, []).append(row)
            return
        self._calls.setdefault(row.call, []).append(row)
        end_name = phone_of(row.channel)
        foreign = digits(row.number) > SHORT or row.number.lower() in NOBODY
        if foreign or self._trunks.matches(row.channel, row.context):
            self._outside.add(end_name)
        elif row.number.isdecimal():
            self._phones.add(end_name)

    def events(self) -> Iterator[Timed]:
        """Each call whole, in the order in which they began; times (epoch s) start anew with each."""
        ordered = [(call, sorted(rows, key=lambda row: row.start)) for call, rows in self._calls.items()]
        for call, rows in sorted(ordered, key=lambda told: told[1][0].start):
            yield from self._call(call, rows)

    def _row(self, end: float, fields: Fields) -> Row | None:
        leg = fields[CDR.leg] if len(fields) > CDR.leg else ""
        start = self._clock.read(fields[9], leg)
        if start is None:
            return None
        name = _NAME.fullmatch(fields[4])
        return Row(
            call=(fields[19] if len(fields) > 20 else "") or leg or fields[5],
            number=fields[1],
            name=name[1] if name else "",
            dst=fields[2],
            context=fields[3],
            channel=fields[5],
            to=fields[6],
            app=fields[7],
            data=fields[8],
            start=start,
            answered=self._clock.read(fields[10], leg) if fields[14] == "ANSWERED" else None,
            end=end,
            disposition=fields[14],
        )

    def _is_trunk(self, row: Row, channel: str) -> bool:
        """By its globs, else by who has called over it: extensions are short, and their phones are named so."""
        if self._trunks.matches(channel, row.context if channel == row.channel else ""):
            return True
        name = phone_of(channel)
        is_phone = name in self._phones or (name.isdecimal() and len(name) <= SHORT)
        return name in self._outside and not is_phone

    def _call(self, call: str, rows: list[Row]) -> Iterator[Timed]:
        first, ended = rows[0], max(row.end for row in rows)
        inbound = self._is_trunk(first, first.channel)
        entered = self._trunks.matches("", first.context) or not inbound
        yield (
            first.start,
            LegCreated(
                leg=call,
                call=call,
                role=LegRole.PARTY,
                arriving=True,
                trunk=inbound,
                phone=phone_of(first.channel),
                number=first.number,
                name=first.name,
                dialled=first.dst if entered else "",
            ),
        )
        ends: list[Timed] = []
        in_queue = False
        for row in rows:
            app = APPS.get(row.app)
            if in_queue and app is not App.QUEUE:
                yield row.start, QueueLeft(call, call)
            if app is App.QUEUE and not in_queue:
                yield row.start, QueueJoined(call, call)
            in_queue = app is App.QUEUE
            if app is not None:
                yield row.start, LegEntered(call, call, app)
            if app is App.MAILBOX:
                yield row.start, LegAnswered(call, call)
            for attempt in self._attempts(row, frozenset()):
                yield from self._attempt(call, f"{call} {len(ends)}", attempt)
                ends.append(
                    (attempt.end, LegEnded(f"{call} {len(ends)}", call, _CAUSES.get(attempt.disposition, _FAILED)))
                )
        if in_queue or _gave_up(rows):
            yield ended, LegHungUp(call, call, EndCause.NORMAL)
        yield ended, LegEnded(call, call, EndCause.NORMAL)
        yield from ends

    def _attempt(self, call: str, leg: str, row: Row) -> Iterator[Timed]:
        goes_out = digits(row.dst) > SHORT or self._is_trunk(row, row.to)
        yield row.start, LegCreated(leg, call, LegRole.PARTY, False, goes_out, phone_of(row.to))
        if row.disposition in ("ANSWERED", "NO ANSWER"):
            yield row.start, LegRinging(leg, call, LegRole.PARTY)
        else:
            yield row.end, LegHungUp(leg, call, _CAUSES.get(row.disposition, _FAILED))
        if row.answered is not None:
            yield row.answered, DialEnded(leg, call, call, DialResult.ANSWERED)
            yield row.answered, LegJoined(leg, call, leg, LegRole.PARTY)
            yield row.answered, LegJoined(call, call, leg, LegRole.PARTY)
            yield row.end, LegLeft(call, call, leg)
            yield row.end, LegLeft(leg, call, leg)

    def _attempts(self, row: Row, passed: frozenset[str]) -> list[Row]:
        """The phones this attempt rang, Local channels followed through to their other halves."""
        if role_of(row.to) is LegRole.RELAY:
            other = row.to[:-1] + "2"
            if other in passed:
                return []
            behind = [far for half in self._relays.get(other, ()) for far in self._attempts(half, passed | {other})]
            return behind if row.answered is not None else [replace(far, answered=None) for far in behind]
        return [] if not row.to or role_of(row.to) is LegRole.HIDDEN else [row]


_FAILED = EndCause.UNREACHABLE
_CAUSES = {"ANSWERED": EndCause.NORMAL, "NO ANSWER": EndCause.NORMAL, "BUSY": EndCause.BUSY}


def _gave_up(rows: list[Row]) -> bool:
    """Whether the last phone rang for less than its Dial would have let it: then the caller hung up."""
    last = rows[-1]
    patience = last.data.split(",")[1:2]
    if last.disposition != "NO ANSWER" or not patience or not patience[0].isdecimal() or len(patience[0]) > 8:
        return False
    return last.to != "" and last.end - last.start < int(patience[0]) - 1
