"""Callers as people deal with them. Each function runs inside the caller's transaction."""

import sqlite3
from dataclasses import dataclass

from storage.queries import load
from storage.records import values
from storage.vocabulary import ThreadOutcome, ThreadState

_SQL = load("threads.sql")


@dataclass(frozen=True, slots=True)
class ThreadMove:
    """What a person did: who, when (epoch s), where the thread is now. `amount` in the office's currency."""

    number: str
    state: ThreadState
    by: str
    at: float
    outcome: ThreadOutcome | None = None
    amount: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the ledger tells of many callers at once, by number."""

    missed: dict[str, sqlite3.Row]
    replied: dict[str, sqlite3.Row]
    reached: dict[str, float]
    moved: dict[str, sqlite3.Row]
    written_to: dict[str, float]


def put(db: sqlite3.Connection, move: ThreadMove) -> None:
    """Write down where the thread is now, and the move in its history."""
    db.execute(_SQL["put"], values(move))
    db.execute(_SQL["note_move"], values(move))


def get(db: sqlite3.Connection, number: str) -> sqlite3.Row | None:
    """How the thread stands; None if no person ever moved it."""
    row: sqlite3.Row | None = db.execute(_SQL["get"], {"number": number}).fetchone()
    return row


def moves(db: sqlite3.Connection, number: str) -> list[sqlite3.Row]:
    """Every move of a thread, in order."""
    return db.execute(_SQL["moves"], {"number": number}).fetchall()


def listed(db: sqlite3.Connection, since: float) -> Listed:
    """All callers who were missed or wrote since then, and what became of them."""
    when = {"since": since}
    return Listed(
        missed={row["number"]: row for row in db.execute(_SQL["missed"], when)},
        replied={row["number"]: row for row in db.execute(_SQL["replied"], when)},
        reached={row["number"]: row["last_at"] for row in db.execute(_SQL["reached"], when)},
        moved={row["number"]: row for row in db.execute(_SQL["moved"])},
        written_to={row["number"]: row["last_at"] for row in db.execute(_SQL["written_to"], when)},
    )
