"""What a person does about a caller: claim, wait, be done, open again, write. Each runs inside one transaction."""

import sqlite3

from agent.conversations import ladder
from agent.office import Office
from sms.body import LONGEST_BODY
from sms.segments import utf16_units
from sms.writing import queue
from storage.queries import callers, conditions, ladders, texts, threads
from storage.queries.threads import ThreadMove
from storage.records import Move
from storage.vocabulary import LadderState, TextKind, TextState, ThreadState

STAFF_TEXT_VALID = 900.0
"""Seconds for which a person's text is worth handing over."""


class Refused(Exception):
    """It can't be done; the message says why and what to do."""


def move(db: sqlite3.Connection, office: Office, step: ThreadMove) -> tuple[int, ...]:
    """Move a thread. An urgent caller who is claimed is taken, one who is done with is closed. Texts to hand over."""
    threads.put(db, step)
    last = ladders.last_of(db, step.number)
    if last is None or last.state is LadderState.CLOSED:
        return ()
    if step.state is ThreadState.DONE:
        ladder.close(db, last, f"done: {step.outcome}, by {step.by}", step.at)
    elif step.state is ThreadState.CLAIMED and last.state in ladder.NOBODY_YET:
        return ladder.acknowledge(db, office, last, step.by, step.at)
    return ()


def write(db: sqlite3.Connection, office: Office, number: str, body: str, by: str, now: float) -> tuple[int, ...]:
    """A person texts a caller, through the same outbox and past the same guards. Raises Refused.

    It silences what would go to that caller by itself.
    """
    _may_be_written_to(db, number, body, now)
    for text_id, state in texts.waiting_for(db, number):
        texts.move(db, Move(text_id, state, TextState.CANCELLED, now, f"{by} wrote instead"))
    text_id = queue(db, TextKind.STAFF, number, body, now, STAFF_TEXT_VALID, shadow=office.shadow)
    threads.put(db, ThreadMove(number, ThreadState.WAITING, by, now))
    return () if office.shadow else (text_id,)


def _may_be_written_to(db: sqlite3.Connection, number: str, body: str, now: float) -> None:
    if not body.strip():
        raise Refused("The text is empty.")
    if utf16_units(body) > LONGEST_BODY:
        raise Refused(f"The text has {utf16_units(body)} characters; a provider takes {LONGEST_BODY} at most.")
    opt_out = callers.opt_out_in_force(db, number)
    if opt_out is not None:
        raise Refused(f'{number} opted out ("{opt_out.words}"); call instead.')
    if (note := callers.blocked(db, number)) is not None:
        raise Refused(f"{number} is blocked ({note}); `secondring unblock` lifts that.")
    if (why := callers.no_texts(db, number, now)) is not None:
        raise Refused(f"{number} doesn't get texts ({why}); call instead.")
    lasting = conditions.current(db, now)
    for code in (conditions.SENDING_STOPPED, conditions.PAUSED):
        if code in lasting:
            raise Refused(f"Nothing is sent at the moment ({lasting[code].detail}); `secondring resume` ends that.")
