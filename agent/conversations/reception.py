"""What one received text sets going, all of it in the transaction that keeps it.

An opt-out is confirmed once and a call for help answered, unless the provider did so by itself; an urgent caller's
ladder begins; a text from staff is an answer to a ladder, never a caller's.
"""

import sqlite3
from dataclasses import replace

from agent.conversations.answers import confirmation, help_answer
from agent.conversations.intents import intent_of, needs_somebody_now
from agent.conversations.ladder import open_ladder, take_answer
from agent.office import Office
from sms import inbound
from sms.inbound import Received
from sms.provider import Inbound
from sms.writing import queue
from storage.queries import callers, texts
from storage.vocabulary import Intent, ReplyMeaning, TextKind

ANSWER_FRESH = 3600.0
"""Seconds after which a confirmation or an answer to HELP is too late to be worth sending."""
URGENT_FRESH = 6 * 3600.0
"""Seconds after which a text that says it is urgent, and was only fetched now, is left to the call-back list."""
ONE_HELP_IN = 86_400.0
"""Seconds in which a number is answered HELP once: two machines must never talk to each other."""


def receive(
    db: sqlite3.Connection, office: Office, answered: frozenset[str], reply: Inbound, now: float
) -> Received | None:
    """Keep one text and do what it asks. None: it was known already.

    `answered`: the whole texts, in small letters, that the provider answers by itself.
    """
    received = inbound.record_reply(db, reply, now, intent_of(reply.body))
    if received is None or received.intent is Intent.AUTO_REPLY or reply.sender == reply.to:
        return received
    if reply.sender in office.own_numbers:
        return replace(received, texts=take_answer(db, office, reply.sender, reply.body, now))
    queued: tuple[int, ...] = ()
    if reply.body.strip().casefold() not in answered and now - reply.at < ANSWER_FRESH:
        queued += _answer(db, office, reply, received, now)
    if needs_somebody_now(reply.body) and now - reply.at < URGENT_FRESH and not callers.blocked(db, reply.sender):
        queued += open_ladder(db, office, reply.sender, reply.body, received.reply_id, now)
    return replace(received, texts=queued)


def _answer(db: sqlite3.Connection, office: Office, reply: Inbound, received: Received, now: float) -> tuple[int, ...]:
    if received.meaning is ReplyMeaning.OPT_OUT and received.fresh:
        return _queue(db, office, reply.sender, TextKind.CONFIRM, confirmation(office.business, reply.body), now)
    if received.intent is Intent.HELP and _may_be_helped(db, reply.sender, now):
        line = next((line.number for line in office.lines if line.number != "*"), reply.to)
        return _queue(db, office, reply.sender, TextKind.HELP, help_answer(office.business, line, reply.body), now)
    return ()


def _may_be_helped(db: sqlite3.Connection, number: str, now: float) -> bool:
    lately = texts.last_of_kind(db, number, TextKind.HELP, now - ONE_HELP_IN)
    return lately is None and callers.opt_out_in_force(db, number) is None


def _queue(
    db: sqlite3.Connection, office: Office, number: str, kind: TextKind, body: str, now: float
) -> tuple[int, ...]:
    text_id = queue(db, kind, number, body, now, ANSWER_FRESH, shadow=office.shadow)
    return () if office.shadow else (text_id,)
