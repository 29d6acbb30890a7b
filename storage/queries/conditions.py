"""What lasts beyond a restart: pauses, a stopped outbox, and how far things were followed."""

import sqlite3

from storage.queries import load
from storage.records import Condition

_SQL = load("conditions.sql")

PAUSED = "paused"
SENDING_STOPPED = "sending_stopped"


def raise_condition(db: sqlite3.Connection, code: str, detail: str, at: float, until: float | None = None) -> None:
    """A lasting condition begins, or goes on with new words."""
    db.execute(_SQL["raise"], {"code": code, "detail": detail, "at": at, "until": until})


def clear(db: sqlite3.Connection, code: str) -> bool:
    """A lasting condition is over. False if it wasn't in force."""
    return db.execute(_SQL["clear"], {"code": code}).rowcount == 1


def current(db: sqlite3.Connection, now: float) -> dict[str, Condition]:
    """Every condition in force, by code."""
    rows = db.execute(_SQL["current"], {"now": now})
    return {row["code"]: Condition(row["code"], row["since"], row["until"], row["detail"]) for row in rows}


def mark(db: sqlite3.Connection, name: str, at: float) -> None:
    """Remember how far something has been followed."""
    db.execute(_SQL["mark"], {"name": name, "at": at})


def marked(db: sqlite3.Connection, name: str) -> float | None:
    """How far something has been followed."""
    row = db.execute(_SQL["marked"], {"name": name}).fetchone()
    return None if row is None else float(row["at"])
