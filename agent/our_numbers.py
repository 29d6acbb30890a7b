"""Whose number is ours and never texted by itself: configured, blocked by a person, or learnt from the PBX.

A number outside that rings for callers before anybody has answered is a colleague's mobile or a follow-me target. It is
learnt when the call is over, and holds until a person says otherwise (`secondring staff`). Whom a caller is passed on
to later may be anybody, so it teaches nothing.
"""

import sqlite3

from agent.calls.verdicts import Call
from agent.office import Office
from storage.queries import callers, learnt_numbers


def learn(db: sqlite3.Connection, office: Office, call: Call) -> None:
    """Take what one call that is over teaches."""
    caller = office.caller(call).e164
    rang = {office.outside(phone.number) for phone in call.phones if phone.number}
    for number in rang - office.own_numbers:
        if number is not None and number != caller:
            learnt_numbers.rang(db, number, call.started_at)


def why_ours(db: sqlite3.Connection, office: Office, number: str) -> str:
    """Why this number is left alone, "" if it isn't."""
    if number in office.own_numbers:
        return "it is one of the business's own numbers"
    note = callers.blocked(db, number)
    if note is not None:
        return f"blocked by a person: {note}"
    learnt = learnt_numbers.get(db, number)
    if learnt is None or not learnt["ours"]:
        return ""
    return (
        f"staff: {learnt['said']}" if learnt["said"] else f"it rings for callers here ({learnt['calls']} calls so far)"
    )
