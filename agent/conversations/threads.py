"""One thread a caller, and the call-back list: who was missed or wrote, and has not been reached. Pure shaping.

The list empties itself: who was called back and answered, who got through, and who a person is done with is off it. A
later miss or text opens a thread again that was done.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from agent.conversations.call_times import call_time
from storage.queries.threads import Listed
from storage.vocabulary import Decision, Intent, ThreadState


@dataclass(frozen=True, slots=True)
class Thread:
    """How things stand with one caller. Times: epoch seconds.

    `missed`: calls missed since he was last reached or done with, at least one where `last_missed_at` is. `rule`: why
    the last of them wasn't texted; empty if it was. `call_from`, `call_until`: when the last text asks to be called.
    `waits`: on the call-back list.
    """

    number: str
    name: str
    state: ThreadState
    missed: int
    last_missed_at: float | None
    line: str
    reason: str
    rule: str
    last_reply: str
    last_reply_at: float | None
    intent: str
    call_from: float | None
    call_until: float | None
    by: str
    note: str
    outcome: str
    amount: float | None
    reached_at: float | None
    waits: bool

    @property
    def last_at(self) -> float:
        """When the caller was last heard of."""
        return max(self.last_missed_at or 0.0, self.last_reply_at or 0.0)


def threads_of(found: Listed, zone: str, ours: Collection[str]) -> list[Thread]:
    """Every thread, the one heard of last first, urgent ones that wait before all others; on the clock of `zone`.

    `ours`: the numbers of the business and its people, who are nobody's callers.
    """
    threads = [_thread(number, found, zone) for number in {**found.missed, **found.replied} if number not in ours]
    return sorted(threads, key=lambda one: (one.waits and one.intent == Intent.URGENT, one.last_at), reverse=True)


def _thread(number: str, found: Listed, zone: str) -> Thread:
    missed, replied, moved = found.missed.get(number), found.replied.get(number), found.moved.get(number)
    last_missed = missed["last_at"] if missed is not None else None
    last_reply = replied["last_at"] if replied is not None else None
    heard = max(last_missed or 0.0, last_reply or 0.0)
    reached, written = found.reached.get(number), found.written_to.get(number, 0.0)
    state = ThreadState(moved["state"]) if moved is not None else ThreadState.OPEN
    if moved is not None and state is ThreadState.DONE and heard > moved["at"]:
        state = ThreadState.OPEN
    if state is ThreadState.WAITING and last_reply is not None and moved is not None and last_reply > moved["at"]:
        state = ThreadState.OPEN
    off = state is ThreadState.DONE or (reached is not None and reached > heard) or written > heard
    done = moved if moved is not None and state is ThreadState.DONE else None
    asked = call_time(replied["body"], replied["last_at"], zone) if replied is not None else None
    texted = missed is not None and missed["decision"] != Decision.SKIP
    return Thread(
        number=number,
        name=(missed["caller_name"] if missed is not None else None) or "",
        state=state,
        missed=missed["missed"] if missed is not None else 0,
        last_missed_at=last_missed,
        line=(missed["line_name"] if missed is not None else None) or "",
        reason=(missed["reason"] if missed is not None else None) or "",
        rule=missed["rule"] if missed is not None and not texted else "",
        last_reply=replied["body"] if replied is not None else "",
        last_reply_at=last_reply,
        intent=(replied["intent"] if replied is not None else None) or "",
        call_from=asked.start if asked is not None else None,
        call_until=asked.end if asked is not None else None,
        by=moved["by"] if moved is not None and state is not ThreadState.OPEN else "",
        note=(moved["note"] if moved is not None else None) or "",
        outcome=done["outcome"] if done is not None else "",
        amount=done["amount"] if done is not None else None,
        reached_at=reached,
        waits=not off and not _wants_nothing(replied, last_missed),
    )


def _wants_nothing(replied: sqlite3.Row | None, last_missed: float | None) -> bool:
    """Whether the caller's last word asks for no call. Who wants no texts may still want to be called."""
    if replied is None or replied["last_at"] < (last_missed or 0.0):
        return False
    return bool(replied["intent"] == Intent.WRONG_NUMBER)
