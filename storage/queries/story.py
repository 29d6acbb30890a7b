"""What bears on one call, as it stood when the call was decided, and what came of it: for telling its story."""

import sqlite3

from storage.queries import load

_SQL = load("story.sql")


def calls_after(db: sqlite3.Connection, number: str, call_id: int, at: float, until: float) -> list[sqlite3.Row]:
    """Other calls from or to a number between the two times."""
    values = {"number": number, "call_id": call_id, "at": at, "until": until}
    return db.execute(_SQL["calls_after"], values).fetchall()


def last_call_of(db: sqlite3.Connection, number: str) -> int | None:
    """The newest call from or to a number."""
    row = db.execute(_SQL["last_call_of"], {"number": number}).fetchone()
    return None if row is None else int(row["id"])
