"""CDR rows → calls, as well as can be told. Reads cdr_csv's Master.csv; CEL (cel.py) tells much more.

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
from collections.abc import Mapping
from dataclasses import dataclass

from agent.calls.verdicts import Call, Phone
from agent.pbx.asterisk.cel import Where
from agent.pbx.asterisk.channels import APPS, digits, phone_of, role_of
from agent.pbx.asterisk.record_files import FIELD, Clock, Fields, Kind
from agent.pbx.asterisk.trunks import Trunks
from agent.pbx.events import App, LegRole
from storage.vocabulary import Direction, Reason

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
        self._trunk_globs = Trunks(where.inbound_contexts, where.trunk_channels)
        self._clock = clock
        self._calls: dict[str, list[Row]] = {}
        self._relays: dict[str, list[Row]] = {}
        self._trunks: set[str] = set()
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
        if foreign or self._trunk_globs.matches(row.channel, row.context):
            self._trunks.add(end_name)
        elif row.number.isdecimal():
            self._phones.add(end_name)

    def calls(self, since: float, until: float) -> list[Call]:
        """Calls that ended between the two times, in the order in which they began."""
        told = [self._call(call, sorted(rows, key=lambda row: row.start)) for call, rows in self._calls.items()]
        in_time = [call for call in told if call.ended_at is not None and since <= call.ended_at <= until]
        return sorted(in_time, key=lambda call: call.started_at)

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
        if self._trunk_globs.matches(channel, row.context if channel == row.channel else ""):
            return True
        name = phone_of(channel)
        is_phone = name in self._phones or (name.isdecimal() and len(name) <= SHORT)
        return name in self._trunks and not is_phone

    def _goes_out(self, row: Row) -> bool:
        party = row.to != "" and role_of(row.to) is LegRole.PARTY
        return party and (digits(row.dst) > SHORT or self._is_trunk(row, row.to))

    def _call(self, call: str, rows: list[Row]) -> Call:
        first = rows[0]
        direction = Direction.INTERNAL
        if self._is_trunk(first, first.channel):
            direction = Direction.INBOUND
        elif any(self._goes_out(row) for row in rows):
            direction = Direction.OUTBOUND
        phones = tuple(phone for row in rows for phone in self._phones_of(row, frozenset()))
        talked = min((phone for phone in phones if phone.joined_at is not None), key=_joined, default=None)
        ended = max(row.end for row in rows)
        missed = talked is None and direction is Direction.INBOUND
        entered = self._trunk_globs.matches("", first.context)
        return Call(
            id=call,
            direction=direction,
            number=first.number,
            name=first.name,
            dialled=first.dst if entered or direction is not Direction.INBOUND else "",
            trunk=phone_of(first.channel),
            withheld=None,
            started_at=first.start,
            first_ringing_at=min((phone.rang_at for phone in phones if phone.rang_at is not None), default=None),
            queue_joined_at=next((row.start for row in rows if APPS.get(row.app) is App.QUEUE), None),
            answered_at=talked.joined_at if talked else None,
            answered_by=talked.phone if talked else "",
            ended_at=ended,
            reason=reason_of(rows) if missed else None,
            known_at=ended if missed else talked.joined_at if talked else None,
            phones=phones,
        )

    def _phones_of(self, row: Row, passed: frozenset[str]) -> list[Phone]:
        """The phones this attempt rang, Local channels followed through to their other halves."""
        if role_of(row.to) is LegRole.RELAY:
            other = row.to[:-1] + "2"
            if other in passed:
                return []
            behind = [phone for far in self._relays.get(other, ()) for phone in self._phones_of(far, passed | {other})]
            if row.answered is not None:
                return behind
            return [Phone(phone.phone, phone.rang_at, None, phone.attempt) for phone in behind]
        if not row.to or role_of(row.to) is LegRole.HIDDEN:
            return []
        rang = row.start if row.disposition in ("ANSWERED", "NO ANSWER") else None
        return [Phone(phone_of(row.to), rang, row.answered, _ATTEMPTS.get(row.disposition, "unreachable"))]


_ATTEMPTS: Mapping[str, str] = {"ANSWERED": "answered", "NO ANSWER": "no_answer", "BUSY": "busy"}


def _joined(phone: Phone) -> float:
    return phone.joined_at if phone.joined_at is not None else float("inf")


def reason_of(rows: list[Row]) -> Reason:
    """Why nobody talked to the caller, so far as rows in order of their starts can tell."""
    apps = [APPS.get(row.app) for row in rows]
    dialled = [row for row in rows if row.to]
    if App.MAILBOX in apps:
        tried = dialled or App.QUEUE in apps or App.MENU in apps
        return Reason.VOICEMAIL if tried else Reason.CLOSED
    if App.QUEUE in apps:
        return Reason.QUEUE_ABANDONED if apps[-1] is App.QUEUE else Reason.QUEUE_TIMEOUT
    if dialled:
        return _dial_reason(dialled)
    if App.DIAL in apps or App.BUSY_TONE in apps:
        return Reason.UNREACHABLE
    if App.MENU in apps:
        return Reason.MENU_ABANDONED
    return Reason.CLOSED if App.ANNOUNCEMENT in apps else Reason.OTHER


def _dial_reason(dialled: list[Row]) -> Reason:
    rang = [row for row in dialled if row.disposition in ("NO ANSWER", "ANSWERED")]
    if not rang:
        return Reason.BUSY if dialled[-1].disposition == "BUSY" else Reason.UNREACHABLE
    last = rang[-1]
    timeout = last.data.split(",")[1:2]
    patience = int(timeout[0]) if timeout and timeout[0].isdecimal() and len(timeout[0]) < 9 else None
    gave_up = patience is not None and last.end - last.start < patience - 1
    return Reason.ABANDONED if gave_up else Reason.NO_ANSWER
