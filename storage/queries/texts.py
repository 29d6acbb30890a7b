"""Texts and their moves. Each function runs inside the caller's transaction."""

import sqlite3
from dataclasses import dataclass

from storage.queries import load
from storage.records import Move, NewText, TextRow, values
from storage.vocabulary import TextKind, TextState

_SQL = load("texts.sql")


class LostMove(Exception):
    """A text wasn't in the state it was to be moved from: somebody else was first, or the mover is mistaken."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Texts sent by themselves: in the last hour, the last day, and to one number in the last day."""

    hour: int
    day: int
    number: int


def add(db: sqlite3.Connection, text: NewText, at: float) -> int:
    """Write a new text and its first move. Raises sqlite3.IntegrityError for a second one where one is allowed."""
    row = db.execute(_SQL["add"], {**values(text), "at": at}).fetchone()
    note = {"text_id": row["id"], "at": at, "before": None, "after": text.state, "note": None}
    db.execute(_SQL["note_move"], note)
    return int(row["id"])


def move(db: sqlite3.Connection, step: Move) -> None:
    """Make one move. Raises LostMove unless exactly one row was where the move begins."""
    if db.execute(_SQL["move"], values(step)).rowcount != 1:
        raise LostMove(f"text {step.text_id} is not {step.before.value}")
    note(db, step.text_id, step.at, step.before, step.after, step.note)


def note(
    db: sqlite3.Connection, text_id: int, at: float, before: TextState | None, after: TextState, words: str
) -> None:
    """Keep a word about a text without moving it, or the note of a move."""
    columns = {"text_id": text_id, "at": at, "before": before, "after": after, "note": words or None}
    db.execute(_SQL["note_move"], columns)


def get(db: sqlite3.Connection, text_id: int) -> TextRow:
    """One text as it stands. Raises KeyError."""
    row = db.execute(_SQL["by_id"], {"text_id": text_id}).fetchone()
    if row is None:
        raise KeyError(text_id)
    return _text(row)


def due(db: sqlite3.Connection, now: float, limit: int = 100) -> list[int]:
    """Texts to hand over by now, oldest first."""
    return [row["id"] for row in db.execute(_SQL["due"], {"now": now, "limit": limit})]


def next_due(db: sqlite3.Connection, now: float) -> float | None:
    """When the next text that is not due yet will be."""
    return _first(db.execute(_SQL["next_due"], {"now": now}))


def interrupted(db: sqlite3.Connection) -> list[int]:
    """Texts that were being handed over when the program stopped."""
    return [row["id"] for row in db.execute(_SQL["interrupted"])]


def to_ask(db: sqlite3.Connection, now: float, limit: int = 50) -> list[TextRow]:
    """Texts the provider should be asked about by now."""
    return [_text(row) for row in db.execute(_SQL["to_ask"], {"now": now, "limit": limit})]


def next_ask(db: sqlite3.Connection) -> float | None:
    """When the provider should next be asked about a text."""
    return _first(db.execute(_SQL["next_ask"]))


def asked(db: sqlite3.Connection, text_id: int, ask_at: float | None) -> None:
    """The provider was asked about a text; when to ask again."""
    db.execute(_SQL["asked"], {"text_id": text_id, "ask_at": ask_at})


def learn(db: sqlite3.Connection, text_id: int, segments: int | None, price: str | None) -> None:
    """Keep what the provider says of a text that stays where it is."""
    db.execute(_SQL["learn"], {"text_id": text_id, "segments": segments, "price": price})


def waiting_for(db: sqlite3.Connection, number: str) -> list[tuple[int, TextState]]:
    """Texts to a number that have not left yet, a person's own and an opt-out's confirmation excepted."""
    return [(row["id"], TextState(row["state"])) for row in db.execute(_SQL["waiting_for"], {"number": number})]


def is_waiting_for(db: sqlite3.Connection, number: str) -> bool:
    """Whether a first text to a number is still on its way out."""
    return db.execute(_SQL["is_waiting_for"], {"number": number}).fetchone() is not None


