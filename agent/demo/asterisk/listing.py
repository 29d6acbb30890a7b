"""What the player answers when it is asked what is going on: the lists of AMI, header names and order as recorded.

Each answer is made of rows; a row is compiled once per recording and instant and then filled for each call, so
that a thousand calls in flight are listed in milliseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from agent.demo.asterisk.board import RUN, Board, Leg, board_after
from agent.demo.asterisk.replant import NAME_MARK, NAME_OR_UNKNOWN_MARK, Plant
from agent.demo.replant import Template

ACTION_ID = "\0A\0"  # the whole line, or nothing where the client gave no ActionID


def _seconds_mark(index: int) -> str:
    return f"\0S{index}\0"


def _duration_mark(index: int) -> str:
    return f"\0D{index}\0"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one list: how many, their text, and when (seconds of the recording) what they count from began."""

    count: int
    template: Template
    since: tuple[float, ...]

    def fill(self, values: tuple[bytes, ...], action_id: bytes, seconds: list[int]) -> bytes:
        """The rows of one call. `seconds` is the age of each thing in `since`."""
        ages = [str(age).encode() for age in seconds]
        clocks = [b"%02d:%02d:%02d" % (age // 3600, age // 60 % 60, age % 60) for age in seconds]
        return self.template.fill((*values, action_id, *ages, *clocks))


def _headers(*pairs: tuple[str, str]) -> str:
    return "".join(f"{key}: {value}\r\n" for key, value in pairs)


class Scene:
    """One recording after its first `count` events, as lists of rows."""

    def __init__(self, plant: Plant, count: int) -> None:
        self._plant = plant
        self.board: Board = board_after(plant.recording.events[:count])

    def _rows(self, texts: list[str], since: list[float]) -> Rows:
        marks = [ACTION_ID]
        marks += [_seconds_mark(i) for i in range(len(since))] + [_duration_mark(i) for i in range(len(since))]
        return Rows(len(texts), self._plant.template("".join(texts), marks), tuple(since))

    def _run(self, leg: Leg) -> Iterator[tuple[str, str]]:
        yield "Channel", leg.channel
        for key in RUN:
            value = leg.run[key]
            named = key in ("CallerIDName", "ConnectedLineName") and value == self._plant.name
            if named and self._plant.is_caller(leg.run[key.removesuffix("Name") + "Num"]):
                value = NAME_MARK
            yield key, value

    def _legs(self) -> list[Leg]:
        return [leg for leg in self.board.legs.values() if not leg.hidden]

    @cached_property
    def channels(self) -> Rows:
        """CoreShowChannels."""
        legs = self._legs()
        texts = [
            "Event: CoreShowChannel\r\n"
            + ACTION_ID
            + _headers(
                *self._run(leg),
                ("Application", leg.application), ("ApplicationData", leg.data),
                ("Duration", _duration_mark(i)), ("BridgeId", leg.bridge),
            )
            + "\r\n"
            for i, leg in enumerate(legs)
        ]  # fmt: skip
        return self._rows(texts, [leg.created for leg in legs])

    @cached_property
    def status(self) -> Rows:
        """Status, of all channels."""
        legs = self._legs()
        texts = [self._status_of(leg, i) for i, leg in enumerate(legs)]
        return self._rows(texts, [leg.created for leg in legs])

    def status_row(self, leg: Leg) -> Rows:
        """Status, of one channel."""
        return self._rows([self._status_of(leg, 0)], [leg.created])

    def _status_of(self, leg: Leg, index: int) -> str:
        group = "2" if leg.run["Context"] == "from-internal" and not leg.channel.startswith("Local/") else "0"
        run = dict(self._run(leg))
        return (
            _headers(
                ("Event", "Status"), ("Privilege", "Call"), *run.items(),
                ("Type", leg.channel.partition("/")[0]), ("DNID", leg.dnid),
                ("EffectiveConnectedLineNum", run["ConnectedLineNum"]),
                ("EffectiveConnectedLineName", run["ConnectedLineName"]),
                ("TimeToHangup", "0"), ("BridgeID", leg.bridge),
                ("Application", leg.application), ("Data", leg.data),
                ("Nativeformats", "(ulaw)"), ("Readformat", "ulaw"), ("Readtrans", ""),
                ("Writeformat", "ulaw"), ("Writetrans", ""), ("Callgroup", group), ("Pickupgroup", group),
                ("Seconds", _seconds_mark(index)),
            )
            + ACTION_ID
            + "\r\n"
        )  # fmt: skip

    @cached_property
    def bridges(self) -> dict[str, tuple[Template, Rows]]:
        """By recorded id: the bridge's own headers, and its members as BridgeInfoChannel rows."""
        found = {}
        for bridge, headers in self.board.bridges.items():
            members = self.board.members(bridge)
            texts = ["Event: BridgeInfoChannel\r\n" + ACTION_ID + _headers(*self._run(leg)) + "\r\n" for leg in members]
            found[bridge] = self._plant.template(_headers(*headers.items())), self._rows(texts, [])
        return found

    @cached_property
    def queue_entries(self) -> dict[str, Rows]:
        """By queue: QueueEntry rows of who waits. QueueStatus writes `unknown` where other lists write `<unknown>`."""
        found = {}
        for entry in self.board.waiting.values():
            leg = self.board.legs.get(entry.channel)
            if leg is None:
                continue
            run = {
                key: value.replace("<unknown>", "unknown").replace(NAME_MARK, NAME_OR_UNKNOWN_MARK)
                for key, value in self._run(leg)
            }
            text = (
                _headers(
                    ("Event", "QueueEntry"), ("Queue", entry.queue), ("Position", entry.position),
                    ("Channel", entry.channel), ("Uniqueid", entry.uniqueid),
                    ("CallerIDNum", run["CallerIDNum"]), ("CallerIDName", run["CallerIDName"]),
                    ("ConnectedLineNum", run["ConnectedLineNum"]),
                    ("ConnectedLineName", run["ConnectedLineName"]),
                    ("Wait", _seconds_mark(0)), ("Priority", "0"),
                )
                + ACTION_ID
                + "\r\n"
            )  # fmt: skip
            found[entry.queue] = self._rows([text], [entry.joined])
        return found

    @cached_property
    def parked(self) -> Rows:
        """ParkedCalls."""
        parked = list(self.board.parked.values())
        texts = []
        for i, one in enumerate(parked):
            kept = [
                (key, _seconds_mark(i) if key == "ParkingDuration" else value)
                for key, value in one.headers
                if key != "Privilege"
            ]
            texts.append(_headers(*kept) + ACTION_ID + "\r\n")
        return self._rows(texts, [one.since for one in parked])
