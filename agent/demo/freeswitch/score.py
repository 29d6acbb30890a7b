"""A recording of a FreeSWITCH made ready to be played: for each kind of listener what is sent at each moment."""

from dataclasses import dataclass
from functools import cache

from agent.demo.freeswitch.cdr import Records
from agent.demo.freeswitch.encoding import as_it_is, doubled, encoded, json_object, plain
from agent.demo.freeswitch.esl import View
from agent.demo.freeswitch.listing import Scene
from agent.demo.freeswitch.replant import Plant
from agent.demo.recording import Headers, Recording
from agent.demo.replant import Template, template
from agent.demo.score import Instant, instants_of


@dataclass(frozen=True, slots=True)
class Line:
    """One event for one kind of listener: its place among those of its instant, and its text.

    `asked`: headers its filters look at, where they differ from call to call; None: it is sent for sure.
    """

    place: int
    text: Template
    asked: dict[str, Template] | None


class Score:
    """One recording, compiled once and played any number of times."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.plant = Plant(recording)
        self.instants = instants_of(recording)
        self.records = Records(self.plant, recording)
        self._seen: dict[View, tuple[tuple[Line, ...], ...]] = {}
        self._texts: dict[tuple[int, str], Template] = {}
        self._scenes: dict[int, Scene] = {}
        self._dumps: dict[tuple[int, str, str], Template | None] = {}

    def seen_by(self, view: View) -> tuple[tuple[Line, ...], ...]:
        """For each instant what this listener gets."""
        known = self._seen.get(view)
        if known is None:
            known = self._seen[view] = tuple(self._part(view, instant) for instant in self.instants)
        return known

    def _part(self, view: View, instant: Instant) -> tuple[Line, ...]:
        lines = []
        for index in range(instant.first, instant.last):
            event = self.recording.events[index]
            if not view.wants(event.name, event.get("Event-Subclass")):
                continue
            asked = self._asked(view, event.headers)
            if asked is not None or view.passes({k.lower(): v for k, v in reversed(event.headers)}.get):
                lines.append(Line(index - instant.first, self._text(index, view.written), asked))
        return tuple(lines)

    def _asked(self, view: View, headers: Headers) -> dict[str, Template] | None:
        names = {header.lower() for header, _ in view.filters}
        looked_at = [(key, value) for key, value in headers if key.lower() in names]
        fields = self.plant.fields(tuple(looked_at)) if looked_at else []
        if not any(isinstance(piece, int) for _, pieces in fields for piece in pieces):
            return None
        return {key.lower(): template(encoded(pieces, as_it_is)) for key, pieces in reversed(fields)}

    def _text(self, index: int, written: str) -> Template:
        known = self._texts.get((index, written))
        if known is None:
            headers = self.recording.events[index].headers
            if written == "json":
                known = template(json_object(self.plant.fields(headers)))
            else:
                known = template(plain(self.plant.fields(doubled(headers))))
            self._texts[index, written] = known
        return known

    def scene(self, count: int) -> Scene:
        """Who is there after so many events."""
        known = self._scenes.get(count)
        if known is None:
            known = self._scenes[count] = Scene(self.plant, self.recording.events[:count])
        return known

    def dump(self, count: int, uuid: str, written: str) -> Template | None:
        """What a channel (by its recorded name) tells after so many events; None: it is down."""
        key = count, uuid, written
        if key not in self._dumps:
            self._dumps[key] = self.scene(count).dump(uuid, written)
        return self._dumps[key]


@cache
def score_of(recording: Recording) -> Score:
    """The score of a recording, the same one for every player."""
    return Score(recording)
