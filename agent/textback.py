"""A miss becomes a committed decision: facts, policy and the queued text in one transaction.

The functions here run inside a transaction of the ledger (`Ledger.write`), on whatever connection they are given; a
replay gives them one in memory. Times of calls are epoch seconds here.
"""

import sqlite3
import uuid
from dataclasses import dataclass, replace

from agent.calls.verdicts import Call, News, Phone
from agent.office import Office, OfficeLine
from agent.our_numbers import learn, why_ours
from agent.policy.facts import Facts, Presentation
from agent.policy.rules import BY_NAME, Ruling, decide, is_capped
from sms.numbers import Number
from sms.outbox import claim
from sms.provider import OutgoingText
from sms.segments import measure
from storage.queries import callers, calls, conditions, follow_ups, texts, threads
from storage.records import CallRecord, Move, NewText, PhoneRecord, TextRow
from storage.vocabulary import Decision, Direction, Reason, TextKind, TextState, ThreadState

ANSWER_WITHIN = 0.1
"""Seconds a decision waits for the PBX to tell whether the number was withheld."""
IN_TOUCH_FOR = 1800.0
"""Seconds for which a call back or an answer by staff keeps a caller from being texted."""
AUTOMATIC = frozenset({TextKind.FIRST, TextKind.FOLLOW_UP})
"""Kinds of texts that wait while it is in doubt whether the caller opted out."""
LONGEST_CALL = 6 * 3600.0
"""How far back a call may have begun that somebody is still on, seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be written down, with what is known of its presentation. `now`: epoch seconds."""

    news: News
    call: Call
    presentation: Presentation
    now: float
    source: str = "live"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written: the row, the decision if one was taken now, and the text that waits, if one does."""

    call_id: int
    ruling: Ruling | None = None
    text_id: int | None = None
    body: str | None = None
    claimed: OutgoingText | None = None


def write_down(db: sqlite3.Connection, office: Office, case: Case, *, may_claim: bool = False) -> Outcome:
    """Write one piece of news, decide if it is time to, and queue the text that was decided.

    `may_claim`: the outbox would send it this instant, so it is committed as `sending` at once; the guards that are
    looked at again before a text is handed over were looked at in this very transaction.
    """
    call = case.call
    line = office.line_for(call.dialled)
    number = office.caller(call)
    if _lost_in_transfer(office, case):
        call = replace(call, reason=Reason.NO_ANSWER, known_at=call.ended_at, answered_at=None)
        case = replace(case, news=News.MISSED, call=call)
    put = calls.put(db, _record(office, line, number, case))
    if case.news is News.ENDED and call.direction is Direction.INBOUND:
        learn(db, office, call)
    match case.news:
        case News.ANSWERED if office.transfers_count and call.direction is Direction.INBOUND:
            pass  # decided at its end, when it is known whether he was lost in a transfer
        case News.MISSED if put.decision is None and put.answered and not office.transfers_count:
            return _close(db, case, put.id, "answered")  # while the PBX was asked about the number
        case News.MISSED if put.decision is None:
            return _decide(db, office, line, number, case, put.id, may_claim)
        case News.ANSWERED if put.decision is None:
            return _close(db, case, put.id, "answered" if call.direction is Direction.INBOUND else "not_inbound")
        case News.ANSWERED | News.ANSWERED_LATE:
            _cancel(db, put.id, case.now, "a human answered before it left")
        case News.ENDED if put.decision is None and call.direction is not Direction.INBOUND:
            return _close(db, case, put.id, "not_inbound")
        case News.ENDED if put.decision is None and call.answered_at is not None:
            return _close(db, case, put.id, "answered")
        case _:
            pass
    return Outcome(put.id)


def _lost_in_transfer(office: Office, case: Case) -> bool:
    """The caller talked to somebody, was passed on and not answered there, and the admin wants that to count."""
    ended, inbound = case.news is News.ENDED, case.call.direction is Direction.INBOUND
    return office.transfers_count and ended and inbound and case.call.transfer_unanswered


def look_again(db: sqlite3.Connection, office: Office, text: TextRow, now: float) -> str:
    """Why a text must not be handed over after all; empty if it may. A deferred one is put through the rules anew."""
    if text.kind is TextKind.TEST:
        return ""
    if text.kind is TextKind.CONFIRM:
        return ""  # after an opt-out nothing but this
    if callers.opt_out_in_force(db, text.number) is not None:
        return _against(db, text, "opted_out", "the caller opted out before it left", now)
    if text.kind in AUTOMATIC and callers.open_doubt(db, text.number) is not None:
        return _against(db, text, "in_doubt", "the caller may have opted out before it left; nobody has looked", now)
    if text.kind is TextKind.FOLLOW_UP and not follow_ups.is_still_silent(db, text.number, text.created_at):
        return "the caller was heard of before it left"
    if text.kind is not TextKind.FIRST or text.call_id is None:
        return ""
    row = calls.find(db, str(text.call_id))
    if row is None:
        return "its call is gone"
    if row["answered_at"] is not None and not (office.transfers_count and row["transfer_unanswered"]):
        return _against(db, text, "answered", "a human answered before it left", now)
    touch = _in_touch(db, text.number, text.call_id, row["started_at"], now)
    if touch:
        return _against(db, text, "in_touch", f"the caller is in touch: {touch}", now)
    if text.state is TextState.DEFERRED:
        return _release(db, office, text, now)
    return ""


def _release(db: sqlite3.Connection, office: Office, text: TextRow, now: float) -> str:
    """The quiet hours are over: what else the rules say about the caller now. The decision is taken at last."""
    blocked = why_ours(db, office, text.number)
    if blocked:
        return _against(db, text, "blocked", blocked, now)
    no_texts = callers.no_texts(db, text.number, now)
    if no_texts is not None:
        return _against(db, text, "no_texts", no_texts, now)
    counts = texts.count(db, text.number, now)
    if is_capped(office.limits, counts.hour - 1, counts.day - 1, counts.number - 1):  # it is counted itself
        return _against(db, text, "cap", "a cap was reached meanwhile", now)
    if text.call_id is not None:
        calls.redecide(db, text.call_id, Decision.TEXT, "text", now)
    return ""


def _against(db: sqlite3.Connection, text: TextRow, rule: str, why: str, now: float) -> str:
    """Something speaks against a waiting text; a deferred decision becomes the one not to text."""
    if text.call_id is not None:
        calls.redecide(db, text.call_id, Decision.SKIP, BY_NAME[rule].name, now, why)
    return why


def _decide(
    db: sqlite3.Connection, office: Office, line: OfficeLine, number: Number, case: Case, call_id: int, may_claim: bool
) -> Outcome:
    facts = gather(db, office, line, number, case, call_id)
    ruling = decide(facts)
    calls.decide(db, call_id, ruling.decision, ruling.rule, case.now, ruling.because)
    if ruling.decision is Decision.SKIP or number.e164 is None:
        return Outcome(call_id, ruling)
    body = office.body(line, case.call.name, case.now)
    state, due_at = TextState.QUEUED, case.now + line.delay
    if office.shadow:
        state = TextState.SHADOW
    elif ruling.decision is Decision.DEFER:
        state, due_at = TextState.DEFERRED, office.quiet_until(number.e164, case.now) or due_at
    text = NewText(
        ref=uuid.uuid4().hex,
        call_id=call_id,
        kind=TextKind.FIRST,
        number=number.e164,
        body=body,
        segments=measure(body).segments,
        state=state,
        due_at=due_at,
        fresh_until=due_at + office.limits.freshness - max(0.0, facts.age),
    )
    text_id = texts.add(db, text, case.now)
    claimed = None
    if may_claim and state is TextState.QUEUED and due_at <= case.now:
        claimed = claim(db, texts.get(db, text_id), case.now)
    return Outcome(call_id, ruling, text_id, body, claimed)


def gather(db: sqlite3.Connection, office: Office, line: OfficeLine, number: Number, case: Case, call_id: int) -> Facts:
    """All that the rules may know about one call, read now."""
    call, now = case.call, case.now
    facts = Facts(
        direction=call.direction,
        line=line.facts,
        limits=office.limits,
        answered=call.answered_at is not None,
        reason=call.reason,
        presentation=case.presentation,
        number=number,
        now=now,
        age=now - min((at for at in (call.known_at, call.ended_at) if at is not None), default=now),
        waited=_waited(call),
        attested=call.attested,
    )
    lasting = conditions.current(db, now)
    if conditions.PAUSED in lasting:
        facts = replace(facts, paused=lasting[conditions.PAUSED].detail)
    if number.e164 is None:
        return facts
    counts = texts.count(db, number.e164, now)
    opt_out = callers.opt_out_in_force(db, number.e164)
    stopped = lasting.get(conditions.SENDING_STOPPED)
    return replace(
        facts,
        blocked=why_ours(db, office, number.e164),
        opted_out=f"by {opt_out.source.value}: {opt_out.words}" if opt_out else "",
        in_doubt=callers.open_doubt(db, number.e164) or "",
        in_touch=_in_touch(db, number.e164, call_id, call.started_at, now),
        text_waiting=texts.is_waiting_for(db, number.e164),
        last_text_at=texts.last_to(db, number.e164, now - office.limits.cooldown),
        no_texts=callers.no_texts(db, number.e164, now) or "",
        stopped=stopped.detail if stopped else "",
        texts_last_hour=counts.hour,
        texts_last_day=counts.day,
        texts_to_number_last_day=counts.number,
        quiet=office.quiet_until(number.e164, now) is not None,
    )


def _in_touch(db: sqlite3.Connection, number: str, call_id: int, started_at: float, now: float) -> str:
    by = calls.talking_now(db, number, call_id)
    if by is not None:
        return f"talking to {by or 'somebody'} at that moment"
    direction = calls.talked_since(db, number, call_id, started_at, started_at - LONGEST_CALL)
    if direction is not None:
        return "called back since" if direction is Direction.OUTBOUND else "got through on another call since"
    thread = threads.get(db, number)
    if thread is not None and thread["state"] != ThreadState.OPEN and thread["at"] > now - IN_TOUCH_FOR:
        return f"dealt with by {thread['by']} {(now - thread['at']) / 60:.0f} minutes before"
    written = texts.last_of_kind(db, number, TextKind.STAFF, now - IN_TOUCH_FOR)
    if written is not None:
        return f"written to by a person {(now - written) / 60:.0f} minutes before"
    back = calls.called_back_at(db, number, now - IN_TOUCH_FOR, now - IN_TOUCH_FOR - LONGEST_CALL)
    return "" if back is None else f"called back {(now - back) / 60:.0f} minutes before"


def _waited(call: Call) -> float | None:
    began = [at for at in (call.first_ringing_at, call.queue_joined_at) if at is not None]
    if not began or call.ended_at is None:
        return None
    return call.ended_at - min(began)


def _close(db: sqlite3.Connection, case: Case, call_id: int, rule: str) -> Outcome:
    ruling = Ruling(Decision.SKIP, BY_NAME[rule].name)
    calls.decide(db, call_id, ruling.decision, ruling.rule, case.now)
    return Outcome(call_id, ruling)


def _cancel(db: sqlite3.Connection, call_id: int, now: float, why: str) -> None:
    for text_id, state in texts.waiting_of_call(db, call_id):
        texts.move(db, Move(text_id, state, TextState.CANCELLED, now, why))


def _record(office: Office, line: OfficeLine, number: Number, case: Case) -> CallRecord:
    call = case.call
    inbound = call.direction is Direction.INBOUND
    withheld = inbound and (case.presentation is Presentation.WITHHELD or number.withheld)
    if case.news is News.STARTED and case.presentation is Presentation.UNKNOWN:
        withheld = True  # nobody has said yet that it may be kept
    peer = number.e164 if inbound else None
    if call.direction is Direction.OUTBOUND:
        peer = office.outside(call.dialled)
    return CallRecord(
        pbx_call=call.id,
        direction=call.direction,
        caller=None if withheld else number.e164 or call.number,
        peer=None if withheld else peer,
        caller_name=None if withheld else call.name or None,
        line=office.dialled(call.dialled) if inbound else None,
        line_name=line.name if inbound else None,
        trunk=call.trunk if inbound else None,
        started_at=call.started_at,
        first_ringing_at=call.first_ringing_at,
        answered_at=call.answered_at,
        answered_by=call.answered_by or None,
        answered_late=call.answered_at is not None and call.reason is not None,
        transfer_unanswered=call.transfer_unanswered,
        ended_at=call.ended_at,
        reason=call.reason,
        known_at=call.known_at,
        source=case.source,
        phones=tuple(_phone(office, phone) for phone in call.phones),
    )


def _phone(office: Office, phone: Phone) -> PhoneRecord:
    number = office.outside(phone.number) if phone.number else None
    return PhoneRecord(phone.phone, phone.rang_at, phone.joined_at, phone.attempt, number)
