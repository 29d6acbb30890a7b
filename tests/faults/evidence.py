"""What the double's record and our ledger say of one storm, side by side: texts taken, words said, and which row is whose.

The double's record is the truth; the ledger is what is judged by it.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field

from tests.doubles.twilio.carrier import Message
from tests.doubles.twilio.record import Event
from tests.faults.storm import Storm
from tests.faults.townsfolk import Meaning, meant

POST_TAKES = 25.0
"""Seconds after a text was committed as `sending` within which the provider may still take it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a person, and when it was kept by us (None: never)."""

    message: Message
    meaning: Meaning
    kept_at: float | None

    @property
    def number(self) -> str:
        return self.message.sender

    @property
    def at(self) -> float:
        return self.message.created


@dataclass(frozen=True, slots=True)
class Taken:
    """One text that the provider took from us, and our row of it (None: we don't know of it)."""

    message: Message
    row: sqlite3.Row | None

    @property
    def number(self) -> str:
        return self.message.to

    @property
    def arrived(self) -> bool:
        return self.message.final.status in ("delivered", "sent")


@dataclass(slots=True)
class Evidence:
    """All of it. `wrong`: what can't be laid side by side."""

    storm: Storm
    db: sqlite3.Connection
    texts: list[sqlite3.Row]
    said: dict[str, list[Said]]
    taken: dict[str, list[Taken]]
    told: dict[str, set[str]]
    refused: dict[str, set[str]]
    wrong: list[str] = field(default_factory=list)

    @property
    def staff(self) -> tuple[str, ...]:
        return self.storm.folk.staff

    def rows(self, sql: str) -> list[sqlite3.Row]:
        return self.db.execute(sql).fetchall()


def evidence(storm: Storm) -> Evidence:
    """Lay the record and the ledger side by side."""
    db, twilio = storm.ours.ledger.db, storm.twilio
    texts = db.execute("SELECT * FROM texts ORDER BY id").fetchall()
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for event in twilio.record.events:
        events[str(event["event"])].append(event)
    found = Evidence(storm, db, texts, {}, {}, _told(events["hook"]), _refused(events["refused"]))
    _lay_replies(found)
    _lay_texts(found)
    return found


def _told(hooks: list[Event]) -> dict[str, set[str]]:
    """With which statuses the provider truly called about a text."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for event in hooks:
        if event["kind"] == "status" and event["forgery"] is None:
            pairs = event["fields"]
            assert isinstance(pairs, list)
            told[str(event["sid"])].add(dict(pairs)["MessageStatus"])
    return told


def _refused(events: list[Event]) -> dict[str, set[str]]:
    refused: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        refused[str(event["to"])].add(str(event["code"]))
    return refused


def _lay_replies(found: Evidence) -> None:
    """Every text of a person is kept once, word by word, but those that the provider took for a machine's."""
    rows: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in found.rows("SELECT * FROM replies"):
        rows[row["sid"]].append(row)
    said: defaultdict[str, list[Said]] = defaultdict(list)
    for message in found.storm.twilio.carrier.messages.values():
        if message.direction != "inbound":
            continue
        kept = rows.pop(message.sid, [])
        wanted = 0 if message.final.status == "failed" else 1
        if len(kept) != wanted:
            found.wrong.append(f"{message.sender} said {message.body!r} ({message.sid}) and it was kept {len(kept)} times")
        for row in kept:
            if (row["number"], row["to_number"], row["body"]) != (message.sender, message.to, message.body):
                found.wrong.append(f"{message.sender} said {message.body!r}, and {row['body']!r} was kept")
        if wanted and message.sender not in found.staff:
            kept_at = kept[0]["recorded_at"] if kept else None
            said[message.sender].append(Said(message, meant(message.body), kept_at))
    found.wrong += [f"nobody said {few[0]['body']!r} ({sid}), and it was kept" for sid, few in rows.items()]
    found.said = dict(said)


def _lay_texts(found: Evidence) -> None:
    """Every text that the provider took is one row's, and no row has two."""
    by_sid = {row["sid"]: row for row in found.texts if row["sid"] is not None}
    nameless: defaultdict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in found.texts:
        if row["sid"] is None and row["sending_at"] is not None:
            nameless[row["number"], row["body"]].append(row)
    taken: defaultdict[str, list[Taken]] = defaultdict(list)
    for message in found.storm.twilio.carrier.messages.values():
        if message.direction == "inbound" or message.by_provider:
            continue
        row = by_sid.pop(message.sid, None)
        if row is None:
            few = nameless[message.to, message.body]
            row = next((r for r in few if 0 <= message.created - r["sending_at"] <= POST_TAKES), None)
            if row is None:
                found.wrong.append(f"{message.to} got {message.body!r} ({message.sid}), which no row tells of")
            else:
                few.remove(row)
        elif (row["number"], row["body"]) != (message.to, message.body):
            found.wrong.append(f"text {row['id']} goes by the name of another: {message.sid}")
        elif not 0 <= message.created - row["sending_at"] <= POST_TAKES:
            found.wrong.append(f"text {row['id']} was taken {message.created - row['sending_at']:.1f} s after its handing over")
        taken[message.to].append(Taken(message, row))
    found.wrong += [f"text {row['id']} has a name that the provider never gave: {sid}" for sid, row in by_sid.items()]
    found.taken = dict(taken)
