"""Puts a text into the queue, inside the caller's transaction."""

import sqlite3
import uuid

from sms.segments import measure
from storage.queries import texts
from storage.records import NewText
from storage.vocabulary import TextKind, TextState


def queue(
    db: sqlite3.Connection,
    kind: TextKind,
    number: str,
    body: str,
    now: float,
    valid_for: float,
    *,
    shadow: bool = False,
    call_id: int | None = None,
) -> int:
    """A text that is due now and worth sending for `valid_for` seconds; its id. In shadow mode it never leaves."""
    text = NewText(
        ref=uuid.uuid4().hex,
        call_id=call_id,
        kind=kind,
        number=number,
        body=body,
        segments=measure(body).segments,
        state=TextState.SHADOW if shadow else TextState.QUEUED,
        due_at=now,
        fresh_until=now + valid_for,
    )
    return texts.add(db, text, now)
