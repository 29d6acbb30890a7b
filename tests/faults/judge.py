"""Was anything lost, anybody texted twice or wrongly? Judged by what the PBX played and what the handsets got.

The agent's ledger is asked only whether each miss has its record; who was texted is the provider's word alone.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles.twilio import events_of, handset_texts
from tests.faults.agent import Agent

KNOWN_WITHIN = 0.3
"""Seconds after a human answered within which a text may still have left: nothing is known before it is read."""


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
    found = Judgement()
    calls = played(truth)
    got = _handsets(handsets)
    left = _left(handsets)
    rows = {row["pbx_call"]: row for row in agent.ask("SELECT * FROM calls")}
    decisions: Counter[str] = Counter()
    missed = texted = late = untold = 0
    for call in calls:
        texts = got.pop(call.caller, 0)
        texted += texts
        if texts > 1:
            found.wrong.append(f"{call.caller} got {texts} texts for one call ({call.trace}, {call.id})")
        row = rows.get(call.id)
        if call.answered:
            late += texts
            found.wrong += _texted_though_answered(call, left.get(call.caller, [])[:texts])
            untold += row is None
            continue
        missed += 1
        if texts and call.should_text is False:
            found.wrong.append(f"{call.caller} was texted though nothing called for it ({call.trace}, {call.id})")
        if row is None or row["decision"] is None:
            what = "no record" if row is None else "no decision"
            found.wrong.append(f"a miss has {what}: {call.id} from {call.caller} ({call.trace})")
        elif row["answered_at"] is not None:
            found.wrong.append(f"a miss is recorded as answered: {call.id} from {call.caller} ({call.trace})")
        else:
            decisions[f"{row['rule']}/{row['source']}"] += 1
    found.wrong += [f"{number} never called and got {count} texts" for number, count in got.items()]
    states = Counter(
        {row["state"]: row["n"] for row in agent.ask("SELECT state, count(*) n FROM texts GROUP BY state")}
    )
    for state in ("queued", "sending"):
        if states[state]:
            found.wrong.append(f"{states[state]} texts are {state} for ever")
    known_there = {text.sid for text in handset_texts(events_of(handsets))}
    ours = {row["sid"] for row in agent.ask("SELECT sid FROM texts WHERE sid IS NOT NULL")}
    if lost := known_there - ours:
        found.wrong.append(f"{len(lost)} texts that the provider took are still of unknown fate")
    found.figures = {
        "calls": len(calls), "missed": missed, "texted": texted, "texted and answered late": late,
        "answered calls nobody saw": untold, "requests": sum(len(each) for each in left.values()),
        "decisions about misses": dict(decisions), "texts": dict(states), "adopted": _adopted(agent),
    }  # fmt: skip
    return found


def texted_late(truth: Path, handsets: Path, freshness: float) -> list[str]:
    """The handsets that were texted later than `freshness` (s) after their miss was known."""
    left = _left(handsets)
    ages = [
        (call.caller, (at - call.deciding_ns) / 1e9)
        for call in played(truth)
        if call.deciding_ns is not None and not call.answered
        for at in left.get(call.caller, [])
    ]
    return [f"{caller} was texted {age:.1f} s after the miss" for caller, age in ages if age > freshness]


def _texted_though_answered(call: Played, left_ns: list[int]) -> list[str]:
    assert call.answered_ns is not None
    after = [(at - call.answered_ns) / 1e9 for at in left_ns]
    return [
        f"{call.caller} was texted {seconds:.2f} s after a human answered ({call.trace}, {call.id})"
        for seconds in after
        if seconds > KNOWN_WITHIN
    ]


def _handsets(file: Path) -> dict[str, int]:
    return dict(Counter(text.to for text in handset_texts(events_of(file)) if not text.by_provider))


def _left(file: Path) -> Mapping[str, list[int]]:
    """When the requests that were taken reached the provider, by handset; of those not taken nothing follows."""
    asked: dict[str, list[int]] = defaultdict(list)
    for event in events_of(file):
        if event["event"] == "post":
            asked[str(event["to"])].append(int(str(event["first_byte_ns"])))
    return asked


def _adopted(agent: Agent) -> int:
    sql = "SELECT count(*) n FROM text_moves WHERE before = 'unknown' AND after = 'accepted'"
    return int(str(agent.ask(sql)[0]["n"]))
