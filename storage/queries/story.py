"""What bears on one call, as it stood when the call was decided, and what came of it: for telling its story."""

import sqlite3

from storage.queries import load
from storage.queries.texts import Counts
from storage.records import OptOut
from storage.vocabulary import OptOutSource

_SQL = load("story.sql")


def opt_out_at(db: sqlite3.Connection, number: str, at: float) -> OptOut | None:
    """The opt-out of a number in force at `at` (epoch s)."""
    row = db.execute(_SQL["opt_out_at"], {"number": number, "at": at}).fetchone()
    return None if row is None else OptOut(number, row["at"], OptOutSource(row["source"]), row["words"])


def text_before(db: sqlite3.Connection, number: str, at: float) -> tuple[int, float] | None:
    """Id and time of the last text to a number before `at` that left, or may have."""
    row = db.execute(_SQL["text_before"], {"number": number, "at": at}).fetchone()
    return None if row is None else (row["id"], row["created_at"])


def talk_before(db: sqlite3.Connection, number: str, call_id: int, at: float) -> sqlite3.Row | None:
    """The last other call on which a human talked to this number by `at`."""
    values = {"number": number, "call_id": call_id, "at": at}
    row: sqlite3.Row | None = db.execute(_SQL["talk_before"], values).fetchone()
    return row


def sent_before(db: sqlite3.Connection, number: str, at: float) -> Counts:
    """How many texts went out by themselves before `at`."""
    row = db.execute(_SQL["sent_before"], {"number": number, "at": at}).fetchone()
    return Counts(row["hour"], row["day"], row["number"])


def calls_after(db: sqlite3.Connection, number: str, call_id: int, at: float, until: float) -> list[sqlite3.Row]:
    """Other calls from or to a number between the two times."""
    values = {"number": number, "call_id": call_id, "at": at, "until": until}
    return db.execute(_SQL["calls_after"], values).fetchall()


def last_call_of(db: sqlite3.Connection, number: str) -> int | None:
    """The newest call from or to a number."""
    row = db.execute(_SQL["last_call_of"], {"number": number}).fetchone()
    return None if row is None else int(row["id"])
