"""A recording of an Asterisk made ready to be played: for each kind of listener what is sent at each moment."""

from dataclasses import dataclass
from functools import cache

from agent.demo.asterisk.ami import View
from agent.demo.asterisk.listing import Scene
from agent.demo.asterisk.replant import Plant
from agent.demo.recording import Recording
from agent.demo.replant import Template
from agent.demo.score import Instant, at_instants, instants_of

CEL_TIME = "\0T\0"


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of listener gets at one instant: all of it in one text, and event by event."""

    whole: Template
    each: tuple[Template, ...]


class Score:
    """One recording, compiled once and played any number of times. `cel`: for each instant its rows."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.plant = Plant(recording)
        self.instants = instants_of(recording)
        self.cel = at_instants(recording, ((row.at, self._row(row.columns)) for row in recording.rows))
        self._texts = [self.plant.event_text(event.headers) for event in recording.events]
        self._seen: dict[View, tuple[Part | None, ...]] = {}
        self._scenes: dict[int, Scene] = {}

    def _row(self, columns: tuple[str, ...]) -> Template:
        return self.plant.template(self.plant.row_text(columns, CEL_TIME), [CEL_TIME])

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


@cache
def score_of(recording: Recording) -> Score:
    """The score of a recording, the same one for every player."""
    return Score(recording)
