"""The demo as one watches it: each call as the office hears it, each decision as the ledger has it, and a summary."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.demo.day import Day
from agent.demo.recording import Mark, Milestone
from agent.demo.truth import Call
from agent.policy.rules import BY_NAME
from sms.numbers import read_number
from storage.ledger import LedgerTrouble, reading
from storage.queries import calls as stored
from storage.vocabulary import Decision, Direction, Reason

PEOPLE = {"101": "Alice (101)", "102": "Bob (102)", "103": "Carol (103)"}
LINES = {"+13125550100": "Main", "+13125550101": "Emergencies"}
WHAT_HAPPENED = {
    Reason.VOICEMAIL: "left with the mailbox",
    Reason.QUEUE_TIMEOUT: "the queue gave up",
    Reason.QUEUE_ABANDONED: "left the queue",
    Reason.ABANDONED: "hung up while it rang",
    Reason.NO_ANSWER: "nobody took it",
    Reason.DECLINED: "declined",
    Reason.BUSY: "the phone was busy",
    Reason.UNREACHABLE: "the phone was not connected",
    Reason.MENU_ABANDONED: "hung up in the menu",
    Reason.CLOSED: "called after hours",
    Reason.PBX_STOPPED: "the PBX stopped",
    Reason.FORWARDED: "forwarded here",
    Reason.OTHER: "ended otherwise",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the ledger says of one call, once it says it."""

    id: int
    direction: Direction
    reason: Reason | None
    decision: Decision | None
    rule: str
    answered: bool
    text: str
    text_state: str


class LedgerReader:
    """Reads the running agent's ledger from beside it. Nothing is there until the agent has made it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def rows(self) -> dict[str, Decided]:
        """Every call so far, by the PBX's own name of it."""
        if self._db is None:
            if not self._path.exists():
                return {}
            try:
                self._db = reading(self._path)
            except LedgerTrouble:
                return {}  # being made at this moment; the next look finds it
        return {row["pbx_call"]: _decided(row) for row in stored.newest(self._db, 0.0, 1000)}

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None


def _decided(row: sqlite3.Row) -> Decided:
    return Decided(
        row["id"],
        Direction(row["direction"]),
        Reason(row["reason"]) if row["reason"] else None,
        Decision(row["decision"]) if row["decision"] else None,
        row["rule"] or "",
        row["answered_at"] is not None,
        row["text_body"] or "",
        row["text_state"] or "",
    )


@dataclass(slots=True)
class View:
    """Prints the day as it goes. `clock` tells the office's time now."""

    console: Console
    day: Day
    clock: Callable[[], str]
    _seen: dict[str, int] = field(default_factory=dict)  # the PBX's name of a call to the number shown
    _rang: set[int] = field(default_factory=set)
    _told: dict[str, Decided] = field(default_factory=dict)

    def heard(self, call: Call, milestone: Milestone) -> None:
        """Something happened in the office."""
        number = call.index + 1
        match milestone.mark:
            case Mark.ARRIVES:
                self._seen[call.id] = number
                self._line(number, self._arrival(call), "bold")
            case Mark.RINGS if number not in self._rang and milestone.phone in PEOPLE:
                self._rang.add(number)
                self._line(number, "rings", "dim")
            case Mark.ANSWERED:
                who = PEOPLE.get(milestone.phone)
                self._line(number, f"{who} answers" if who else "the other side answers", "green")

    def _arrival(self, call: Call) -> str:
        planned, first = call.planned, call.score.recording.calls[0]
        if first.direction == "internal":
            return f"{_person(first.caller)} calls {_person(first.did)}"
        if first.direction == "outbound":
            return f"{_person(first.caller)} calls {_shown(planned.did or first.did)} back"
        line = LINES.get(planned.did or "", planned.did or first.did)
        who = "a withheld number" if call.withheld else _shown(planned.caller or first.caller)
        return f"{who} calls {line}" + (f"  ({planned.name})" if planned.name and not call.withheld else "")

    def decided(self, rows: dict[str, Decided]) -> None:
        """The ledger has grown: tell each decision once."""
        for name, row in reversed(rows.items()):
            number = self._seen.get(name)
            if number is None or row.decision is None or name in self._told:
                continue
            self._told[name] = row
            if row.direction is Direction.INBOUND and row.rule != "answered":
                self._tell(number, row)

    def settled(self, calls: int) -> bool:
        """Whether as many calls are decided as were played."""
        return len(self._told) >= calls

    def _tell(self, number: int, row: Decided) -> None:
        happened = WHAT_HAPPENED[row.reason] if row.reason is not None else "missed"
        if row.decision is Decision.TEXT:
            self._line(number, f"missed: {happened}. Texted:", "bold yellow")
            self._line(None, f"“{row.text}”", "cyan")
        else:
            rule = BY_NAME.get(row.rule)
            self._line(number, f"missed: {happened}. No text: {rule.sentence if rule else row.rule}", "yellow")

    def _line(self, number: int | None, words: str, style: str) -> None:
        text = Text()
        text.append(f"{self.clock()}  " if number is not None else " " * 7, "dim")
        text.append(f"{number:>2}  " if number is not None else " " * 6, "dim")
        text.append(words, style)
        self.console.print(text, soft_wrap=not self.console.is_terminal)

    def summary(self, rows: dict[str, Decided]) -> Table:
        """The day in figures."""
        inbound = [row for row in rows.values() if row.direction is Direction.INBOUND]
        missed = [row for row in inbound if not row.answered]
        texted = [row for row in missed if row.decision is Decision.TEXT]
        table = Table(title="The day at Acme Plumbing", show_header=False, title_justify="left")
        table.add_column(justify="right")
        table.add_column()
        table.add_row(str(len(rows)), "calls in all")
        table.add_row(str(len(rows) - len(inbound)), "of them internal or outbound")
        table.add_row(str(len(inbound) - len(missed)), "answered by a human")
        table.add_row(str(len(missed)), "missed", style="yellow")
        table.add_row(str(len(texted)), "texted back", style="cyan")
        table.add_section()
        for rule, count in Counter(row.rule for row in missed if row.decision is not Decision.TEXT).most_common():
            known = BY_NAME.get(rule)
            table.add_row(str(count), f"not texted: {known.sentence if known else rule or 'not decided'}")
        return table

    def worth_explaining(self, rows: dict[str, Decided]) -> int | None:
        """The number of a call whose story is worth reading: the last one that was texted."""
        return next((row.id for row in rows.values() if row.decision is Decision.TEXT), None)


def _shown(number: str) -> str:
    read = read_number(number, "US")
    e164 = read.e164 or number
    return f"{e164[:2]} {e164[2:5]} {e164[5:8]} {e164[8:]}" if len(e164) == 12 else e164


def _person(extension: str) -> str:
    return PEOPLE.get(extension, extension)
