"""A FreeSWITCH's calls in flight, and how each says what happens."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from agent.demo.air import Air
from agent.demo.freeswitch import esl
from agent.demo.freeswitch.cdr import RecordFiles, is_written, record_of
from agent.demo.freeswitch.encoding import as_it_is, doubled, encoded, json_object, plain
from agent.demo.freeswitch.esl import View
from agent.demo.freeswitch.listing import Scene
from agent.demo.freeswitch.replant import FIRST_OWN, PER_EVENT, Fields, Names, Values, now, rendered
from agent.demo.freeswitch.score import Line, Score, score_of
from agent.demo.plan import PlannedCall
from agent.demo.recording import Headers, RecordedEvent, Recording
from agent.demo.replant import Identity, template
from agent.demo.truth import Call

STOPPED = "SYSTEM_SHUTDOWN"
"""The cause with which every leg ends at a clean stop."""
HOST = (
    ("FreeSWITCH-Hostname", "vm"), ("FreeSWITCH-Switchname", "vm"), ("FreeSWITCH-IPv4", "192.0.2.2"),
    ("FreeSWITCH-IPv6", "fd00::2"),
)  # fmt: skip


@dataclass(slots=True, eq=False)
class FreeswitchCall(Call):
    """A call in flight, with what it takes to write its events and to list it. `texts`: its own names and times."""

    score: Score
    texts: tuple[str, ...] = ()
    _written: dict[str, Values] = field(default_factory=dict)

    def written(self, how: str) -> Values:
        """Its values as `plain` or `json` writes them, or as they are (`raw`)."""
        known = self._written.get(how)
        if known is None:
            known = self._written[how] = self.score.plant.encoded(self.texts, how)
        return known

    def scene(self) -> Scene:
        """Where its recording stands now."""
        return self.score.scene(self.events)

    def actual(self, headers: Headers) -> Headers:
        """Recorded headers as they are in this call."""
        values = self.written("raw")
        return tuple(
            (key, template(encoded(pieces, as_it_is)).fill(values).decode("utf-8", "surrogateescape"))
            for key, pieces in self.score.plant.fields(headers)
        )

    def legs(self) -> dict[str, str]:
        """The UUIDs of its legs now: the fresh one to the recorded one."""
        slots = self.score.plant.slots
        return {self.texts[slots[uuid]]: uuid for uuid in self.scene().board.legs}

    def dump(self, recorded: str, how: str, sequence: bytes) -> bytes | None:
        """What a living leg, by its recorded UUID, tells of itself."""
        found = self.score.dump(self.events, recorded, how)
        if found is None:
            return None
        new = self.score.plant.encoded(now(sequence), how)
        return found.fill((*new, *self.written(how)[PER_EVENT:]))


class FreeswitchStage:
    """Puts calls under the names of one FreeSWITCH and tells them to those who listen."""

    def __init__(self, recordings: Mapping[str, Recording], files: RecordFiles) -> None:
        self._recordings = recordings
        self._files = files
        self._by_uuid: dict[str, FreeswitchCall] = {}
        self.names = Names()
        self.air: Air[View] = Air()

    def call_of(self, uuid: str) -> FreeswitchCall | None:
        """The call a leg belongs to."""
        return self._by_uuid.get(uuid)

    def arrive(self, index: int, planned: PlannedCall, speed: float) -> FreeswitchCall:
        """A call comes in."""
        score = score_of(self._recordings[planned.trace])
        who = Identity(planned.caller, planned.name, planned.did, planned.withheld)
        texts = score.plant.values(who, self.names, time.time(), speed)
        call = FreeswitchCall(
            index, planned, score, texts[FIRST_OWN], planned.start, speed, time.monotonic(), texts=texts
        )
        self._by_uuid.update(dict.fromkeys((texts[slot] for slot in score.plant.legs), call))
        return call

    def play(self, call: FreeswitchCall) -> None:
        """Collect the events and records of its next instant."""
        instant = call.score.instants[call.instant]
        sequences = [self.names.sequence() for _ in range(instant.first, instant.last)]
        for view, out in self.air.outlets().items():
            lines = call.score.seen_by(view)[call.instant]
            if not lines:
                continue
            values = call.written(view.written)
            for line in lines:
                if line.asked is None or view.passes(_filled(line, call)):
                    body = line.text.fill((sequences[line.place], *values[1:]))
                    out.append(esl.event(view.written, body))
                    self.air.events_sent += 1
        if self._files.are_wanted:
            records = call.score.records.at
            for index in range(instant.first, instant.last):
                if index in records:
                    self._files.write(records[index], call.written("raw"), call.written("json"))

    def flush(self) -> None:
        """Hand on what was collected."""
        self.air.flush()

    async def room(self) -> None:
        """Wait until every listener takes more."""
        await self.air.room()

    def over(self, call: FreeswitchCall) -> None:
        """The call has ended."""
        for slot in call.score.plant.legs:
            self._by_uuid.pop(call.texts[slot], None)

    def clear(self, calls: Iterable[FreeswitchCall]) -> None:
        """Hang up every leg, as a clean stop does, and write its records."""
        stopping = [(call, leg) for call in calls for leg in call.scene().board.legs.values()]
        for call, leg in stopping:
            if not leg.going:
                self.say(_hung_up(call.actual(leg.headers)))
        for call, leg in stopping:
            ended = self.say(_completed(call.actual(leg.headers)))
            if self._files.are_wanted and is_written(ended):
                before = [
                    RecordedEvent(e.at, call.actual(e.headers)) for e in call.score.recording.events[: call.events]
                ]
                self._files.write(record_of(ended, before, _as_fields), (), ())

    def restart(self) -> None:
        """Forget what a FreeSWITCH forgets."""
        self.names.restart()

    def say(self, headers: Headers, body: str = "") -> Headers:
        """Say one event that no recording has: its name, where it was made (three headers), and the rest."""
        first, *more = headers
        sequence, stamp, local, gmt = now(self.names.sequence())
        dates = (("Event-Date-Local", local), ("Event-Date-GMT", gmt), ("Event-Date-Timestamp", stamp))
        made = (first, ("Core-UUID", self.names.core), *HOST, *dates, *more[:3], ("Event-Sequence", sequence))
        every: Headers = (*made, *more[3:])
        self.air.say(lambda view: _written(view, every, body))
        return every


def _filled(line: Line, call: FreeswitchCall) -> Callable[[str], str | None]:
    """Finds the headers of a line that a filter asks for, as they are in this call."""
    asked = line.asked or {}

    def get(name: str) -> str | None:
        found = asked.get(name)
        return None if found is None else found.fill(call.written("raw")).decode("utf-8", "surrogateescape")

    return get


def _as_fields(headers: Headers) -> Fields:
    return [(key, (value,)) for key, value in headers]


def _written(view: View, headers: Headers, body: str) -> bytes | None:
    given = {key.lower(): value for key, value in reversed(headers)}
    if not view.wants(headers[0][1]) or not view.passes(given.get):
        return None
    length = (("Content-Length", str(len(body.encode()))),) if body else ()
    if view.written == "json":
        fields = _as_fields((*headers, *length, *((("_body", body),) if body else ())))
        return esl.event("json", template(json_object(fields)).text)
    return esl.event("plain", template(plain(_as_fields((*doubled(headers), *length)))).text + body.encode())


def _hung_up(leg: Headers) -> Headers:
    """How a leg begins to end, by what it tells of itself."""
    where = ("switch_channel.c", "switch_channel_perform_hangup", "3445")
    return (*_made("CHANNEL_HANGUP", *where), *_with(leg, {"Channel-State-Number": "10", "Answer-State": "hangup"}))


def _completed(leg: Headers) -> Headers:
    """How it has ended."""
    where = ("switch_core_state_machine.c", "switch_core_session_reporting_state", "943")
    _, stamp, local, _ = now(b"")
    given = dict(leg)
    changed = {
        "Channel-State": "CS_REPORTING", "Channel-Call-State": "HANGUP", "Channel-State-Number": "11",
        "Answer-State": "hangup", "Caller-Channel-Hangup-Time": stamp,
    }  # fmt: skip
    began, answered = (int(given.get(f"Caller-Channel-{what}-Time", "0")) for what in ("Created", "Answered"))
    ended = int(stamp)
    variables = {
        "hangup_cause": STOPPED, "start_stamp": rendered("local", began), "end_stamp": local,
        **({"answer_stamp": rendered("local", answered)} if answered else {}),
        **{f"{what}_epoch": rendered("s", at) for what, at in (("start", began), ("answer", answered), ("end", ended))},
        **{f"{what}_uepoch": str(at) for what, at in (("start", began), ("answer", answered), ("end", ended))},
        "duration": str(ended // 1_000_000 - began // 1_000_000),
        "billsec": str(ended // 1_000_000 - answered // 1_000_000) if answered else "0",
    }  # fmt: skip
    told = tuple((f"variable_{name}", value) for name, value in variables.items())
    rest = tuple(header for header in _with(leg, changed) if header[0] != "Hangup-Cause")
    return (*_made("CHANNEL_HANGUP_COMPLETE", *where), ("Hangup-Cause", STOPPED), *rest, *told)


def _made(name: str, file: str, function: str, line: str) -> Headers:
    where = zip(("File", "Function", "Line-Number"), (file, function, line), strict=True)
    return (("Event-Name", name), *((f"Event-Calling-{what}", value) for what, value in where))


def _with(leg: Headers, changed: Mapping[str, str]) -> Headers:
    """What a leg tells of itself, with these changes and the cause after its answer state."""
    told: list[tuple[str, str]] = []
    for key, value in leg:
        told.append((key, changed.get(key, value)))
        if key == "Answer-State":
            told.append(("Hangup-Cause", STOPPED))
    return tuple(told)
