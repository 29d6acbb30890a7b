"""Which legs, bridges and waiting callers there are after the first n events of a recording.

This is what an Asterisk would tell if asked at that moment, read off the events alone: the run of headers that every
channel event carries (Channel, ChannelState … Linkedid, with a prefix for the other channels it speaks of) is a
snapshot of that channel.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agent.demo.recording import Headers, RecordedEvent

RUN = (
    "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName",
    "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid",
)  # fmt: skip
BRIDGE_RUN = (
    "BridgeUniqueid", "BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName", "BridgeNumChannels",
    "BridgeVideoSourceMode",
)  # fmt: skip
HIDDEN = ("CBAnn/", "CBRec/", "Announcer/", "Recorder/", "Message/")


@dataclass(slots=True)
class Leg:
    """One living channel. Times are seconds of the recording; `dnid` is the number dialled from outside."""

    channel: str
    created: float
    run: dict[str, str]
    dnid: str = ""
    application: str = ""
    data: str = ""
    bridge: str = ""
    presentation: str | None = None  # set by the dialplan; None: as it arrived

    @property
    def hidden(self) -> bool:
        """The PBX's own channel, which no listing shows."""
        return self.channel.startswith(HIDDEN)


@dataclass(slots=True)
class Waiting:
    """A caller in a queue since `joined`."""

    queue: str
    position: str
    channel: str
    uniqueid: str
    joined: float


@dataclass(slots=True)
class Parked:
    """A parked call: the headers of its ParkedCall event, and since when."""

    headers: Headers
    since: float


@dataclass(slots=True)
class Board:
    """Everything alive after some events."""

    legs: dict[str, Leg] = field(default_factory=dict)
    bridges: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    parked: dict[str, Parked] = field(default_factory=dict)

    def members(self, bridge: str) -> list[Leg]:
        """The visible legs in a bridge."""
        return [leg for leg in self.legs.values() if leg.bridge == bridge and not leg.hidden]

    def take(self, event: RecordedEvent) -> None:
        """Fold one event in."""
        given = dict(event.headers)
        if event.name == "Newchannel":
            leg = Leg(given["Channel"], event.at, {})
            self.legs[leg.channel] = leg
            if given["ChannelState"] == "4" and not leg.channel.startswith("Local/"):
                leg.dnid = given["Exten"]
        for prefix in _prefixes(given):
            known = self.legs.get(given[prefix + "Channel"])
            if known is not None:
                known.run = {key: given[prefix + key] for key in RUN}
        leg_spoken_of = self.legs.get(given.get("Channel", ""))
        if leg_spoken_of is not None:
            self._change_leg(leg_spoken_of, event.name, given)
        if "BridgeUniqueid" in given:
            self._change_bridge(event.name, given)
        self._change_queues_and_parking(event, given)

    def _change_leg(self, leg: Leg, name: str, given: dict[str, str]) -> None:
        match name:
            case "Newexten":
                leg.application, leg.data = given["Application"], given["AppData"]
                what, _, value = leg.data.partition("=")
                if leg.application == "Set" and what in ("CALLERID(num-pres)", "CALLERID(pres)"):
                    leg.presentation = value
            case "BridgeEnter":
                leg.bridge = given["BridgeUniqueid"]
            case "BridgeLeave" if leg.bridge == given["BridgeUniqueid"]:
                leg.bridge = ""
            case "Hangup":
                del self.legs[leg.channel]

    def _change_bridge(self, name: str, given: dict[str, str]) -> None:
        bridge = given["BridgeUniqueid"]
        if name == "BridgeDestroy":
            self.bridges.pop(bridge, None)
        elif name.startswith("Bridge"):
            self.bridges[bridge] = {key: given[key] for key in BRIDGE_RUN}

    def _change_queues_and_parking(self, event: RecordedEvent, given: dict[str, str]) -> None:
        channel = given.get("Channel", "")
        match event.name:
            case "QueueCallerJoin":
                self.waiting[channel] = Waiting(given["Queue"], given["Position"], channel, given["Uniqueid"], event.at)
            case "QueueCallerLeave" | "Hangup":
                self.waiting.pop(channel, None)
                self.parked.pop(channel, None)
            case "ParkedCall":
                self.parked[given["ParkeeChannel"]] = Parked(event.headers, event.at)
            case "ParkedCallGiveUp" | "ParkedCallTimeOut" | "UnParkedCall":
                self.parked.pop(given["ParkeeChannel"], None)


def _prefixes(given: dict[str, str]) -> Iterator[str]:
    for key in given:
        prefix = key.removesuffix("Channel")
        if prefix != key and prefix + "ChannelState" in given and prefix + "Linkedid" in given:
            yield prefix


def board_after(events: Iterable[RecordedEvent]) -> Board:
    """Fold events into a board."""
    board = Board()
    for event in events:
        board.take(event)
    return board
