"""Calls and what was decided about them. Each function runs inside the caller's transaction."""

import sqlite3

from storage.queries import load
from storage.records import CallRecord, OpenCall, PutCall, values
from storage.vocabulary import Decision, Direction

_SQL = load("calls.sql")


def put(db: sqlite3.Connection, call: CallRecord) -> PutCall:
    """Write a call or bring its row up to date. What is known already is never unlearnt."""
    columns = values(call)
    phones = columns.pop("phones")
    row = db.execute(_SQL["put_call"], columns).fetchone()
    if phones:
        db.execute(_SQL["forget_phones"], {"call_id": row["id"]})
        rows = [{"call_id": row["id"], "position": place, **values(phone)} for place, phone in enumerate(phones)]
        db.executemany(_SQL["put_phone"], rows)
    decision = Decision(row["decision"]) if row["decision"] else None
    return PutCall(row["id"], decision, row["answered_at"] is not None)


def decide(db: sqlite3.Connection, call_id: int, decision: Decision, rule: str, at: float, because: str = "") -> bool:
    """Write the one decision about a call, with what was found for it. False if there was one already."""
    return db.execute(_SQL["decide"], _decided(call_id, decision, rule, at, because)).rowcount == 1


def redecide(db: sqlite3.Connection, call_id: int, decision: Decision, rule: str, at: float, because: str = "") -> None:
    """Replace a deferred decision by the final one."""
    db.execute(_SQL["redecide"], _decided(call_id, decision, rule, at, because))


def _decided(call_id: int, decision: Decision, rule: str, at: float, because: str) -> dict[str, object]:
    return {"call_id": call_id, "decision": decision, "rule": rule, "at": at, "because": because or None}


def talking_now(db: sqlite3.Connection, number: str, call_id: int) -> str | None:
    """Who talks to this number on another call at this moment; empty if nobody knows who."""
    row = db.execute(_SQL["talking_now"], {"number": number, "call_id": call_id}).fetchone()
    return None if row is None else row["answered_by"] or ""


def talked_since(db: sqlite3.Connection, number: str, call_id: int, since: float, earliest: float) -> Direction | None:
    """Direction of another call of this number, begun after `earliest`, on which a human talked after `since`."""
    wanted = {"number": number, "call_id": call_id, "since": since, "earliest": earliest}
    row = db.execute(_SQL["talked_since"], wanted).fetchone()
    return None if row is None else Direction(row["direction"])


def first_talk(db: sqlite3.Connection, number: str, since: float, earliest: float) -> float | None:
    """When this number first talked to somebody after `since`, on a call begun after `earliest`."""
    wanted = {"number": number, "since": since, "earliest": earliest}
    found: float | None = db.execute(_SQL["first_talk"], wanted).fetchone()[0]
    return found


def called_back_at(db: sqlite3.Connection, number: str, since: float, earliest: float) -> float | None:
    """When staff reached this number by calling it, after `since`."""
    row = db.execute(_SQL["called_back"], {"number": number, "since": since, "earliest": earliest}).fetchone()
    return None if row is None else float(row["answered_at"])


def trunk_ends(db: sqlite3.Connection) -> frozenset[str]:
    """The ends through which calls from outside came lately."""
    return frozenset(row["trunk"] for row in db.execute(_SQL["trunk_ends"]))


def in_flight(db: sqlite3.Connection) -> list[OpenCall]:
    """Calls whose end nobody saw."""
    return [
        OpenCall(
            row["id"],
            row["pbx_call"],
            Direction(row["direction"]),
            row["caller"],
            row["line"],
            row["started_at"],
            row["answered_at"],
            Decision(row["decision"]) if row["decision"] else None,
        )
        for row in db.execute(_SQL["in_flight"])
    ]


def end_unseen(db: sqlite3.Connection, call_id: int, at: float) -> None:
    """The call is over; nobody saw when."""
    db.execute(_SQL["end_unseen"], {"call_id": call_id, "at": at})


def is_known(db: sqlite3.Connection, pbx_call: str) -> bool:
    """Whether the call has a row with its end and, if nobody answered, its decision."""
    row = db.execute(_SQL["by_pbx_call"], {"pbx_call": pbx_call}).fetchone()
    return row is not None and row["ended_at"] is not None and (row["decision"] or row["answered_at"]) is not None


def newest(db: sqlite3.Connection, since: float, limit: int) -> list[sqlite3.Row]:
    """Calls for people, newest first, each with its first text's body and state."""
    return db.execute(_SQL["newest"], {"since": since, "limit": limit}).fetchall()


def to_call_back(db: sqlite3.Connection, since: float, limit: int) -> list[sqlite3.Row]:
    """Missed callers nobody has talked to since, newest first."""
    return db.execute(_SQL["callback_list"], {"since": since, "limit": limit}).fetchall()


def find(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """One call by our number or by the PBX's name of it."""
    number = int(name) if name.isdecimal() and len(name) < 18 else -1
    row: sqlite3.Row | None = db.execute(_SQL["one"], {"id": number, "pbx_call": name}).fetchone()
    return row


def phones(db: sqlite3.Connection, call_id: int) -> list[sqlite3.Row]:
    """The phones of a call in the order in which they were tried."""
    return db.execute(_SQL["phones"], {"call_id": call_id}).fetchall()
