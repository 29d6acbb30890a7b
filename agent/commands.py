"""What a person may tell the agent to do to the ledger. Each is one transaction, run by whoever owns the ledger."""

import sqlite3
from collections.abc import Callable

from agent.conversations import staff
from agent.conversations.ladder import close
from agent.office import Office
from sms import aftermath
from sms.writing import queue
from storage.queries import callers, conditions, ladders, learnt_numbers
from storage.queries.threads import ThreadMove
from storage.vocabulary import LadderState, OptOutSource, TextKind, ThreadOutcome, ThreadState

Answer = dict[str, object]
Job = Callable[[sqlite3.Connection, Office, Answer, float], Answer]

TEST_TEXT_VALID = 600.0


def pause(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Text nobody until `until` (epoch s) or until resumed; what waits stays."""
    until = asked.get("until")
    note = str(asked.get("note") or "paused by a person")
    conditions.raise_condition(db, conditions.PAUSED, note, now, float(str(until)) if until is not None else None)
    return {"done": "paused"}


def resume(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Lift a pause, and let a stopped outbox try again."""
    lifted = [code for code in (conditions.PAUSED, conditions.SENDING_STOPPED) if conditions.clear(db, code)]
    return {"done": "resumed", "lifted": lifted}


def block(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Never text this number by itself."""
    callers.block(db, str(asked["number"]), str(asked.get("note") or "no reason given"), now)
    return {"done": "blocked"}


def unblock(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Lift a block."""
    return {"done": "unblocked" if callers.unblock(db, str(asked["number"])) else "was not blocked"}


def opt_out(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Opt a number out, as told to a person by phone or mail; whatever waits for it is cancelled."""
    number = str(asked["number"])
    fresh = callers.opt_out_in_force(db, number) is None
    aftermath.opted_out(db, number, OptOutSource.ADMIN, str(asked.get("note") or "by an admin"), now)
    return {"done": "opted out" if fresh else "was opted out already"}


def opt_in(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Lift an opt-out, with the admin's note as evidence."""
    number, note = str(asked["number"]), str(asked.get("note") or "")
    settled = callers.settle_doubt(db, number, f"no opt-out: {note}", now)
    lifted = callers.lift_opt_out(db, number, OptOutSource.ADMIN, note, now)
    if lifted:
        return {"done": "opt-out lifted"}
    return {"done": "no opt-out; it may be texted again" if settled else "was not opted out"}


def test_text(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """Queue a text to a number of the admin's own, through the real outbox. Not to one that opted out."""
    number = str(asked["number"])
    if callers.opt_out_in_force(db, number) is not None:
        return {"error": f"{number} opted out; it isn't texted, not even for a test"}
    body = office.body(office.lines[0], "", now)
    text_id = queue(db, TextKind.TEST, number, body, now, TEST_TEXT_VALID, shadow=office.shadow)
    queued = () if office.shadow else (text_id,)
    return {"done": "shadow" if office.shadow else "queued", "text": text_id, "body": body, "queued": queued}


def thread(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """A person moves a caller's thread."""
    outcome, amount, note = asked.get("outcome"), asked.get("amount"), asked.get("note")
    step = ThreadMove(
        number=str(asked["number"]),
        state=ThreadState(str(asked["state"])),
        by=str(asked["by"]),
        at=now,
        outcome=ThreadOutcome(str(outcome)) if outcome else None,
        amount=float(str(amount)) if amount is not None else None,
        note=str(note) if note else None,
    )
    return {"done": step.state.value, "queued": staff.move(db, office, step)}


def write_to(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """A person texts a caller."""
    try:
        queued = staff.write(db, office, str(asked["number"]), str(asked["body"]), str(asked["by"]), now)
    except staff.Refused as why:
        return {"error": str(why)}
    return {"done": "queued" if queued else "shadow", "queued": queued}


def close_urgent(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """An urgent caller needs nobody any more."""
    number = str(asked["number"])
    last = ladders.last_of(db, number)
    if last is None or last.state is LadderState.CLOSED:
        return {"error": f"{number} is not waiting as an urgent caller"}
    close(db, last, str(asked.get("note") or "closed by a person"), now)
    return {"done": "closed"}


def say_ours(db: sqlite3.Connection, office: Office, asked: Answer, now: float) -> Answer:
    """A person says whether a number is staff's, whatever was learnt from the PBX."""
    number, ours, note = str(asked["number"]), bool(asked["ours"]), str(asked.get("note") or "said by a person")
    if not ours and number in office.own_numbers:
        return {"error": f"{number} stands in the configuration as one of the business's own numbers"}
    learnt_numbers.say(db, number, ours, note, now)
    return {"done": "is staff's, and not texted" if ours else "is nobody of ours, and may be texted"}


JOBS: dict[str, Job] = {
    "pause": pause,
    "resume": resume,
    "block": block,
    "unblock": unblock,
    "opt_out": opt_out,
    "opt_in": opt_in,
    "test_text": test_text,
    "thread": thread,
    "write_to": write_to,
    "close_urgent": close_urgent,
    "say_ours": say_ours,
}
