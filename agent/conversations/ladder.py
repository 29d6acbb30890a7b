"""The steps of a ladder, each inside one transaction: move it on, ask, tell the caller, queue the texts."""

import secrets
import sqlite3

from agent.conversations.escalation import (
    Step,
    acknowledges,
    declines,
    next_step,
    request,
    seen_for_caller,
    seen_for_person,
    taken_for_others,
)
from agent.office import Office, Person
from sms.writing import queue
from storage.queries import callers, calls, ladders
from storage.queries.ladders import LadderMove
from storage.records import Ladder
from storage.vocabulary import LadderState, TextKind

LINK_BYTES = 16
"""Of chance in the link's token: nobody guesses it."""
TEXT_VALID = 900.0
"""Seconds for which a text of a ladder is worth handing over."""
ANSWERS_WITHIN = 6 * 3600.0
"""How long after being asked a person's OK is taken for an answer, seconds."""
LONGEST_CALL = 6 * 3600.0

NOBODY_YET = (LadderState.ASKING, LadderState.UNHEARD)


def open_ladder(
    db: sqlite3.Connection, office: Office, number: str, words: str, reply_id: int, now: float
) -> tuple[int, ...]:
    """An urgent reply came. Nothing if nobody is there to be asked, or the caller's ladder is open already.

    Nor where nothing may leave the machine: nobody could acknowledge.
    """
    if not office.people or office.shadow or ladders.open_of(db, number) is not None:
        return ()
    ladder = ladders.begin(db, reply_id, number, words, now, now + office.urgent.within)
    return _climb(db, office, ladder, now)


def go_on(db: sqlite3.Connection, office: Office, now: float) -> tuple[int, ...]:
    """All that is due on any ladder. The texts to hand over."""
    queued: tuple[int, ...] = ()
    for ladder in ladders.unreachable(db, now):
        _move(db, ladder, ladder.state, ladder.step, due_at=now)
    for ladder in ladders.due(db, now):
        reached_at = reached(db, ladder)
        if reached_at is not None:
            close(db, ladder, "the caller was reached", now, reached_at)
        elif ladder.state in NOBODY_YET:
            queued += _climb(db, office, ladder, now)
        else:
            queued += _remind(db, office, ladder, now)
    return queued


def _remind(db: sqlite3.Connection, office: Office, ladder: Ladder, now: float) -> tuple[int, ...]:
    """The promise is due and no call was seen: who took it is told once."""
    _move(db, ladder, ladder.state, ladder.step)
    asked = {ask.person: ask.number for ask in ladders.asks_of(db, ladder.id)}
    words = f"The time promised to {ladder.number} is up, and no call to it was seen."
    return _text(db, office, asked.get(ladder.seen_by or ""), words, now)


def take_answer(db: sqlite3.Connection, office: Office, number: str, body: str, now: float) -> tuple[int, ...]:
    """A text from staff: if it acknowledges, the newest ladder this person was asked about and nobody has is theirs.

    If it declines, the next one is asked.
    """
    if declines(body):
        return _pass_over(db, office, number, now)
    if not acknowledges(body):
        return ()
    asked = ladders.asked_by_text(db, number, now - ANSWERS_WITHIN)
    for ask in asked:
        ladder = ladders.get(db, ask.ladder_id)
        if ladder.state in NOBODY_YET:
            return acknowledge(db, office, ladder, ask.person, now)
    if not asked:
        return ()
    last = ladders.get(db, asked[0].ladder_id)
    by = last.seen_by or "nobody; it was closed"
    return _text(db, office, number, f"Thanks. {last.number} is taken care of already ({by}).", now)


def _pass_over(db: sqlite3.Connection, office: Office, number: str, now: float) -> tuple[int, ...]:
    """Who was asked last says no."""
    for ask in ladders.asked_by_text(db, number, now - ANSWERS_WITHIN):
        ladder = ladders.get(db, ask.ladder_id)
        if ladder.state is LadderState.ASKING and ladders.asks_of(db, ladder.id)[-1].number == number:
            return _climb(db, office, ladder, now)
    return ()


