"""Numbers outside that rang for callers, and what people say of them. Inside the caller's transaction."""

import sqlite3

from storage.queries import load

_SQL = load("learnt_numbers.sql")


def rang(db: sqlite3.Connection, number: str, at: float) -> None:
    """The number rang for a caller. What a person said of it stays."""
    db.execute(_SQL["rang"], {"number": number, "at": at})


def say(db: sqlite3.Connection, number: str, ours: bool, said: str, at: float) -> None:
    """A person says whether the number is ours."""
    db.execute(_SQL["say"], {"number": number, "ours": ours, "said": said, "at": at})


def get(db: sqlite3.Connection, number: str) -> sqlite3.Row | None:
    """What is known of the number, if it ever rang for a caller or a person spoke of it."""
    found: sqlite3.Row | None = db.execute(_SQL["get"], {"number": number}).fetchone()
    return found


def every(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """All of them, the busiest first."""
    return db.execute(_SQL["every"]).fetchall()
