"""One recorded call: the events a real PBX sent, what the phones saw, and the records the PBX wrote.

A recording is three files side by side: `NAME.jsonl.gz` (secondring-trace/1), `NAME.truth.json` (what happened by
the design of the SIP scenario, its times taken from the SIP messages) and `NAME.cel.csv.gz` (CEL rows, may be absent).
Seconds count from the start of the recording.
"""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TypedDict

Headers = tuple[tuple[str, str], ...]

QUIET = frozenset({"FullyBooted", "SuccessfulAuth", "TestEvent", "RTCPSent", "RTCPReceived"})
SAME_INSTANT = 0.0005  # events closer than this (seconds) are sent in one write, in their order


class RecordingError(Exception):
    """A recording can't be read or is none. The message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event: seconds, and its headers in wire order, doubled ones kept."""

    at: float
    headers: Headers

    @property
    def name(self) -> str:
        """The first `Event` header."""
        return self.headers[0][1]

    def get(self, key: str) -> str:
        """The first value of a header, empty if there is none."""
        return next((value for name, value in self.headers if name == key), "")


@dataclass(frozen=True, slots=True)
class CelRow:
    """One CEL row in the columns of Asterisk's sample `cel_custom.conf`; the second is the time."""

    at: float
    columns: tuple[str, ...]


class Mark(Enum):
    """What a bystander in the office would notice of a call."""

    ARRIVES = "calls"
    RINGS = "rings"
    ANSWERED = "answered"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something noticed, when (seconds), and at which phone ("101", empty where it is the call as a whole)."""

    at: float
    mark: Mark
    phone: str = ""


class _SipTimes(TypedDict, total=False):
    ringing: float
    answered: float


class _TruthCall(TypedDict):
    caller: str
    did: str
    direction: str
    human_answered: bool
    should_text: bool | None
    reason: str | None
    start_offset: float
    first_ringing_offset: float | None
    end_offset: float


class _TruthFile(TypedDict):
    scenario: str
    description: str
    calls: list[_TruthCall]
    phones: dict[str, list[_SipTimes]]


@dataclass(frozen=True, slots=True)
class TrueCall:
    """What one call of the recording was. `should_text` None: a question of settings (`min_ring`, `text_on`)."""

    caller: str
    did: str
    direction: str
    human_answered: bool
    should_text: bool | None
    reason: str | None
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded call, ready to be planted again.

    `deciding` is the index of the event at which the miss of the first call is known: the mailbox answering, or the
    end of the caller's leg (his hangup request where there is one). None where a human answered or nobody called in.
    """

    name: str
    description: str
    events: tuple[RecordedEvent, ...]
    cel: tuple[CelRow, ...]
    calls: tuple[TrueCall, ...]
    milestones: tuple[Milestone, ...]
    deciding: int | None

    @property
    def first(self) -> RecordedEvent:
        """The first event of the caller's leg."""
        return self.events[0]

    @property
    def seconds(self) -> float:
        """From the caller's first event to the last event of all."""
        return self.events[-1].at - self.events[0].at


def _lines(folder: Traversable, name: str) -> tuple[datetime, list[RecordedEvent]]:
    path = folder / f"{name}.jsonl.gz"
    with path.open("rb") as raw:
        text = gzip.decompress(raw.read()).decode()
    header, *rest = (json.loads(line) for line in text.splitlines() if line)
    if header.get("format") != "secondring-trace/1":
        raise RecordingError(f"{path}: not a secondring-trace/1")
    events = [RecordedEvent(row["t"], tuple((k, v) for k, v in row["event"])) for row in rest if "event" in row]
    return datetime.fromisoformat(header["started"]), events


def _cel(folder: Traversable, name: str, started: datetime) -> list[CelRow]:
    path = folder / f"{name}.cel.csv.gz"
    if not path.is_file():
        return []
    with path.open("rb") as raw:
        rows = list(csv.reader(io.StringIO(gzip.decompress(raw.read()).decode())))
    times = [datetime.fromisoformat(row[1]).replace(tzinfo=UTC) for row in rows]
    return [CelRow((at - started).total_seconds(), tuple(row)) for at, row in zip(times, rows, strict=True)]


def _milestones(truth: _TruthFile) -> list[Milestone]:
    call = truth["calls"][0]
    found = [Milestone(call["start_offset"], Mark.ARRIVES), Milestone(call["end_offset"], Mark.ENDS)]
    for phone, tries in truth["phones"].items():
        number = phone.removeprefix("phone")
        for seen in tries:
            if "ringing" in seen:
                found.append(Milestone(seen["ringing"], Mark.RINGS, number))
            if "answered" in seen and call["human_answered"]:
                found.append(Milestone(seen["answered"], Mark.ANSWERED, number))
    return sorted(found, key=lambda one: one.at)


def _deciding(events: list[RecordedEvent], call: _TruthCall) -> int | None:
    if call["human_answered"] or call["direction"] != "inbound":
        return None
    caller = events[0].get("Uniqueid")
    own = [(i, e) for i, e in enumerate(events) if e.get("Uniqueid") == caller]
    if call["reason"] == "voicemail":
        opened = next(i for i, e in own if e.name == "Newexten" and e.get("Application") == "VoiceMail")
        if events[opened].get("ChannelState") == "6":
            return opened
        return next(i for i, e in own if i > opened and e.name == "Newstate" and e.get("ChannelState") == "6")
    ends = [i for i, e in own if e.name == "HangupRequest"] or [i for i, e in own if e.name == "Hangup"]
    return ends[0] if ends else None


def load(folder: Traversable, name: str) -> Recording:
    """Read a recording. Raises RecordingError where a file is missing or is not what its name says."""
    try:
        started, every = _lines(folder, name)
        truth: _TruthFile = json.loads((folder / f"{name}.truth.json").read_text())
        cel = _cel(folder, name, started)
    except (OSError, ValueError, KeyError, IndexError) as problem:
        raise RecordingError(f"recording {name} in {folder}: {problem}") from problem
    events = [event for event in every if event.name not in QUIET]
    if not events or events[0].name != "Newchannel":
        raise RecordingError(f"recording {name} in {folder}: it doesn't begin with a new channel")
    calls = tuple(
        TrueCall(
            c["caller"], c["did"], c["direction"], c["human_answered"],
            c["should_text"], c["reason"], c["start_offset"], c["end_offset"],
        )
        for c in truth["calls"]
    )  # fmt: skip
    return Recording(
        name,
        truth["description"],
        tuple(events),
        tuple(cel),
        calls,
        tuple(_milestones(truth)),
        _deciding(events, truth["calls"][0]),
    )


@cache
def catalogue() -> Mapping[str, Recording]:
    """Every recording that comes with the project, by name."""
    folder = resources.files(__package__) / "recordings"
    names = sorted(f.name.removesuffix(".jsonl.gz") for f in folder.iterdir() if f.name.endswith(".jsonl.gz"))
    return {name: load(folder, name) for name in names}
