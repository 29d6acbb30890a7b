"""What the double's record and our ledger say of one storm, side by side: texts taken, words said, which row is whose.

The double's record is the truth; the ledger is what is judged by it.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.doubles.twilio.carrier import Message
from tests.doubles.twilio.record import Event
from tests.faults.storm import Storm
from tests.faults.townsfolk import Meaning, meant

POST_TAKES = 25.0
"""Seconds after a text was committed as `sending` within which the provider may still take it."""
KINDS: dict[str, tuple[str, ...]] = {
    "first": ("Sorry we missed",),
    "follow_up": ("shall we still call you back",),
    "ladder": ("has been alerted", "nobody has seen your message", "has seen this"),
    "help": ("Call us at", "Llame al", "Appelez le"),
    "confirm": ("Reply START", "Responda START", "Repondez START"),
}
"""By which words a caller knows what kind of text he got."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a person. When we kept it, by our ledger, and when we told the provider so: None is never."""

    message: Message
    meaning: Meaning
    kept_at: float | None
    confirmed_at: float | None

    @property
    def number(self) -> str:
        return self.message.sender

    @property
    def at(self) -> float:
        return self.message.created

    @property
    def heard_at(self) -> float:
        """From when on we have to act by it. What was never kept is another wrong."""
        return min((at for at in (self.kept_at, self.confirmed_at) if at is not None), default=float("inf"))


@dataclass(frozen=True, slots=True)
class Taken:
    """One text that the provider took from us, and our row of it (None: we don't know of it)."""

    message: Message
    row: sqlite3.Row | None

    @property
    def number(self) -> str:
        return self.message.to

    @property
    def at(self) -> float:
        return self.message.created

    @property
    def kind(self) -> str:
        """By what it says."""
        return next((k for k, words in KINDS.items() if any(w in self.message.body for w in words)), "strange")

    @property
    def arrived(self) -> bool:
        return self.message.final.status in ("delivered", "sent")


@dataclass(slots=True)
class Evidence:
    """All of it; `said`, `taken` and `misses` by number, in order. `wrong`: what can't be laid side by side."""

    storm: Storm
    db: sqlite3.Connection
    texts: list[sqlite3.Row]
    said: dict[str, list[Said]]
    taken: dict[str, list[Taken]]
    told: dict[str, set[str]]
    refused: dict[str, set[str]]
    misses: dict[str, list[float]]
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
    found = Evidence(storm, db, texts, {}, {}, _told(events["hook"]), _refused(events["refused"]), _misses(storm))
    _lay_replies(found, _confirmed(events["hook"]))
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


def _confirmed(hooks: list[Event]) -> dict[str, float]:
    """When we first told the provider that we have a person's text."""
    confirmed: dict[str, float] = {}
    for event in hooks:
        answer = event["status"]
        if event["kind"] == "inbound" and event["forgery"] is None and isinstance(answer, int) and answer < 300:
            confirmed.setdefault(str(event["sid"]), float(str(event["at"])))
    return confirmed


def _misses(storm: Storm) -> dict[str, list[float]]:
    misses: defaultdict[str, list[float]] = defaultdict(list)
    for number, at in storm.ours.missed_calls:
        misses[number].append(at)
    return dict(misses)


def _refused(events: list[Event]) -> dict[str, set[str]]:
    refused: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        refused[str(event["to"])].add(str(event["code"]))
    return refused


def _lay_replies(found: Evidence, confirmed: dict[str, float]) -> None:
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
            found.wrong.append(
                f"{message.sender} said {message.body!r}, and it was kept {len(kept)} times: {message.sid}"
            )
        for row in kept:
            if (row["number"], row["to_number"], row["body"]) != (message.sender, message.to, message.body):
                found.wrong.append(f"{message.sender} said {message.body!r}, and {row['body']!r} was kept")
            if (at := confirmed.get(message.sid)) is not None and row["recorded_at"] > at:
                found.wrong.append(f"we told of having {message.body!r} ({message.sid}) before it was kept")
        if wanted and message.sender not in found.staff:
            kept_at = kept[0]["recorded_at"] if kept else None
            one = Said(message, meant(message.body), kept_at, confirmed.get(message.sid))
            said[message.sender].append(one)
    found.wrong += [f"nobody said {few[0]['body']!r} ({sid}), and it was kept" for sid, few in rows.items()]
    found.said = dict(said)


def _lay_texts(found: Evidence) -> None:
    """Every text that the provider took is one row's, and no row has two."""
    by_sid = {str(row["sid"]): row for row in found.texts if row["sid"] is not None}
    nameless: defaultdict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in found.texts:
        if row["sid"] is None and row["sending_at"] is not None:
            nameless[row["number"], row["body"]].append(row)
    taken: defaultdict[str, list[Taken]] = defaultdict(list)
    for message in found.storm.twilio.carrier.messages.values():
        if message.direction == "inbound" or message.by_provider:
            continue
        one = Taken(message, _row_of(message, by_sid, nameless[message.to, message.body]))
        found.wrong += _wrong_about(one, message.to in found.staff)
        taken[message.to].append(one)
    found.wrong += [f"text {row['id']} has a name that the provider never gave: {sid}" for sid, row in by_sid.items()]
    found.taken = dict(taken)


def _row_of(message: Message, by_sid: dict[str, sqlite3.Row], nameless: list[sqlite3.Row]) -> sqlite3.Row | None:
    """The row that tells of a text, by the provider's name, else by number, words and time. No row is given twice."""
    if message.sid in by_sid:
        return by_sid.pop(message.sid)
    for place, row in enumerate(nameless):
        if 0 <= message.created - row["sending_at"] <= POST_TAKES:
            return nameless.pop(place)
    return None


def _wrong_about(one: Taken, to_staff: bool) -> Iterable[str]:
    message, row = one.message, one.row
    if row is None:
        yield f"{message.to} got {message.body!r} ({message.sid}), which no row tells of"
        return
    after = message.created - row["sending_at"]
    if (row["number"], row["body"]) != (message.to, message.body):
        yield f"text {row['id']} goes by the name of another: {message.sid}"
    if not 0 <= after <= POST_TAKES:
        yield f"text {row['id']} was taken {after:.1f} s after it was handed over"
    if row["kind"] != one.kind and not to_staff:
        yield f"text {row['id']} is {row['kind']} on record, and says {message.body!r}"
