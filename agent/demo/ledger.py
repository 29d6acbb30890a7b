"""The running agent's ledger, read from beside it: what became of each call, and everything that was written."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from storage.ledger import LedgerTrouble, reading
from storage.queries import callers, ladders, texts
from storage.queries import calls as stored
from storage.records import Ask, Ladder
from storage.vocabulary import (
    Decision,
    Direction,
    Intent,
    OptOutSource,
    Reason,
    TextKind,
    TextState,
)

MOST = 1000
"""Rows of a kind that are read; a day has fewer."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What the ledger says of one call, once it says it."""

    id: int
    direction: Direction
    reason: Reason | None
    decision: Decision | None
    rule: str
    answered: bool
    text: str
    text_state: str
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One text that came in, from a caller or from staff. `at`: epoch seconds."""

    sid: str
    number: str
    words: str
    intent: Intent | None
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One text that isn't the first to a caller. `left`: it was handed over; else it is still to go, or never went."""

    id: int
    number: str
    kind: TextKind
    body: str
    at: float
    left: bool


@dataclass(frozen=True, slots=True)
class Climbed:
    """One urgent caller, and who was asked."""

    ladder: Ladder
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that was written so far, in order, and what follows from it.

    `doubts`: numbers that may have opted out, and nobody has looked.
    """

    replies: tuple[Reply, ...] = ()
    sent: tuple[Sent, ...] = ()
    opt_outs: dict[str, OptOutSource] = field(default_factory=dict)
    doubts: frozenset[str] = frozenset()
    urgent: tuple[Climbed, ...] = ()


class LedgerReader:
    """Nothing is there until the agent has made it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def rows(self) -> dict[str, Decided]:
        """Every call so far, by the PBX's own name of it."""
        db = self._open()
        return {} if db is None else {row["pbx_call"]: _decided(row) for row in stored.newest(db, 0.0, MOST)}

    def written(self) -> Written:
        """Everything that was written so far."""
        db = self._open()
        if db is None:
            return Written()
        return Written(
            tuple(_reply(row) for row in reversed(callers.replies(db, 0.0, MOST))),
            tuple(_sent(row) for row in reversed(texts.newest(db, 0.0, MOST)) if row["kind"] != TextKind.FIRST),
            {row["number"]: OptOutSource(row["source"]) for row in callers.opt_outs(db) if row["lifted_at"] is None},
            frozenset(row["number"] for row in callers.doubts(db)),
            tuple(Climbed(one, tuple(ladders.asks_of(db, one.id))) for one in reversed(ladders.newest(db, 0.0, MOST))),
        )

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection | None:
        if self._db is None and self._path.exists():
            try:
                self._db = reading(self._path)
            except LedgerTrouble:
                return None  # being made at this moment; the next look finds it
        return self._db


def _decided(row: sqlite3.Row) -> Decided:
    return Decided(
        row["id"],
        Direction(row["direction"]),
        Reason(row["reason"]) if row["reason"] else None,
        Decision(row["decision"]) if row["decision"] else None,
        row["rule"] or "",
        row["answered_at"] is not None,
        row["text_body"] or "",
        row["text_state"] or "",
        row["caller"] or "",
    )


def _reply(row: sqlite3.Row) -> Reply:
    intent = Intent(row["intent"]) if row["intent"] else None
    return Reply(row["sid"], row["number"], row["body"], intent, row["received_at"])


def _sent(row: sqlite3.Row) -> Sent:
    left = TextState(row["state"]) in (TextState.ACCEPTED, TextState.SENT, TextState.DELIVERED)
    return Sent(row["id"], row["number"], TextKind(row["kind"]), row["body"], row["created_at"], left)
