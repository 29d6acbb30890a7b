"""One call as the ledger tells it afterwards: what was written down, and what bore on its decision at that time.

The ledger keeps the rule's name, not its details. They are found again here, in what the ledger knew then, and put
into the rule's own words. What has gone since (a pause that was lifted, an older configuration) isn't told.
"""

import sqlite3
from dataclasses import replace

from agent.office import Office
from agent.policy.facts import Facts, Presentation
from agent.policy.rules import BY_NAME
from agent.policy.story import Case, Decided, OtherCall, Step, ToldText, Written
from sms.numbers import read_number
from storage.queries import callers, calls, conditions, story, texts
from storage.records import CallRecord, PhoneRecord
from storage.vocabulary import Decision, Direction, Reason, ReplyMeaning, TextKind, TextState

REPLIES_FOR = 3 * 86400.0
"""Seconds after a call in which what the caller writes or does belongs to its story."""


def case_of(db: sqlite3.Connection, office: Office, row: sqlite3.Row) -> Case:
    """Everything about one call; `row` as storage.queries.calls.find gives it."""
    number, began = row["peer"], row["started_at"]
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
    decided = None
    if row["decision"] is not None:
        because = _because(db, office, row)
        decided = Decided(Decision(row["decision"]), row["rule"], row["decided_at"], because)
    told = tuple(_text(db, text) for text in texts.of_call(db, row["id"]))
    return Case(_call(db, row), decided, told, tuple(replies), tuple(later))


def _because(db: sqlite3.Connection, office: Office, row: sqlite3.Row) -> str:
    """What was found for this very call, in the words of the rule that decided."""
    rule = BY_NAME.get(row["rule"])
    if rule is None or row["direction"] != Direction.INBOUND:
        return ""
    words = rule.because(_facts(db, office, row))
    if rule.name == "cooldown" and (text := story.text_before(db, row["peer"] or "", row["decided_at"])):
        words += f", text no. {text[0]}"
    return words


def _facts(db: sqlite3.Connection, office: Office, row: sqlite3.Row) -> Facts:
    line = office.line_for(row["line"] or "")
    at: float = row["decided_at"]
    waited = None
    if row["first_ringing_at"] is not None and row["ended_at"] is not None:
        waited = row["ended_at"] - row["first_ringing_at"]
    lasting = {code: found for code, found in conditions.current(db, at).items() if found.since <= at}
    facts = Facts(
        direction=Direction.INBOUND,
        line=line.facts,
        limits=office.limits,
        answered=row["answered_at"] is not None,
        reason=Reason(row["reason"]) if row["reason"] else None,
        presentation=Presentation.SHOWN,
        number=read_number(row["caller"] or "", line.country),
        now=at,
        age=at - row["known_at"] if row["known_at"] is not None else 0.0,
        waited=waited,
        paused=lasting[conditions.PAUSED].detail if conditions.PAUSED in lasting else "",
        stopped=lasting[conditions.SENDING_STOPPED].detail if conditions.SENDING_STOPPED in lasting else "",
    )
    number: str | None = row["peer"]
    return facts if number is None else _with_history(db, office, row, number, facts)


def _with_history(db: sqlite3.Connection, office: Office, row: sqlite3.Row, number: str, facts: Facts) -> Facts:
    at = facts.now
    opt_out = story.opt_out_at(db, number, at)
    text = story.text_before(db, number, at)
    sent = story.sent_before(db, number, at)
    note = callers.blocked(db, number)
    blocked = "" if note is None else f"blocked by a person: {note}"
    return replace(
        facts,
        blocked="it is one of the business's own numbers" if number in office.own_numbers else blocked,
        opted_out=f"by {opt_out.source.value}: {opt_out.words}" if opt_out else "",
        in_touch=_in_touch(story.talk_before(db, number, row["id"], at), at),
        last_text_at=text[1] if text else None,
        no_texts=callers.no_texts(db, number, at) or "",
        texts_last_hour=sent.hour,
        texts_last_day=sent.day,
        texts_to_number_last_day=sent.number,
    )


def _in_touch(talk: sqlite3.Row | None, at: float) -> str:
    if talk is None:
        return ""
    who = talk["answered_by"] or "somebody"
    if talk["ended_at"] is None or talk["ended_at"] > at:
        return f"talking to {who} at that moment (call {talk['id']})"
    how = "called back" if talk["direction"] == Direction.OUTBOUND else f"got through to {who}"
    return f"{how} {(at - talk['answered_at']) / 60:.0f} minutes before (call {talk['id']})"


def _call(db: sqlite3.Connection, row: sqlite3.Row) -> CallRecord:
    phones = (PhoneRecord(p["phone"], p["rang_at"], p["joined_at"], p["attempt"]) for p in calls.phones(db, row["id"]))
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
