"""What really happened in the calls that were played, and the records the PBX would have written: two files.

The truth of a call is that of its recording (taken from the SIP side when it was recorded) and what the plan says of
its caller. Nothing is read back from the agent.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from agent.demo.board import Leg
from agent.demo.listing import Scene
from agent.demo.plan import PlannedCall
from agent.demo.recording import Mark
from agent.demo.replant import FIRST_OWN
from agent.demo.score import Score


@dataclass(slots=True, eq=False)
class Call:
    """One call being played. Times in nanoseconds of the monotonic clock, which all processes of a machine share."""

    index: int
    planned: PlannedCall
    score: Score
    values: tuple[bytes, ...]
    began: float  # seconds of play
    speed: float
    instant: int = 0  # the next one to be sent
    events: int = 0  # how many of its events have happened
    noticed: dict[Mark, int] = field(default_factory=dict)
    started: int | None = None
    decided: int | None = None
    ended: int | None = None
    stopped: bool = False
    clock: float = 0.0  # the wall's monotonic seconds of its first event

    @property
    def withheld(self) -> bool:
        """Whether the caller asked not to be shown."""
        return self.planned.withheld or self.score.recording.calls[0].caller == "anonymous"

    @property
    def id(self) -> str:
        """The unique id of its first channel."""
        return self.values[FIRST_OWN].decode()

    def scene(self) -> Scene:
        """Where its recording stands now."""
        return self.score.scene(self.events)

    def seconds_since(self, at: float) -> int:
        """Whole seconds since this moment of its recording."""
        elapsed = time.monotonic() - self.clock
        return max(int(elapsed - (at - self.score.recording.first.at) / self.speed), 0)

    def channels(self) -> Mapping[str, str]:
        """Its channels' names now: the fresh one (without the half of a Local pair) to the recorded one."""
        slots = self.score.plant.channel_slots
        return {self.values[slot].decode(): recorded for recorded, slot in slots.items()}

    def leg_named(self, channel: str) -> Leg | None:
        """Its living leg of this name."""
        stem, semicolon, half = channel.partition(";")
        recorded = self.channels().get(stem)
        return None if recorded is None else self.scene().board.legs.get(recorded + semicolon + half)

    def rows(self) -> list[dict[str, object]]:
        """The lines of the truth file: one for the planned call, and one for each further call inside it."""
        first, *others = self.score.recording.calls
        inbound = first.direction == "inbound"
        answered = first.human_answered and (not self.stopped or Mark.ANSWERED in self.noticed)
        missed_by_stop = self.stopped and inbound and not answered
        should: bool | None = first.should_text
        if missed_by_stop:
            should = True
        if self.withheld:
            should = False
        caller = self.planned.caller or (None if first.caller == "anonymous" else first.caller)
        row: dict[str, object] = {
            "call": self.index, "part": 0, "id": self.id, "trace": self.score.recording.name, "caller": caller,
            "did": self.planned.did or first.did, "name": self.planned.name, "direction": first.direction,
            "withheld": self.withheld, "human_answered": answered, "should_text": should,
            "reason": "pbx_stopped" if missed_by_stop else first.reason, "stopped": self.stopped,
            "start_ns": self.started, "first_ringing_ns": self.noticed.get(Mark.RINGS),
            "answered_ns": self.noticed.get(Mark.ANSWERED),
            "deciding_ns": self.ended if missed_by_stop else self.decided, "end_ns": self.ended,
        }  # fmt: skip
        more: list[dict[str, object]] = [
            {
                "call": self.index, "part": i, "trace": self.score.recording.name, "caller": other.caller,
                "did": other.did, "direction": other.direction, "human_answered": other.human_answered,
                "should_text": other.should_text, "stopped": self.stopped,
            }
            for i, other in enumerate(others, 1)
        ]  # fmt: skip
        return [row, *more]


class Records:
    """The truth file (JSON Lines) and the CEL file, both appended to; either may be left out. Raises OSError."""

    def __init__(self, truth: Path | None, cel: Path | None) -> None:
        self._truth_path, self._cel_path = truth, cel
        self._truth: IO[str] | None = None
        self._cel: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._truth_path is not None:
            self._truth = self._truth_path.open("a")
        if self._cel_path is not None:
            self._cel = self._cel_path.open("ab")
        return self

    def __exit__(self, *exc: object) -> None:
        for file in (self._truth, self._cel):
            if file is not None:
                file.close()

    def cel_rows(self, call: Call) -> None:
        """Write what CEL has for this call at its next instant; the time is the machine's local one, as Asterisk's."""
        templates = call.score.instants[call.instant].cel
        if self._cel is not None and templates:
            now = datetime.now().isoformat(" ", "milliseconds").encode()
            self._cel.writelines(template.fill((*call.values, now)) for template in templates)

    def flush(self) -> None:
        """Hand what was written to the system, as CEL does at once."""
        if self._cel is not None:
            self._cel.flush()

    def finished(self, call: Call) -> None:
        """Write the truth of a call that is over, or that nobody will see the end of."""
        if self._truth is not None:
            self._truth.writelines(json.dumps(row) + "\n" for row in call.rows())
            self._truth.flush()
