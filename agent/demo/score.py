"""A recording made ready to be played: its instants in order, and for each kind of listener what is sent at each."""

from bisect import bisect_left
from dataclasses import dataclass

from agent.demo.ami import View
from agent.demo.listing import Scene
from agent.demo.recording import SAME_INSTANT, Milestone, Recording
from agent.demo.replant import Plant, Template

CEL_TIME = "\0T\0"
CEL_GRAIN = 0.001  # CEL rows know milliseconds, cut off


@dataclass(frozen=True, slots=True)
class Instant:
    """What happens at one moment: `at` seconds after the call's first event, events `first` to `last` (excluded)."""

    at: float
    first: int
    last: int
    cel: tuple[Template, ...]
    milestones: tuple[Milestone, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of listener gets at one instant: all of it in one text, and event by event."""

    whole: Template
    each: tuple[Template, ...]


class Score:
    """One recording, compiled once and played any number of times."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.plant = Plant(recording)
        self.instants = self._instants()
        self._texts = [self.plant.event_text(event.headers) for event in recording.events]
        self._seen: dict[View, tuple[Part | None, ...]] = {}
        self._scenes: dict[int, Scene] = {}

    def _instants(self) -> tuple[Instant, ...]:
        events, origin = self.recording.events, self.recording.first.at
        starts = [0]
        for i, event in enumerate(events):
            if event.at - events[starts[-1]].at > SAME_INSTANT:
                starts.append(i)
        times = [events[i].at for i in starts]
        final = len(starts) - 1
        cel: list[list[Template]] = [[] for _ in starts]
        for row in self.recording.cel:
            text = self.plant.row_text(row.columns, CEL_TIME)
            cel[min(bisect_left(times, row.at), final)].append(self.plant.template(text, [CEL_TIME]))
        seen: list[list[Milestone]] = [[] for _ in starts]
        for milestone in self.recording.milestones:
            seen[min(bisect_left(times, milestone.at), final)].append(milestone)
        ends = [*starts[1:], len(events)]
        deciding = self.recording.deciding
        return tuple(
            Instant(
                times[i] - origin, first, last, tuple(cel[i]), tuple(seen[i]),
                deciding is not None and first <= deciding < last,
            )
            for i, (first, last) in enumerate(zip(starts, ends, strict=True))
        )  # fmt: skip

    def seen_by(self, view: View) -> tuple[Part | None, ...]:
        """For each instant what this listener gets; None: nothing."""
        known = self._seen.get(view)
        if known is None:
            known = self._seen[view] = tuple(self._part(view, instant) for instant in self.instants)
        return known

    def _part(self, view: View, instant: Instant) -> Part | None:
        texts = [text for text in self._texts[instant.first : instant.last] if view.shows(text)]
        if not texts:
            return None
        return Part(self.plant.template("".join(texts)), tuple(self.plant.template(text) for text in texts))

    def scene(self, count: int) -> Scene:
        """Who is there after so many events."""
        known = self._scenes.get(count)
        if known is None:
            known = self._scenes[count] = Scene(self.plant, count)
        return known
