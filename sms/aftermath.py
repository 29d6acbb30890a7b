"""What follows from a provider's word about a text, written in the transaction that records it."""

import sqlite3

from sms.provider import Accepted, Fault, Refused, Status
from storage.queries import callers, calls, conditions, texts
from storage.records import Move, TextRow
from storage.vocabulary import Decision, OptOutSource, TextState

FIRST_ASK = 2.0
FIRST_STATUS = 5.0
YEAR = 365 * 86400.0


def accepted(db: sqlite3.Connection, text_id: int, fate: Accepted, now: float, before: TextState, asks: bool) -> None:
    """The provider has it. A provider that can't be asked is believed to deliver."""
    ask_at = now + FIRST_STATUS if asks else None
    step = Move(text_id, before, TextState.ACCEPTED, now, sid=fate.sid, segments=fate.segments, ask_at=ask_at)
    texts.move(db, step)


def refused(db: sqlite3.Connection, text: TextRow, fate: Refused, now: float, before: TextState) -> None:
    """The provider won't take it, or gave it up later: remember what that says about the number and the account."""
    step = Move(
        text.id,
        before,
        TextState.EXPIRED if fate.fault is Fault.EXPIRED and before is not TextState.SENDING else TextState.FAILED,
        now,
        words(fate),
        fault=fate.fault.name.lower(),
        code=fate.code,
        detail=fate.message,
    )
    texts.move(db, step)
    match fate.fault:
        case Fault.OPTED_OUT:
            opted_out(db, text.number, OptOutSource.PROVIDER, words(fate), now)
        case Fault.NO_TEXTS | Fault.BAD_NUMBER | Fault.BLOCKED:
            lasting = fate.no_texts_seconds or (0.0 if fate.fault is Fault.BLOCKED else YEAR)
            if lasting:
                callers.takes_no_texts(db, text.number, now + lasting, words(fate), now)
        case Fault.ACCOUNT:
            conditions.raise_condition(db, conditions.SENDING_STOPPED, words(fate), now)
        case _:
            pass


def stood(db: sqlite3.Connection, text: TextRow, status: Status, now: float, ask_at: float | None) -> None:
    """The provider tells how a text stands. It only ever moves up; a word of something lower is kept as a note."""
    if text.state is TextState.UNKNOWN:
        texts.move(db, Move(text.id, text.state, TextState.ACCEPTED, now, "the provider knows it", sid=status.sid))
        text = texts.get(db, text.id)
    if status.fault is not None and status.state in (TextState.FAILED, TextState.EXPIRED):
        fate = Refused(status.fault, status.code or "", "", status.no_texts_seconds)
        refused(db, text, fate, now, text.state)
    elif _rank(status.state) > _rank(text.state):
        texts.move(db, Move(text.id, text.state, status.state, now, ask_at=None if status.final else ask_at))
    texts.learn(db, text.id, status.segments, status.price)
    texts.asked(db, text.id, None if status.final else ask_at)


def opted_out(
    db: sqlite3.Connection,
    number: str,
    source: OptOutSource,
    said: str,
    now: float,
    reply_id: int | None = None,
    at: float | None = None,
) -> bool:
    """The number opts out of the whole business: recorded, and whatever waits for it is cancelled.

    `at`: when the caller said so, if that wasn't now. False if it had opted out already.
    """
    fresh = callers.opt_out(db, number, source, said, at or now, reply_id)
    callers.settle_doubt(db, number, "opted out", now)
    for text_id, state in texts.waiting_for(db, number):
        texts.move(db, Move(text_id, state, TextState.CANCELLED, now, "the caller opted out before it left"))
        call_id = texts.get(db, text_id).call_id
        if call_id is not None:
            calls.redecide(db, call_id, Decision.SKIP, "opted_out", now)
    return fresh


def stops_all(fate: Refused) -> bool:
    """Whether every further text would be refused too."""
    return fate.fault is Fault.ACCOUNT


def is_country(fate: Refused) -> bool:
    """Whether texts to the whole country are refused."""
    return fate.fault is Fault.COUNTRY


def words(fate: Refused) -> str:
    """The refusal in one sentence, with the provider's code."""
    code = f" (code {fate.code})" if fate.code else ""
    return f"{fate.fault.value}{code}{': ' + fate.message if fate.message else ''}"


_ORDER = (TextState.ACCEPTED, TextState.SENT, TextState.DELIVERED)


def _rank(state: TextState) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)
