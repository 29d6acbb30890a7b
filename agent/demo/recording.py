"""One recorded call: the events a real PBX sent, what the phones saw, and the records the PBX wrote.

A recording is files side by side: `NAME.jsonl.gz` (secondring-trace/1), `NAME.truth.json` (what happened by the design
of the SIP scenario, its times taken from the SIP messages), and what else a PBX's own folder says. Seconds count from
the start of the recording.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NotRequired, TypedDict

Headers = tuple[tuple[str, str], ...]

ARRAY = "ARRAY::"
"""What a value of several begins with; `|:` stands between them (as FreeSWITCH keeps them)."""


class RecordingError(Exception):
    """A recording can't be read or is none. The message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event: seconds, and its headers in wire order, doubled ones kept."""

    at: float
    headers: Headers

    @property
    def name(self) -> str:
        """What event it is."""
        return next((value for key, value in self.headers if key in ("Event", "Event-Name")), "")

    def get(self, key: str) -> str:
        """The first value of a header, empty if there is none."""
        return next((value for name, value in self.headers if name == key), "")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row that the PBX wrote into its records, and when."""

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


class TruthCall(TypedDict):
    """One call of a truth file."""

    caller: str
    did: str
    direction: str
    human_answered: bool
    should_text: bool | None
    reason: NotRequired[str | None]
    start_offset: float
    first_ringing_offset: float | None
    end_offset: float


class TruthFile(TypedDict):
    """A whole truth file."""

    scenario: str
    description: str
    calls: list[TruthCall]
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


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recorded call, ready to be planted again. None is equal to another, so that it is found fast.

    `deciding` is the index of the event at which the miss of the first call is known: the mailbox answering, or the
    end of the caller's leg (his own hangup where there is one). None where a human answered or nobody called in.
    `rows`: what was written beside it; empty where that is made from the events.
    """

    name: str
    description: str
    started: datetime
    events: tuple[RecordedEvent, ...]
    rows: tuple[RecordRow, ...]
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


def read_events(folder: Traversable, name: str) -> tuple[datetime, list[RecordedEvent]]:
    """When a trace was begun, and its events. Raises RecordingError, OSError, ValueError, KeyError."""
    path = folder / f"{name}.jsonl.gz"
    with path.open("rb") as raw:
        text = gzip.decompress(raw.read()).decode()
    header, *rest = (json.loads(line) for line in text.splitlines() if line)
    if header.get("format") != "secondring-trace/1":
        raise RecordingError(f"{path}: not a secondring-trace/1")
    events = [RecordedEvent(row["t"], tuple((k, _text(v)) for k, v in row["event"])) for row in rest if "event" in row]
    return datetime.fromisoformat(header["started"]), events


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ARRAY + "|:".join(value)


def read_truth(folder: Traversable, name: str) -> TruthFile:
    """What happened. Raises OSError, ValueError."""
    truth: TruthFile = json.loads((folder / f"{name}.truth.json").read_text())
    return truth


def recorded(
    name: str,
    truth: TruthFile,
    started: datetime,
    events: list[RecordedEvent],
    deciding: int | None,
    rows: list[RecordRow] | None = None,
) -> Recording:
    """Put a recording together."""
    calls = tuple(
        TrueCall(
            c["caller"], c["did"], c["direction"], c["human_answered"],
            c["should_text"], c.get("reason"), c["start_offset"], c["end_offset"],
        )
        for c in truth["calls"]
    )  # fmt: skip
    milestones = tuple(_milestones(truth))
    return Recording(name, truth["description"], started, tuple(events), tuple(rows or ()), calls, milestones, deciding)


def _milestones(truth: TruthFile) -> list[Milestone]:
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


def read_folder(kind: str, load: Callable[[Traversable, str], Recording]) -> Mapping[str, Recording]:
    """Every recording of one kind of PBX that comes with the project, by name."""
    folder = resources.files(__package__) / "recordings" / kind
    names = sorted(f.name.removesuffix(".jsonl.gz") for f in folder.iterdir() if f.name.endswith(".jsonl.gz"))
    return {name: load(folder, name) for name in names}
