"""CEL rows → leg events. Reads cel_custom's Master.csv in Asterisk's default mapping.

CEL has no ringing: a phone's leg counts as ringing from its CHAN_START unless it is refused at once. It has no start
of an application either, but every row names the one that runs. A conversation is two legs in one bridge, as ever.

What CEL can't tell, seen on real records: a silent phone from one that rang (`no_answer`, not `unreachable`); an
orderly stop of the PBX from an unanswered ring; before Asterisk 22, menus and announcements of callers who were
already up (`other`).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from agent.pbx.asterisk.channels import APPS, phone_of, role_of
from agent.pbx.asterisk.record_files import FIELD, Fields, Kind
from agent.pbx.asterisk.translations import CAUSES
from agent.pbx.asterisk.trunks import Trunks
from agent.pbx.events import (
    App,
    EndCause,
    LegAnswered,
    LegCleared,
    LegCreated,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegRinging,
    LegRole,
    QueueJoined,
    QueueLeft,
)
from agent.pbx.records import RecordsTrouble

CEL = Kind("CEL", re.compile(rb'"[A-Za-z_ ]+","\d[\d:. TZ+-]*"(?:,' + FIELD + rb"){17,18}"), time=1, leg=14)

REFUSED_WITHIN = 2.0
"""Seconds within which a phone refuses a call without having rung."""
SAME_MOMENT = 0.5
"""Seconds the caller's HANGUP may come after those of the phones that rang for him; FreePBX's handlers run between."""
SILENT = 30.0
"""Seconds without a row after which a call that has no end is taken as cut off."""
_DIALLED_OUT = frozenset({"NOANSWER", "BUSY", "CHANUNAVAIL", "CONGESTION"})
_UNIQUE = re.compile(r"(.*?)(\d+)\.(\d+)$")


Timed = tuple[float, LegEvent]


class Where(Protocol):
    """What is inbound: globs."""

    @property
    def inbound_contexts(self) -> tuple[str, ...]: ...
    @property
    def trunk_channels(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row of CEL, as far as it says something about legs. `extra`: what the type of event adds."""

    at: float
    kind: str
    name: str
    number: str
    exten: str
    context: str
    channel: str
    app: str
    leg: str
    call: str
    extra: dict[str, object]

    @property
    def role(self) -> LegRole:
        return role_of(self.channel)


def row_of(at: float, fields: Fields) -> Row:
    """The row in these fields of the default mapping (cel_custom.conf.sample)."""
    extra: object = {}
    if len(fields) > 19 and fields[19].startswith("{"):
        try:
            extra = json.loads(fields[19])
        except (ValueError, RecursionError):
            extra = {}
    return Row(
        at=at,
        kind=fields[0],
        name=fields[2],
        number=fields[3],
        exten=fields[7],
        context=fields[8],
        channel=fields[9],
        app=fields[10],
        leg=fields[14],
        call=fields[15],
        extra=extra if isinstance(extra, dict) else {},
    )


def events_in(rows: Iterable[tuple[float, Fields]], where: Where, until: float) -> Iterator[Timed]:
    """What the rows say about legs, in order, and of calls cut off before `until` (epoch s) that they ended."""
    history = History(where)
    for at, fields in rows:
        yield from history.take(row_of(at, fields))
    yield from history.close(until)