def waiting_of_call(db: sqlite3.Connection, call_id: int) -> list[tuple[int, TextState]]:
    """The first text of a call if it has not left yet."""
    return [(row["id"], TextState(row["state"])) for row in db.execute(_SQL["waiting_of_call"], {"call_id": call_id})]


def last_to(db: sqlite3.Connection, number: str, since: float) -> float | None:
    """When this number was last texted by itself, after `since`."""
    return _first(db.execute(_SQL["last_to"], {"number": number, "since": since}))


def count(db: sqlite3.Connection, number: str, now: float) -> Counts:
    """How many texts went out by themselves lately."""
    row = db.execute(_SQL["count_since"], {"number": number, "hour": now - 3600, "day": now - 86400}).fetchone()
    return Counts(row["hour"], row["day"], row["number"])


def newest(db: sqlite3.Connection, since: float, limit: int) -> list[sqlite3.Row]:
    """Texts for people, newest first."""
    return db.execute(_SQL["newest"], {"since": since, "limit": limit}).fetchall()


def of_call(db: sqlite3.Connection, call_id: int) -> list[sqlite3.Row]:
    """The texts of a call, in order."""
    return db.execute(_SQL["of_call"], {"call_id": call_id}).fetchall()


def moves(db: sqlite3.Connection, text_id: int) -> list[sqlite3.Row]:
    """What became of a text, in order."""
    return db.execute(_SQL["moves"], {"text_id": text_id}).fetchall()


def is_known_sid(db: sqlite3.Connection, sid: str) -> bool:
    """Whether a text is already known under this name of the provider's."""
    return db.execute(_SQL["known_sid"], {"sid": sid}).fetchone() is not None


def by_provider(db: sqlite3.Connection, sid: str, ref: str | None) -> TextRow | None:
    """The text the provider speaks of: by its own name, or by ours where it gave that back."""
    row = db.execute(_SQL["by_sid"], {"sid": sid}).fetchone()
    if row is None:
        row = db.execute(_SQL["by_ref"], {"ref": ref}).fetchone()
    return None if row is None else _text(row)


def keep_word(db: sqlite3.Connection, sid: str, ref: str | None, raw: str, at: float) -> bool:
    """Keep what the provider posted about a text. False if it was posted before."""
    return db.execute(_SQL["keep_word"], {"sid": sid, "ref": ref, "raw": raw, "at": at}).rowcount == 1


def learn_sid(db: sqlite3.Connection, text_id: int, sid: str) -> None:
    """The provider told its name of a text before its answer came."""
    db.execute(_SQL["learn_sid"], {"text_id": text_id, "sid": sid})


def last_of_kind(db: sqlite3.Connection, number: str, kind: TextKind, since: float) -> float | None:
    """When a text of this kind was last made for a number, after `since`."""
    return _first(db.execute(_SQL["last_of_kind"], {"number": number, "kind": kind, "since": since}))


def known_sids(db: sqlite3.Connection, number: str, since: float) -> frozenset[str]:
    """The provider's names of texts to a number that are taken."""
    return frozenset(row["sid"] for row in db.execute(_SQL["known_sids"], {"number": number, "since": since}))


def latest(db: sqlite3.Connection) -> float | None:
    """When the newest text was created."""
    return _first(db.execute(_SQL["recent_activity"]))


def _first(cursor: sqlite3.Cursor) -> float | None:
    value: float | None = cursor.fetchone()[0]
    return value


def _text(row: sqlite3.Row) -> TextRow:
    return TextRow(
        id=row["id"],
        ref=row["ref"],
        call_id=row["call_id"],
        kind=TextKind(row["kind"]),
        number=row["number"],
        body=row["body"],
        segments=row["segments"],
        state=TextState(row["state"]),
        created_at=row["created_at"],
        due_at=row["due_at"],
        fresh_until=row["fresh_until"],
        sending_at=row["sending_at"],
        sid=row["sid"],
        asked=row["asked"],
    )
