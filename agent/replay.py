"""A recorded stream through the real dialect, tracker and policy, in virtual time, sending nothing.

Each trace is judged alone: an empty ledger in memory, the clock at the trace's start plus t. Answers to questions that
were asked live are used where they were recorded; they count until ANSWER_WITHIN after the decision was due.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from agent.calls.tracker import Tracker
from agent.calls.verdicts import Call, News, Verdict, shifted
from agent.office import Office
from agent.pbx.dialects import ADAPTERS, Adapter, Where
from agent.pbx.events import LegEvent
from agent.pbx.trace import BadTrace, Entry, Trace
from agent.policy.facts import Presentation
from agent.policy.rules import UNDECIDED, Ruling
from agent.textback import ANSWER_WITHIN, Case, write_down
from sms.numbers import read_number
from storage.ledger import in_memory
from storage.vocabulary import Decision, Direction


@dataclass(slots=True)
class Row:
    """One call of a trace, as it stands so far. Times in seconds from the trace's start."""

    call: Call
    ruling: Ruling | None = None
    known_at: float | None = None
    text: str | None = None


class Replay:
    """One trace, replayed once."""

    def __init__(self, trace: Trace, office: Office, contexts: tuple[str, ...], trunks: tuple[str, ...]) -> None:
        if trace.pbx not in ADAPTERS:
            raise BadTrace(f'no PBX named "{trace.pbx}" is known; those known are {", ".join(ADAPTERS)}')
        where = Where("", "", contexts or trace.inbound_contexts, trunks, lambda: "")
        self._adapter: Adapter = ADAPTERS[trace.pbx](where)
        self._trace = trace
        self._office = office
        self._tracker = Tracker(office.plan_for)
        self._db: sqlite3.Connection = in_memory()
        self._rows: dict[str, Row] = {}
        self._asked = any(entry.is_reply for entry in trace.entries)
        self._waiting: list[tuple[float, Verdict]] = []

    def run(self) -> list[Row]:
        """Every call of the trace, in the order in which they were decided, the undecided last."""
        for entry in self._trace.entries:
            self._until(entry.t)
            for event in self._events(entry):
                self._hear(self._tracker.take(entry.t, event))
        self._until(float("inf"), tick=False)
        self._db.close()
        for row in self._rows.values():
            if row.ruling is None:
                row.ruling = Ruling(Decision.SKIP, UNDECIDED.name)
        never = float("inf")
        return sorted(self._rows.values(), key=lambda row: never if row.known_at is None else row.known_at)

    def _events(self, entry: Entry) -> Iterator[LegEvent]:
        if entry.is_reply:
            yield from self._adapter.answered(entry.asked, entry.headers)
        else:
            yield from self._adapter.translate(entry.headers)

    def _until(self, t: float, tick: bool = True) -> None:
        """Let time pass: limits that run out, and decisions that waited for an answer, in their order."""
        while True:
            due = self._tracker.next_due if tick else None
            patience = self._waiting[0][0] if self._waiting else None
            if due is not None and due <= t and (patience is None or due <= patience):
                self._hear(self._tracker.tick(due))
            elif patience is not None and (patience <= t or not tick):
                self._write(self._waiting.pop(0)[1], patience)
            else:
                return

    def _hear(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            call = verdict.call
            self._rows.setdefault(call.id, Row(call)).call = call
            at = call.known_at if call.known_at is not None else call.started_at
            if verdict.news is News.MISSED and self._asked and call.withheld is None:
                self._waiting.append((at + ANSWER_WITHIN, verdict))
            else:
                self._write(verdict, max(at, call.ended_at or at, call.answered_at or at))

    def _write(self, verdict: Verdict, now: float) -> None:
        row = self._rows[verdict.call.id]
        call = shifted(verdict.call, self._trace.started)
        withheld = row.call.withheld
        outcome = write_down(
            self._db, self._office, Case(verdict.news, call, self._presentation(withheld), self._trace.started + now)
        )
        if verdict.news is News.STARTED and call.direction is not Direction.INBOUND:
            row.known_at = verdict.call.started_at
        if outcome.ruling is not None:
            row.ruling = outcome.ruling
            row.text = outcome.body
            if call.direction is Direction.INBOUND:
                row.known_at = verdict.call.known_at

    def _presentation(self, withheld: bool | None) -> Presentation:
        if withheld is None:
            return Presentation.UNKNOWN if self._asked else Presentation.UNASKABLE
        return Presentation.WITHHELD if withheld else Presentation.SHOWN


def as_json(path: str, row: Row, office: Office) -> dict[str, object]:
    """The row as `replay --json` prints it."""
    call, ruling = row.call, row.ruling
    assert ruling is not None
    inbound = call.direction is Direction.INBOUND
    number = office.caller(call) if inbound else read_number(call.number, office.country)
    withheld = inbound and (call.withheld is True or number.withheld)
    return {
        "trace": path,
        "call": call.id,
        "direction": call.direction.value,
        "caller": None if withheld else number.e164 or call.number or None,
        "line": office.dialled(call.dialled) if inbound else None,
        "reason": call.reason.value if call.reason else None,
        "decision": ruling.decision.value,
        "rule": ruling.rule,
        "started_at": call.started_at,
        "known_at": row.known_at,
        "ended_at": call.ended_at,
        "answered_at": call.answered_at,
        "text": row.text,
    }