class History:
    """Takes rows in order. Remembers callers' legs that live, and what only the next rows can explain."""

    def __init__(self, where: Where) -> None:
        self._trunks = Trunks(where.inbound_contexts, where.trunk_channels)
        self._alerting: dict[str, tuple[float, LegRinging]] = {}
        self._ends: list[tuple[float, LegEnded]] = []
        self._apps: dict[str, App] = {}
        self._dialled: set[str] = set()
        self._seen: dict[str, float] = {}
        self._highest: dict[str, tuple[int, int]] = {}
        self._told: list[Timed] = []

    def take(self, row: Row) -> list[Timed]:
        """What this row makes known."""
        if row.kind == "CHAN_START":
            self._notice_restart(row)
        self._catch_up(row.at)
        if row.call in self._seen:
            self._seen[row.call] = row.at
        self._notice_app(row)
        match row.kind:
            case "CHAN_START":
                self._created(row)
            case "ANSWER":
                self._alert(row.leg)
                self._say(row.at, LegAnswered(row.leg, row.call))
            case "BRIDGE_ENTER" | "BRIDGE_EXIT":
                self._bridge(row)
            case "HANGUP":
                self._hung_up(row)
            case "CHAN_END":
                if row.leg == row.call or row.leg not in {end.leg for _, end in self._ends}:
                    self._end(row, EndCause.NORMAL)
            case _:
                pass
        return self._tell()

    def close(self, until: float) -> list[Timed]:
        """No more rows: who has no end and was silent for long was cut off."""
        self._catch_up(float("inf"))
        for call, seen in list(self._seen.items()):
            if seen <= until - SILENT:
                self._cut_off(call)
        return self._tell()

    def _tell(self) -> list[Timed]:
        told, self._told = self._told, []
        return told

    def _created(self, row: Row) -> None:
        first = row.leg == row.call and row.role is LegRole.PARTY
        # an originated leg begins in `s` too, but nobody's number is on it yet
        arriving = first and (row.exten not in ("", "s") or row.number != "")
        made = LegCreated(
            leg=row.leg,
            call=row.call,
            role=row.role,
            arriving=arriving,
            trunk=self._trunks.matches(row.channel, row.context),
            phone=phone_of(row.channel),
            pair=row.channel[:-2] if row.role is LegRole.RELAY else "",
            number=row.number,
            name=row.name,
            dialled=row.exten,
        )
        self._say(row.at, made)
        if arriving:
            self._seen[row.call] = row.at
        if not first and row.role is LegRole.PARTY:
            self._dialled.add(row.call)
            self._alerting[row.leg] = (row.at, LegRinging(row.leg, row.call, row.role))

    def _bridge(self, row: Row) -> None:
        room, technology = row.extra.get("bridge_id"), row.extra.get("bridge_technology")
        if not isinstance(room, str):
            raise RecordsTrouble(
                "The CEL file doesn't say who talked to whom. Let cel_custom.conf write Asterisk's default mapping, "
                "which ends with ${CSV_QUOTE(${eventextra})}."
            )
        if technology == "holding_bridge":
            return
        joined = row.kind == "BRIDGE_ENTER"
        self._say(row.at, LegJoined(row.leg, row.call, room, row.role) if joined else LegLeft(row.leg, row.call, room))

    def _hung_up(self, row: Row) -> None:
        cause = CAUSES.get(str(row.extra.get("hangupcause")), EndCause.NORMAL)
        if row.leg != row.call:
            if cause is EndCause.NORMAL:
                self._alert(row.leg)
            else:
                self._alerting.pop(row.leg, None)
                self._say(row.at, LegHungUp(row.leg, row.call, cause))
            self._ends.append((row.at + SAME_MOMENT, LegEnded(row.leg, row.call, cause)))
            return
        status = row.extra.get("dialstatus")
        for leg in [leg for leg, (_, ringing) in self._alerting.items() if ringing.call == row.call]:
            self._alert(leg)
        if (status or cause is not EndCause.NORMAL) and row.call not in self._dialled:
            self._say(row.at, LegEntered(row.leg, row.call, App.DIAL))
        if row.extra.get("hangupsource") == row.channel:
            if status in _DIALLED_OUT:
                self._release(float("inf"))
            self._say(row.at, LegHungUp(row.leg, row.call, cause))
        self._end(row, cause)

    def _end(self, row: Row, cause: EndCause) -> None:
        self._apps.pop(row.leg, None)
        self._alerting.pop(row.leg, None)
        if row.leg == row.call:
            self._seen.pop(row.call, None)
            self._dialled.discard(row.call)
        self._say(row.at, LegEnded(row.leg, row.call, cause))

    def _notice_app(self, row: Row) -> None:
        if row.app == "AppQueue" and row.call in self._seen and row.call not in self._apps:
            self._enter(row.at, row.call, row.call, App.QUEUE)
        app = APPS.get(row.app)
        if app is not None and row.kind not in ("HANGUP", "CHAN_END", "LINKEDID_END"):
            self._enter(row.at, row.leg, row.call, app)

    def _enter(self, at: float, leg: str, call: str, app: App) -> None:
        before = self._apps.get(leg)
        if before is app:
            return
        self._apps[leg] = app
        if before is App.QUEUE:
            self._say(at, QueueLeft(leg, call))
        self._say(at, LegEntered(leg, call, app))
        if app is App.QUEUE:
            self._say(at, QueueJoined(leg, call))

    def _catch_up(self, now: float) -> None:
        """What was held back, since only what follows could tell what it meant."""
        while self._alerting:
            leg, (since, _) = next(iter(self._alerting.items()))
            if since > now - REFUSED_WITHIN:
                break
            self._alert(leg)
        self._release(now)

    def _alert(self, leg: str) -> None:
        if leg in self._alerting:
            self._say(*self._alerting.pop(leg))

    def _release(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now:
            at, end = self._ends.pop(0)
            self._apps.pop(end.leg, None)
            self._say(at, end)

    def _notice_restart(self, row: Row) -> None:
        """Unique ids end with a counter that begins anew with each start of Asterisk, and with the second of birth."""
        found = _UNIQUE.fullmatch(row.leg)
        if found is None:
            return
        box, born, number = found[1], int(found[2]), int(found[3])
        highest, then = self._highest.get(box, (-1, 0))
        if number < highest and born >= then + 2:
            self._catch_up(float("inf"))
            for call in [call for call in self._seen if call.startswith(box)]:
                self._cut_off(call)
            highest = -1
        if number > highest:
            self._highest[box] = (number, born)

    def _cut_off(self, call: str) -> None:
        """Nothing was heard of the call after its last row."""
        seen = self._seen.pop(call)
        self._dialled.discard(call)
        self._say(seen, LegCleared(call, call))
        self._say(seen, LegEnded(call, call, EndCause.NORMAL))

    def _say(self, at: float, event: LegEvent) -> None:
        self._told.append((at, event))
