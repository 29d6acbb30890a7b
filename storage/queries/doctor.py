"""What doctor asks the ledger: is anything stuck, and does what comes in look right?"""

import sqlite3
from dataclasses import dataclass

from storage.queries import load
from storage.vocabulary import Direction

_SQL = load("doctor.sql")


@dataclass(frozen=True, slots=True)
class Outbox:
    """Texts of the last day, and those that wait too long. `since`: epoch s, None where none waits."""

    texts: int
    failed: int
    unknown: int
    overdue: int
    since: float | None


def quick_check(db: sqlite3.Connection) -> str:
    """ "ok", or the first thing that is broken in the file."""
    return str(db.execute("PRAGMA quick_check(1)").fetchone()[0])


def directions(db: sqlite3.Connection, since: float) -> dict[Direction, int]:
    """How many calls of each direction there were since then."""
    return {Direction(row["direction"]): row["calls"] for row in db.execute(_SQL["directions"], {"since": since})}


def outbox(db: sqlite3.Connection, since: float, by: float) -> Outbox:
    """Texts decided since `since`; those due before `by` are overdue."""
    made = db.execute(_SQL["texts_since"], {"since": since}).fetchone()
    late = db.execute(_SQL["overdue"], {"by": by}).fetchone()
    return Outbox(made["texts"], made["failed"], made["unknown"], late["texts"], late["since"])
