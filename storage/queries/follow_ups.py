"""Who may be sent a polite second text. Each function runs inside the caller's transaction."""

import sqlite3
from dataclasses import dataclass

from storage.queries import load

_SQL = load("follow_ups.sql")


@dataclass(frozen=True, slots=True)
class Silent:
    """A first text that brought nothing: its call and line (as dialled; None where unknown), number, when."""

    call_id: int
    number: str
    line: str | None
    texted_at: float


def due(db: sqlite3.Connection, earliest: float, latest: float, now: float) -> list[Silent]:
    """First texts made between these instants that brought nothing, oldest first."""
    found = db.execute(_SQL["due"], {"earliest": earliest, "latest": latest, "now": now})
    return [Silent(row["call_id"], row["number"], row["line"], row["created_at"]) for row in found]


def is_still_silent(db: sqlite3.Connection, number: str, since: float) -> bool:
    """Whether nothing was heard of a number since its first text."""
    return bool(db.execute(_SQL["still_silent"], {"number": number, "since": since}).fetchone()[0])
