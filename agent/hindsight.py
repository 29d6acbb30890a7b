"""One call as the ledger tells it afterwards: what happened, what was decided and why, what was sent and came back."""

import sqlite3
from collections.abc import Iterator

from agent.policy.story import Case, Decided, Moment, OtherCall, Step, ToldText, Written
from storage.queries import callers, calls, ladders, story, texts
from storage.records import CallRecord, PhoneRecord
from storage.vocabulary import Decision, Direction, Reason, ReplyMeaning, TextKind, TextState

REPLIES_FOR = 3 * 86400.0
"""Seconds after a call in which what the caller writes or does belongs to its story."""


def case_of(db: sqlite3.Connection, row: sqlite3.Row) -> Case:
    """Everything about one call; `row` as storage.queries.calls.find gives it."""
    number, began = row["peer"], row["started_at"]
    urgent: list[Moment] = []
    later: list[OtherCall] = []
    replies: list[Written] = []
    if number is not None:
        until = began + REPLIES_FOR
        later = [_other(other) for other in story.calls_after(db, number, row["id"], began, until)]
        replies = [
            Written(reply["received_at"], reply["body"], ReplyMeaning(reply["meaning"]))
            for reply in callers.replies_of(db, number, began)
            if reply["received_at"] < until
        ]
        urgent = list(_urgent(db, number, began, until))
    decided = None
    if row["decision"] is not None:
        decided = Decided(Decision(row["decision"]), row["rule"], row["decided_at"], row["because"] or "")
    told = tuple(_text(db, text) for text in texts.of_call(db, row["id"]))
    return Case(_call(db, row), decided, told, tuple(replies), tuple(later), tuple(urgent))


def _urgent(db: sqlite3.Connection, number: str, since: float, until: float) -> Iterator[Moment]:
    """Who was asked to take the urgent caller, who did, and whether the promise was kept."""
    for ladder in ladders.of(db, number, since, until):
        for ask in ladders.asks_of(db, ladder.id):
            yield Moment(ask.at, f"{ask.person} was asked to take the caller.")
        if ladder.seen_at is not None:
            yield Moment(ladder.seen_at, f"{ladder.seen_by} took the caller.")
        if ladder.reached_at is not None:
            kept = "in the promised time" if ladder.reached_at <= ladder.promised_at else "later than promised"
            yield Moment(ladder.reached_at, f"Somebody talked to the caller, {kept}.")


def _call(db: sqlite3.Connection, row: sqlite3.Row) -> CallRecord:
    phones = (
        PhoneRecord(_named(p), p["rang_at"], p["joined_at"], p["attempt"], p["number"])
        for p in calls.phones(db, row["id"])
    )
    return CallRecord(
        pbx_call=row["pbx_call"],
        direction=Direction(row["direction"]),
        caller=row["caller"],
        peer=row["peer"],
        caller_name=row["caller_name"],
        line=row["line"],
        line_name=row["line_name"],
        trunk=row["trunk"],
        started_at=row["started_at"],
        first_ringing_at=row["first_ringing_at"],
        answered_at=row["answered_at"],
        answered_by=row["answered_by"],
        answered_late=bool(row["answered_late"]),
        transfer_unanswered=bool(row["transfer_unanswered"]),
        ended_at=row["ended_at"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        known_at=row["known_at"],
        source=row["source"],
        phones=tuple(phones),
    )


def _text(db: sqlite3.Connection, row: sqlite3.Row) -> ToldText:
    steps = (Step(m["at"], TextState(m["after"]), m["note"] or "") for m in texts.moves(db, row["id"]))
    return ToldText(
        row["id"],
        TextKind(row["kind"]),
        row["body"],
        row["segments"],
        row["due_at"],
        row["sid"] or "",
        tuple(steps),
    )


def _other(row: sqlite3.Row) -> OtherCall:
    return OtherCall(
        row["id"],
        Direction(row["direction"]),
        row["started_at"],
        row["answered_at"],
        row["answered_by"] or "",
        row["ended_at"],
    )


def _named(phone: sqlite3.Row) -> str:
    """What people call a phone; one outside by its number."""
    return f"{phone['number']} by {phone['phone']}" if phone["number"] else str(phone["phone"])
