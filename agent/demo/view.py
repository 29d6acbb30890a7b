"""The demo as one watches it: each call as the office hears it, each decision as the ledger has it, and a summary."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.demo.day import Day
from agent.demo.ledger import Decided, Written
from agent.demo.recording import Mark, Milestone
from agent.demo.script import STAFF
from agent.demo.truth import Call
from agent.policy.rules import BY_NAME
from sms.numbers import read_number
from storage.vocabulary import Decision, Direction, OptOutSource, Reason

PEOPLE = {"101": "Alice (101)", "102": "Bob (102)", "103": "Carol (103)"}
LINES = {"+13125550100": "Main", "+13125550101": "Emergencies"}
WIDEST = 100  # letters a line; longer ones are hard to read
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


@dataclass(slots=True)
class View:
    """Prints the day as it goes. `clock` tells the office's time now."""

    console: Console
    day: Day
    clock: Callable[[], str]
    calls: list[Call] = field(default_factory=list)  # all that came in so far
    _seen: dict[str, int] = field(default_factory=dict)  # the PBX's name of a call to the number shown
    _last_of: dict[str, int] = field(default_factory=dict)  # a caller's number to the number of the call shown
    _shortened: bool = False
    _rang: set[int] = field(default_factory=set)
    _told: dict[str, Decided] = field(default_factory=dict)

    def heard(self, call: Call, milestone: Milestone) -> None:
        """Something happened in the office."""
        number = call.index + 1
        match milestone.mark:
            case Mark.ARRIVES:
                self._seen[call.id] = number
                self.calls.append(call)
                if call.planned.caller is not None and not call.withheld:
                    self._last_of[call.planned.caller] = number
                self.say(number, self._arrival(call), "bold")
            case Mark.RINGS if number not in self._rang and milestone.phone in PEOPLE:
                self._rang.add(number)
                self.say(number, "rings", "dim")
            case Mark.ANSWERED:
                who = PEOPLE.get(milestone.phone)
                self.say(number, f"{who} answers" if who else "the other side answers", "green")

    def _arrival(self, call: Call) -> str:
        planned, first = call.planned, call.score.recording.calls[0]
        if first.direction == "internal":
            return f"{_person(first.caller)} calls {_person(first.did)}"
        if first.direction == "outbound":
            return f"{_person(first.caller)} calls {shown(planned.did or first.did)} back"
        line = LINES.get(planned.did or "", planned.did or first.did)
        who = "a withheld number" if call.withheld else shown(planned.caller or first.caller)
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

    def _worth_showing(self, text: str) -> str:
        """The first text whole; of the others what is their own, as the rest is the same for all."""
        if not self._shortened:
            self._shortened = True
            return text
        greeting, dot, rest = text.partition(". ")
        return greeting + dot + ("…" if rest else "")

    def call_of(self, number: str) -> int | None:
        """The number of this caller's last call."""
        return self._last_of.get(number)

    def _tell(self, number: int, row: Decided) -> None:
        happened = WHAT_HAPPENED[row.reason] if row.reason is not None else "missed"
        if row.decision is Decision.TEXT:
            missed = (f"missed: {happened}. Texted: ", "bold yellow")
            self.say(number, Text.assemble(missed, (f"“{self._worth_showing(row.text)}”", "cyan")))
        else:
            rule = BY_NAME.get(row.rule)
            self.say(number, f"missed: {happened}. No text: {rule.sentence if rule else row.rule}", "yellow")

    def say(self, number: int | None, words: str | Text, style: str = "") -> None:
        """One thing that happened, wrapped under itself. `number`: of the call it is about, if it is about one."""
        head = f"{self.clock()}  {'' if number is None else number:>2}  "
        width = max(min(self.console.width, WIDEST) - len(head), 20)
        for place, line in enumerate(
            (Text(words, style) if isinstance(words, str) else words).wrap(self.console, width)
        ):
            line.rstrip()
            before = head if place == 0 else " " * len(head)
            self.console.print(Text.assemble((before, "dim"), line), soft_wrap=True)

    def summary(self, rows: dict[str, Decided], written: Written) -> Table:
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
        own_words = sum(how is OptOutSource.OWN_WORDS for how in written.opt_outs.values())
        from_callers = [one for one in written.replies if one.number not in STAFF]
        urgent = [climbed.ladder for climbed in written.urgent]
        kept = sum(one.reached_at is not None and one.reached_at <= one.promised_at for one in urgent)
        table.add_row(str(len(from_callers)), "replies from callers", style="magenta")
        table.add_row(str(len(written.opt_outs)), f"opted out, {own_words} of them in own words")
        table.add_row(str(len(written.doubts)), "perhaps opted out: a person has to look")
        table.add_row(str(len(urgent)), f"urgent, {kept} called back in the promised time", style="red")
        table.add_section()
        for rule, count in Counter(row.rule for row in missed if row.decision is not Decision.TEXT).most_common():
            known = BY_NAME.get(rule)
            table.add_row(str(count), f"not texted: {known.sentence if known else rule or 'not decided'}")
        return table

    def worth_explaining(self, rows: dict[str, Decided], written: Written) -> int | None:
        """The ledger's number of a call whose story is worth reading: an urgent caller's, else the last one texted."""
        texted = [row for row in rows.values() if row.decision is Decision.TEXT]
        urgent = {climbed.ladder.number for climbed in written.urgent}
        return next((row.id for row in (*(row for row in texted if row.caller in urgent), *texted)), None)


def shown(number: str) -> str:
    """A number as people read it."""
    read = read_number(number, "US")
    e164 = read.e164 or number
    return f"{e164[:2]} {e164[2:5]} {e164[5:8]} {e164[8:]}" if len(e164) == 12 else e164


def _person(extension: str) -> str:
    return PEOPLE.get(extension, extension)