def acknowledge(db: sqlite3.Connection, office: Office, ladder: Ladder, person: str, now: float) -> tuple[int, ...]:
    """Somebody takes it: the caller, who took it, and the others who were asked are told."""
    due_at = ladder.promised_at if now < ladder.promised_at else now + office.urgent.within
    _move(db, ladder, LadderState.SEEN, ladder.step, due_at=due_at, seen_by=person, seen_at=now)
    asks = ladders.asks_of(db, ladder.id)
    own = {ask.number for ask in asks if ask.person == person}
    others = dict.fromkeys(ask.number for ask in asks if ask.person != person)
    queued = _tell_caller(db, office, ladder, seen_for_caller(office.business, person, ladder, now, office.zone), now)
    for number in own:
        queued += _text(db, office, number, seen_for_person(ladder, now, office.zone), now)
    for number in others:
        queued += _text(db, office, number, taken_for_others(ladder, person), now)
    return queued


def close(db: sqlite3.Connection, ladder: Ladder, why: str, now: float, reached_at: float | None = None) -> None:
    """It is over: the caller was reached, or a person says so."""
    move = LadderMove(
        ladder_id=ladder.id,
        before=ladder.state,
        step_before=ladder.step,
        after=LadderState.CLOSED,
        step=ladder.step,
        reached_at=reached_at,
        closed_at=now,
        closed_as=why,
    )
    ladders.move(db, move)


def reached(db: sqlite3.Connection, ladder: Ladder) -> float | None:
    """When a human and the caller talked after the ladder was opened."""
    return calls.first_talk(db, ladder.number, ladder.opened_at, ladder.opened_at - LONGEST_CALL)


def _climb(db: sqlite3.Connection, office: Office, ladder: Ladder, now: float) -> tuple[int, ...]:
    step = next_step(ladder, office.people, office.urgent, office.business, now)
    _move(db, ladder, step.after, step.step, due_at=step.due_at)
    queued: tuple[int, ...] = ()
    for person in step.ask:
        queued += _ask(db, office, ladder, person, step, now)
    if step.tell_caller:
        queued += _tell_caller(db, office, ladder, step.tell_caller, now)
    return queued


def _ask(
    db: sqlite3.Connection, office: Office, ladder: Ladder, person: Person, step: Step, now: float
) -> tuple[int, ...]:
    token = secrets.token_urlsafe(LINK_BYTES)
    link = f"{office.public_url}/take/{token}" if office.public_url else ""
    body = request(ladder, person, step.after is LadderState.UNHEARD, office.urgent, link)
    queued = _text(db, office, person.number, body, now)
    notice = "waiting" if person.has_notices else "none"
    text_id = queued[0] if queued else None
    ladders.ask(db, ladder.id, person.name, person.number, token, body, text_id, notice, now)
    return queued


def _tell_caller(db: sqlite3.Connection, office: Office, ladder: Ladder, body: str, now: float) -> tuple[int, ...]:
    if callers.opt_out_in_force(db, ladder.number) is not None or callers.blocked(db, ladder.number) is not None:
        return ()
    return _text(db, office, ladder.number, body, now)


def _text(db: sqlite3.Connection, office: Office, number: str | None, body: str, now: float) -> tuple[int, ...]:
    return () if number is None else (queue(db, TextKind.LADDER, number, body, now, TEXT_VALID),)


def _move(
    db: sqlite3.Connection,
    ladder: Ladder,
    after: LadderState,
    step: int,
    *,
    due_at: float | None = None,
    seen_by: str | None = None,
    seen_at: float | None = None,
) -> None:
    ladders.move(db, LadderMove(ladder.id, ladder.state, ladder.step, after, step, due_at, seen_by, seen_at))
