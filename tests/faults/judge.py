"""Was anything lost, anybody texted twice or wrongly? Judged by what the PBX played and what the handsets got.

The agent's ledger is asked only whether each miss has its record; who was texted is the provider's word alone.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles.twilio import events_of, handset_texts
from tests.doubles.twilio.record import Event
from tests.faults.agent import Agent, Row

ON_ITS_WAY = 1.0
"""Seconds after a human answered within which a text may still reach the provider: it had left before."""

_ADOPTED = "SELECT id FROM text_moves WHERE before = 'unknown' AND after = 'accepted'"


@dataclass(frozen=True, slots=True)
class Played:
    """One call as it truly was. Times in ns of the monotonic clock."""

    id: str
    caller: str
    trace: str
    answered: bool
    should_text: bool | None
    answered_ns: int | None
    deciding_ns: int | None
    ended_ns: int | None

    def __str__(self) -> str:
        return f"{self.id} from {self.caller} ({self.trace})"


@dataclass(slots=True)
class Judgement:
    """What was found: `wrong` in sentences, empty if all is well, and the figures of the run."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """What is wrong, for people: the first few, and how many."""
        return f"{len(self.wrong)} wrongs; the first:\n" + "\n".join(self.wrong[:20])

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.figures.items())


def played(truth: Path) -> list[Played]:
    """The inbound calls that were played to their end; each has a caller of its own."""
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    return [
        Played(
            row["id"], row["caller"], row["trace"], row["human_answered"], row["should_text"], row["answered_ns"],
            row["deciding_ns"], row["end_ns"],
        )
        for row in rows
        if row["part"] == 0 and row["direction"] == "inbound" and row["start_ns"] and row["end_ns"]
    ]  # fmt: skip


def judge(truth: Path, handsets: Path, agent: Agent) -> Judgement:
    """Judge one run, once all has come to rest."""
    found, calls = Judgement(), played(truth)
    events = events_of(handsets)
    got, taken = _handsets(events), _taken(events)
    rows = {str(row["pbx_call"]): row for row in agent.ask("SELECT * FROM calls")}
    for call in calls:
        texts, row = got.pop(call.caller, 0), rows.get(call.id)
        if texts > 1:
            found.wrong.append(f"{call.caller} got {texts} texts for one call ({call})")
        found.wrong += _wrong_if_answered(call, taken[call.caller]) if call.answered else _wrong_if_missed(call, row)
        if texts and not call.answered and call.should_text is False:
            found.wrong.append(f"{call.caller} was texted though nothing called for it ({call})")
    found.wrong += [f"{number} never called and got {count} texts" for number, count in got.items()]
    states = Counter(str(row["state"]) for row in agent.ask("SELECT state FROM texts"))
    found.wrong += [f"{states[state]} texts are {state} for ever" for state in ("queued", "sending") if states[state]]
    ours = {str(row["sid"]) for row in agent.ask("SELECT sid FROM texts WHERE sid IS NOT NULL")}
    if lost := {text.sid for text in handset_texts(events)} - ours:
        found.wrong.append(f"{len(lost)} texts that the provider took are still of unknown fate")
    missed = [call for call in calls if not call.answered]
    decisions = Counter(f"{rows[c.id]['rule']}/{rows[c.id]['source']}" for c in missed if c.id in rows)
    found.figures = {
        "calls": len(calls), "missed": len(missed), "texted": sum(len(taken[call.caller]) for call in calls),
        "answered late": sum(len(taken[call.caller]) for call in calls if call.answered),
        "requests": sum(event["event"] == "post" for event in events), "decisions about misses": dict(decisions),
        "texts": dict(states), "adopted": len(agent.ask(_ADOPTED)),
    }  # fmt: skip
    return found


def texted_late(truth: Path, handsets: Path, freshness: float) -> list[str]:
    """The handsets that were texted later than `freshness` (s) after their miss was known."""
    taken = _taken(events_of(handsets))
    ages = [
        (call.caller, (at - call.deciding_ns) / 1e9)
        for call in played(truth)
        if call.deciding_ns is not None and not call.answered
        for at in taken[call.caller]
    ]
    return [f"{caller} was texted {age:.1f} s after the miss" for caller, age in ages if age > freshness]


def _wrong_if_missed(call: Played, row: Row | None) -> list[str]:
    if row is None:
        return [f"a miss has no record: {call}"]
    if row["decision"] is None:
        return [f"a miss has no decision: {call}"]
    if row["answered_at"] is not None:
        return [f"a miss is recorded as answered: {call}"]
    return [f"nobody knows how a miss ended, though the PBX wrote it down: {call}"] if row["reason"] is None else []


def _wrong_if_answered(call: Played, taken_ns: list[int]) -> list[str]:
    assert call.answered_ns is not None
    after = [(at - call.answered_ns) / 1e9 for at in taken_ns]
    return [f"texted {seconds:.2f} s after a human answered: {call}" for seconds in after if seconds > ON_ITS_WAY]


def _handsets(events: Sequence[Event]) -> dict[str, int]:
    return dict(Counter(text.to for text in handset_texts(events) if not text.by_provider))


def _taken(events: Sequence[Event]) -> defaultdict[str, list[int]]:
    """When the provider took each text (ns), by handset."""
    taken: defaultdict[str, list[int]] = defaultdict(list)
    for event in events:
        if event["event"] == "stored":
            taken[str(event["to"])].append(int(str(event["monotonic_ns"])))
    return taken
