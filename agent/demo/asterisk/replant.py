"""What is a name in a recorded call of an Asterisk, and the text of its events and rows with slots in their place.

Names: unique ids, channels, bridges, the caller's number and name, the number dialled.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from agent.demo.recording import Headers, Recording
from agent.demo.replant import LONG_NUMBER, UUID, Identity, Template, forms, number_slots, template

CALLER, CALLER_DIGITS, CALLER_NATIONAL, NAME, NAME_OR_NOTHING = 0, 1, 2, 3, 4
NAME_OR_UNKNOWN, DIALLED, DIALLED_DIGITS, DIALLED_NATIONAL, PARKING, FIRST_OWN = 5, 6, 7, 8, 9, 10

NAME_MARK = "\0N\0"
NAME_OR_NOTHING_MARK = "\0P\0"
NAME_OR_UNKNOWN_MARK = "\0U\0"

_CHANNEL = re.compile(r"(.+)-[0-9a-f]{8}(?:;[12])?")


class Names:
    """The Asterisk's own counters. Unique ids never come back; channel numbers start again with the PBX."""

    def __init__(self) -> None:
        self._unique = 0
        self._channel = 0
        self._bridge = 0
        self.parking = self.bridge()

    def unique(self, created: float) -> str:
        """A unique id of a channel created at this time (epoch seconds)."""
        self._unique += 1
        return f"{int(created)}.{self._unique - 1}"

    def channel(self, kind: str) -> str:
        """The next name of a channel of this kind ("PJSIP/trunk")."""
        self._channel += 1
        return f"{kind}-{self._channel - 1:08x}"

    def bridge(self) -> str:
        """A name for a bridge, in the form of a UUID."""
        self._bridge += 1
        return f"5ec04d21-0000-4000-8000-{self._bridge:012x}"

    def restart(self) -> None:
        """Forget what an Asterisk forgets."""
        self._channel = 0


class Plant:
    """What is a name in one recording, and the text of its events with slots in their place."""

    def __init__(self, recording: Recording) -> None:
        first = recording.first
        self.recording = recording
        self.caller = first.get("CallerIDNum") if LONG_NUMBER.fullmatch(first.get("CallerIDNum")) else ""
        self.dialled = first.get("Exten") if LONG_NUMBER.fullmatch(first.get("Exten")) else ""
        self.name = first.get("CallerIDName")
        self.slots: dict[str, int] = {}
        self._uniques: list[float] = []
        self._channels: list[str] = []
        self._bridges = 0
        self.channel_slots: dict[str, int] = {}
        self.slots |= number_slots(self.caller, CALLER) | number_slots(self.dialled, DIALLED)
        self._find_names(recording)
        self.size = FIRST_OWN + len(self._uniques) + len(self._channels) + self._bridges
        literals = sorted(self.slots, key=len, reverse=True)
        # a digit before or after would make it another number or another unique id
        inner = "|".join(re.escape(literal) for literal in literals)
        self._holes = re.compile(rf"\0[A-Z]\d*\0|(?<![0-9a-f])(?:{inner})(?![0-9a-f])")

    def _find_names(self, recording: Recording) -> None:
        uniques: dict[str, float] = {}
        channels: dict[str, str] = {}
        bridges: dict[str, bool] = {}
        for event in recording.events:
            parking = event.get("BridgeType") == "parking"
            for key, value in event.headers:
                if key.endswith(("Uniqueid", "Linkedid", "UniqueId")) and "Bridge" not in key and "." in value:
                    uniques.setdefault(value, event.at)
                elif key.endswith("Channel") and (match := _CHANNEL.fullmatch(value)):
                    channels.setdefault(value.split(";")[0], match[1])
                for uuid in UUID.findall(value):
                    bridges[uuid] = bridges.get(uuid, False) or (parking and key == "BridgeUniqueid")
        for row in recording.rows:
            for uuid in UUID.findall(row.columns[-1]):
                bridges.setdefault(uuid, False)
        slot = FIRST_OWN
        for unique, at in uniques.items():
            self.slots[unique] = slot
            self._uniques.append(at - recording.first.at)
            slot += 1
        for channel, kind in channels.items():
            self.slots[channel] = self.channel_slots[channel] = slot
            self._channels.append(kind)
            slot += 1
        for bridge, parking in bridges.items():
            self.slots[bridge] = PARKING if parking else slot
            if not parking:
                self._bridges += 1
                slot += 1

    def values(self, who: Identity, names: Names, started: float, speed: float) -> tuple[bytes, ...]:
        """Fresh values for one call that starts now (`started`, epoch seconds) and runs `speed` times as fast."""
        caller = who.caller if who.caller is not None else self.caller
        dialled = who.dialled if who.dialled is not None else self.dialled
        name = who.name if who.name is not None else self.name.replace("<unknown>", "")
        name = name.replace("\r", "\\r").replace("\n", "\\n")  # Asterisk escapes names, and numbers not
        texts = [
            *forms(caller), name or "<unknown>", name, name or "unknown", *forms(dialled), names.parking,
            *(names.unique(started + at / speed) for at in self._uniques),
            *(names.channel(kind) for kind in self._channels),
            *(names.bridge() for _ in range(self._bridges)),
        ]  # fmt: skip
        return tuple(text.encode("utf-8", "surrogateescape") for text in texts)

    def is_caller(self, number: str) -> bool:
        """Whether this recorded number is the caller's, in any of its forms."""
        return bool(self.caller) and self.slots.get(number) in (CALLER, CALLER_DIGITS, CALLER_NATIONAL)

    def event_text(self, headers: Headers) -> str:
        """An event as it stands on the wire, with a mark where the caller's name goes."""
        given = dict(headers)
        lines = []
        for key, value in headers:
            named = key.endswith(("CallerIDName", "ConnectedLineName")) and value == self.name
            if named and self.is_caller(given.get(key.removesuffix("Name") + "Num", "")):
                lines.append(f"{key}: {NAME_MARK}\r\n")
            else:
                lines.append(f"{key}: {value}\r\n")
        return "".join(lines) + "\r\n"

    def row_text(self, columns: Iterable[str], time_mark: str) -> str:
        """A CEL row as it stands in the file, with marks for its time and the caller's name."""
        cells = list(columns)
        cells[1] = time_mark
        if cells[2] == self.name.replace("<unknown>", "") and self.is_caller(cells[3]):
            cells[2] = NAME_OR_NOTHING_MARK
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"

    def template(self, text: str, extra: Sequence[str] = ()) -> Template:
        """Compile text. `extra` are further marks; their values follow the call's own."""
        marks = {
            NAME_MARK: NAME,
            NAME_OR_NOTHING_MARK: NAME_OR_NOTHING,
            NAME_OR_UNKNOWN_MARK: NAME_OR_UNKNOWN,
        }
        marks |= {mark: self.size + i for i, mark in enumerate(extra)}
        return template(self._pieces(text, marks))

    def _pieces(self, text: str, marks: dict[str, int]) -> Iterator[str | int]:
        end = 0
        for match in self._holes.finditer(text):
            yield text[end : match.start()]
            yield marks[match[0]] if match[0] in marks else self.slots[match[0]]
            end = match.end()
        yield text[end:]
