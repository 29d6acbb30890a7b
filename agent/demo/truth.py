"""What really happened in the calls that were played, written to a file.

The truth of a call is that of its recording (taken from the SIP side when it was recorded) and what the plan says of
its caller. Nothing is read back from the agent.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from agent.demo.plan import PlannedCall
from agent.demo.recording import Mark
from agent.demo.score import Score


@dataclass(slots=True, eq=False)
class Call:
    """One call being played. Times in nanoseconds of the monotonic clock, which all processes of a machine share.

    `id`: the PBX's name of its first leg.
    """

    index: int
    planned: PlannedCall
    score: Score
    id: str
    began: float  # seconds of play
    speed: float
    clock: float  # the wall's monotonic seconds of its first event
    instant: int = 0  # the next one to be sent
    events: int = 0  # how many of its events have happened
    noticed: dict[Mark, int] = field(default_factory=dict)
    started: int | None = None
    decided: int | None = None
    ended: int | None = None
    stopped: bool = False

    @property
    def withheld(self) -> bool:
        """Whether the caller asked not to be shown."""
        return self.planned.withheld or self.score.recording.calls[0].caller == "anonymous"

    def seconds_since(self, at: float) -> int:
        """Whole seconds since this moment of its recording."""
        elapsed = time.monotonic() - self.clock
        return max(int(elapsed - (at - self.score.recording.first.at) / self.speed), 0)

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


class Truth:
    """The truth file (JSON Lines), appended to; None: it is written nowhere. Raises OSError."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("a")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def finished(self, call: Call) -> None:
        """Write the truth of a call that is over, or that nobody will see the end of."""
        if self._file is not None:
            self._file.writelines(json.dumps(row) + "\n" for row in call.rows())
            self._file.flush()
