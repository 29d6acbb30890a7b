"""One polite second text to a caller who didn't answer the first; off unless the admin sets it.

Never to one who wrote, called, was called, opted out or is dealt with by a person; inside open hours and outside the
caller's quiet hours; within the same caps as the first.
"""

import sqlite3

from agent.office import Office
from agent.our_numbers import why_ours
from agent.policy.rules import is_capped
from sms.writing import queue
from storage.queries import conditions, follow_ups, texts
from storage.queries.follow_ups import Silent
from storage.vocabulary import TextKind

GIVEN_UP_AFTER = 72 * 3600.0
"""Seconds after the time to follow up until which an opening of the office is waited for."""
WORTH_SENDING = 3600.0


def queue_due(db: sqlite3.Connection, office: Office, now: float) -> tuple[int, ...]:
    """Queue what is due now. The texts to hand over."""
    if office.follow_up_after is None or office.follow_up_message is None or office.shadow:
        return ()
    lasting = conditions.current(db, now)
    if conditions.PAUSED in lasting or conditions.SENDING_STOPPED in lasting:
        return ()
    latest = now - office.follow_up_after
    silent = follow_ups.due(db, latest - GIVEN_UP_AFTER, latest, now)
    return tuple(_queue(db, office, one, now) for one in silent if _may_go(db, office, one, now))


def _may_go(db: sqlite3.Connection, office: Office, silent: Silent, now: float) -> bool:
    line = office.line_for(silent.line or "")
    counts = texts.count(db, silent.number, now)
    return (
        line.facts.enabled
        and office.is_open(line, now)
        and office.quiet_until(silent.number, now) is None
        and not why_ours(db, office, silent.number)
        and not is_capped(office.limits, counts.hour, counts.day, counts.number)
    )


def _queue(db: sqlite3.Connection, office: Office, silent: Silent, now: float) -> int:
    body = office.follow_up_body(office.line_for(silent.line or ""))
    return queue(db, TextKind.FOLLOW_UP, silent.number, body, now, WORTH_SENDING, call_id=silent.call_id)
