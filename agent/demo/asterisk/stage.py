"""An Asterisk's calls in flight, and how each says what happens."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.demo.air import Air
from agent.demo.asterisk.ami import View
from agent.demo.asterisk.board import BRIDGE_RUN, RUN, Leg
from agent.demo.asterisk.cel import CelFile
from agent.demo.asterisk.listing import Scene
from agent.demo.asterisk.replant import FIRST_OWN, Names
from agent.demo.asterisk.score import Score, score_of
from agent.demo.plan import PlannedCall
from agent.demo.recording import Headers, Recording
from agent.demo.replant import Identity
from agent.demo.truth import Call


@dataclass(slots=True, eq=False)
class AsteriskCall(Call):
    """A call in flight, with what it takes to list it. `values`: its own names, in the order of its plant's slots."""

    score: Score
    values: tuple[bytes, ...] = ()

    def scene(self) -> Scene:
        """Where its recording stands now."""
        return self.score.scene(self.events)

    def channels(self) -> Mapping[str, str]:
        """Its channels' names now: the fresh one (without the half of a Local pair) to the recorded one."""
        slots = self.score.plant.channel_slots
        return {self.values[slot].decode(): recorded for recorded, slot in slots.items()}

    def leg_named(self, channel: str) -> Leg | None:
        """Its living leg of this name."""
        stem, semicolon, half = channel.partition(";")
        recorded = self.channels().get(stem)
        return None if recorded is None else self.scene().board.legs.get(recorded + semicolon + half)


class AsteriskStage:
    """Puts calls under the names of one Asterisk and tells them to those who listen."""

    def __init__(self, recordings: Mapping[str, Recording], cel: CelFile) -> None:
        self._recordings = recordings
        self._cel = cel
        self._by_channel: dict[str, AsteriskCall] = {}
        self.names = Names()
        self.air: Air[View] = Air()

    def call_of(self, channel: str) -> AsteriskCall | None:
        """The call a channel belongs to."""
        return self._by_channel.get(channel.partition(";")[0])

    def arrive(self, index: int, planned: PlannedCall, speed: float) -> AsteriskCall:
        """A call comes in."""
        score = score_of(self._recordings[planned.trace])
        who = Identity(planned.caller, planned.name, planned.did)
        values = score.plant.values(who, self.names, time.time(), speed)
        first = values[FIRST_OWN].decode()
        call = AsteriskCall(index, planned, score, first, planned.start, speed, time.monotonic(), values=values)
        self._by_channel.update(dict.fromkeys(call.channels(), call))
        return call

    def play(self, call: AsteriskCall) -> None:
        """Collect the events and records of its next instant."""
        cutting = self.air.cutting
        for view, out in self.air.outlets().items():
            part = call.score.seen_by(view)[call.instant]
            if part is None:
                continue
            self.air.events_sent += len(part.each)
            if cutting:
                out.extend(template.fill(call.values) for template in part.each)
            else:
                out.append(part.whole.fill(call.values))
        self._cel.write(call.score.cel[call.instant], call.values)

    def flush(self) -> None:
        """Hand on what was collected."""
        self.air.flush()
        self._cel.flush()

    async def room(self) -> None:
        """Wait until every listener takes more."""
        await self.air.room()

    def over(self, call: AsteriskCall) -> None:
        """The call has ended."""
        for channel in call.channels():
            self._by_channel.pop(channel, None)

    def clear(self, calls: Iterable[AsteriskCall]) -> None:
        """Hang up, as a clean stop does: first all are asked, then they leave their bridges, then they are gone."""
        stopping = list(calls)
        for wording in (_cleared, _left, _hung_up):
            for call in stopping:
                self._say_of_every_leg(call, wording)

    def restart(self) -> None:
        """Forget what an Asterisk forgets."""
        self.names.restart()

    def tell(self, text: str, data: bytes) -> None:
        """Say one event beside the calls. `text`: what the listeners' filters look at."""
        self.air.say(lambda view: data if view.shows(text) else None)

    def _say_of_every_leg(self, call: AsteriskCall, wording: Callable[[AsteriskCall, Leg], Headers | None]) -> None:
        for leg in call.scene().board.legs.values():
            headers = wording(call, leg)
            if headers is not None:
                text = call.score.plant.event_text(headers)
                data = call.score.plant.template(text).fill(call.values)
                self.tell(text, data)


def _event(name: str, leg: Leg, before: Headers = (), after: Headers = ()) -> Headers:
    run = tuple((key, leg.run[key]) for key in RUN)
    return (("Event", name), ("Privilege", "call,all"), *before, ("Channel", leg.channel), *run, *after)


def _cleared(call: AsteriskCall, leg: Leg) -> Headers:
    return _event("SoftHangupRequest", leg, after=(("Cause", "4"),))


def _left(call: AsteriskCall, leg: Leg) -> Headers | None:
    bridge = call.scene().board.bridges.get(leg.bridge)
    if bridge is None:
        return None
    return _event("BridgeLeave", leg, before=tuple((key, bridge[key]) for key in BRIDGE_RUN))


def _hung_up(call: AsteriskCall, leg: Leg) -> Headers:
    cause, text = ("16", "Normal Clearing") if leg.run["ChannelState"] == "6" else ("0", "Unknown")
    return _event("Hangup", leg, after=(("Cause", cause), ("Cause-txt", text)))
