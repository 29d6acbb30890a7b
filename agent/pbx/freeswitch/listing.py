"""The live listing: which legs there are now, from `show channels`, `show calls` and one `uuid_dump` for each leg.

`show channels` tells where a call was first addressed to, which its channel forgets when it is transferred; the dump
tells for whom a leg is dialled, and when it rang and was answered; `show calls` who is bridged with whom.
"""

import json
from dataclasses import dataclass, field, replace

from agent.pbx.events import LegEnded, LegEvent, LegListed, Listed
from agent.pbx.freeswitch.channels import app_of
from agent.pbx.freeswitch.dialect import Dialect

Row = dict[str, str]

MICROSECONDS = 1e6
MOST_ROUNDS = 60
"""How often `show channels` is asked again after a gap: a leg ends within 50 ms, and a round takes about one. If it is
then still listed, its last event came before we listened."""


def rows_of(answer: bytes) -> list[Row]:
    """The rows of a `show … as json`. None are no fault: an idle PBX leaves them out. Raises ValueError."""
    told = json.loads(answer)
    rows = told.get("rows", []) if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise ValueError("a list without rows")
    return [_strings(row) for row in rows if isinstance(row, dict)]


def dump_of(answer: bytes) -> Row | None:
    """The headers in a `uuid_dump … json`; None where the leg is gone already (`-ERR No such channel!`)."""
    try:
        told = json.loads(answer)
    except ValueError:
        return None
    return _strings(told) if isinstance(told, dict) else None


def _strings(told: dict[object, object]) -> Row:
    return {str(name): value for name, value in told.items() if isinstance(value, str)}


@dataclass(slots=True)
class Listing:
    """One listing under way: what has been answered of it."""

    channels: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    dumps: dict[str, Row] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    rounds: int = 0
    is_answered: bool = False

    def hear(self, event: LegEvent) -> None:
        """An event that came in between: an end is newer than the list."""
        if isinstance(event, LegEnded):
            self.ended.add(event.leg)

    def dumped(self, uuid: str, answer: bytes) -> None:
        """What the PBX tells of one leg."""
        dump = dump_of(answer)
        if dump is not None:
            self.dumps[uuid] = dump

    def is_settled(self, dialect: Dialect) -> bool:
        """False while a leg we knew is listed, and yet can't be asked: it is just ending, and its last event comes."""
        ending = {row.get("uuid", "") for row in self.channels} - self.dumps.keys() - self.ended
        return not any(dialect.knows(uuid) for uuid in ending)

    def result(self, dialect: Dialect) -> Listed:
        """The legs that live. The dialect learns of those it never met, and forgets those that are gone."""
        rows = [row for row in self.channels if row.get("uuid") in self.dumps.keys() - self.ended]
        met = [(row, self.dumps[row["uuid"]]) for row in rows]
        legs = [_listed(dialect, row, dump) for row, dump in met]
        dialect.keep_only({leg.created.leg for leg in legs})
        rooms = _rooms(dialect, self.calls)
        return Listed(tuple(replace(leg, room=rooms.get(leg.created.leg, "")) for leg in legs))


def _listed(dialect: Dialect, row: Row, dump: Row) -> LegListed:
    first = {"Caller-Destination-Number": row.get("initial_dest", ""), "Caller-Context": row.get("initial_context", "")}
    created = dialect.meet(row["uuid"], dump | {name: value for name, value in first.items() if value})
    answered = dump.get("Answer-State") == "answered"
    action = dump.get("variable_voicemail_action", "")
    app = app_of(row.get("application", ""), row.get("application_data", ""), action)
    dialect.find(created.leg, answered, app)
    rang = any(dump.get(f"Caller-Channel-{what}-Time", "0") != "0" for what in ("Progress", "Progress-Media"))
    return LegListed(
        created=created,
        ringing=rang and not answered and not created.arriving,
        answered=answered,
        app=app,
        room="",
        age=_age(dump),
    )


def _age(dump: Row) -> float:
    """Seconds it has lived by the PBX's own clock."""
    now, began = dump.get("Event-Date-Timestamp", ""), dump.get("Caller-Channel-Created-Time", "")
    if not now.isdecimal() or not began.isdecimal():
        return 0.0
    return max(0.0, (int(now) - int(began)) / MICROSECONDS)


def _rooms(dialect: Dialect, calls: list[Row]) -> dict[str, str]:
    rooms: dict[str, str] = {}
    for call in calls:
        ends = call.get("uuid", ""), call.get("b_uuid", "")
        room = dialect.find_bridge(ends) if all(ends) else ""
        rooms |= dict.fromkeys(ends, room) if room else {}
    return rooms
