"""Urgent callers: their ladders, and who was asked. Each function runs inside the caller's transaction."""

import sqlite3
from dataclasses import dataclass

from storage.queries import load
from storage.records import Ask, Ladder, values
from storage.vocabulary import LadderState

_SQL = load("ladders.sql")


@dataclass(frozen=True, slots=True)
class LadderMove:
    """One move of a ladder. `due_at` is set as given; what is None of the rest stays as it is."""

    ladder_id: int
    before: LadderState
    step_before: int
    after: LadderState
    step: int
    due_at: float | None = None
    seen_by: str | None = None
    seen_at: float | None = None
    reached_at: float | None = None
    closed_at: float | None = None
    closed_as: str | None = None


class LostMove(Exception):
    """A ladder wasn't where it was to be moved from."""


def begin(db: sqlite3.Connection, reply_id: int, number: str, words: str, at: float, promised_at: float) -> Ladder:
    """A new ladder, due at once. Raises sqlite3.IntegrityError if one of that number is open."""
    columns = {"reply_id": reply_id, "number": number, "words": words, "at": at, "promised_at": promised_at}
    return _ladder(db.execute(_SQL["open"], columns).fetchone())


def open_of(db: sqlite3.Connection, number: str) -> Ladder | None:
    """The number's ladder that nobody has seen yet."""
    row = db.execute(_SQL["open_of"], {"number": number}).fetchone()
    return None if row is None else _ladder(row)


def last_of(db: sqlite3.Connection, number: str) -> Ladder | None:
    """The number's newest ladder."""
    row = db.execute(_SQL["last_of"], {"number": number}).fetchone()
    return None if row is None else _ladder(row)


def of(db: sqlite3.Connection, number: str, since: float, until: float) -> list[Ladder]:
    """The number's ladders that were opened in that time."""
    columns = {"number": number, "since": since, "until": until}
    return [_ladder(row) for row in db.execute(_SQL["of"], columns)]


def get(db: sqlite3.Connection, ladder_id: int) -> Ladder:
    """One ladder. Raises KeyError."""
    row = db.execute(_SQL["by_id"], {"ladder_id": ladder_id}).fetchone()
    if row is None:
        raise KeyError(ladder_id)
    return _ladder(row)


def move(db: sqlite3.Connection, step: LadderMove) -> None:
    """Make one move. Raises LostMove unless exactly one row was where it begins."""
    if db.execute(_SQL["move"], values(step)).rowcount != 1:
        raise LostMove(f"ladder {step.ladder_id} is not {step.before.value} at step {step.step_before}")


def due(db: sqlite3.Connection, now: float) -> list[Ladder]:
    """Ladders that go on by themselves by now."""
    return [_ladder(row) for row in db.execute(_SQL["due"], {"now": now})]


def unreachable(db: sqlite3.Connection, now: float) -> list[Ladder]:
    """Ladders that wait for somebody who can't be reached."""
    return [_ladder(row) for row in db.execute(_SQL["unreachable"], {"now": now})]


def next_due(db: sqlite3.Connection) -> float | None:
    """When the next ladder goes on by itself."""
    value: float | None = db.execute(_SQL["next_due"]).fetchone()[0]
    return value


def unheard(db: sqlite3.Connection) -> int:
    """How many urgent callers everybody was told of and nobody has seen."""
    return int(db.execute(_SQL["unheard"]).fetchone()[0])


def ask(
    db: sqlite3.Connection,
    ladder_id: int,
    person: str,
    number: str | None,
    token: str,
    body: str,
    text_id: int | None,
    notice: str,
    at: float,
) -> None:
    """A person is asked: by the text, and by whatever else (`notice` "waiting") reaches that person."""
    columns = {
        "ladder_id": ladder_id, "person": person, "number": number, "at": at, "token": token, "body": body,
        "text_id": text_id, "notice": notice,
    }  # fmt: skip
    db.execute(_SQL["ask"], columns)


def asks_of(db: sqlite3.Connection, ladder_id: int) -> list[Ask]:
    """Who was asked about a ladder, in order."""
    return [_ask(row) for row in db.execute(_SQL["asks_of"], {"ladder_id": ladder_id})]


def asked_by_text(db: sqlite3.Connection, number: str, since: float) -> list[Ask]:
    """What the person at this number was asked about since then, newest first."""
    return [_ask(row) for row in db.execute(_SQL["asked_by_text"], {"number": number, "since": since})]


def asked_by_link(db: sqlite3.Connection, token: str) -> Ask | None:
    """What a link is about."""
    row = db.execute(_SQL["asked_by_link"], {"token": token}).fetchone()
    return None if row is None else _ask(row)


def notices(db: sqlite3.Connection) -> list[Ask]:
    """Notices that have not gone out yet."""
    return [_ask(row) for row in db.execute(_SQL["notices"])]


def noticed(db: sqlite3.Connection, ask_id: int, notice: str, detail: str = "") -> None:
    """What became of a notice."""
    db.execute(_SQL["noticed"], {"ask_id": ask_id, "notice": notice, "detail": detail or None})


def newest(db: sqlite3.Connection, since: float, limit: int) -> list[Ladder]:
    """Ladders for people, newest first."""
    return [_ladder(row) for row in db.execute(_SQL["newest"], {"since": since, "limit": limit})]


def _ladder(row: sqlite3.Row) -> Ladder:
    return Ladder(
        id=row["id"],
        number=row["number"],
        words=row["words"],
        opened_at=row["opened_at"],
        promised_at=row["promised_at"],
        state=LadderState(row["state"]),
        step=row["step"],
        due_at=row["due_at"],
        seen_by=row["seen_by"],
        seen_at=row["seen_at"],
        reached_at=row["reached_at"],
    )


def _ask(row: sqlite3.Row) -> Ask:
    return Ask(
        id=row["id"],
        ladder_id=row["ladder_id"],
        person=row["person"],
        number=row["number"],
        at=row["at"],
        token=row["token"],
        body=row["body"],
        text_id=row["text_id"],
        notice=row["notice"],
    )
