"""The live listing: which legs there are now, gathered from the answers to Status and BridgeList.

Status tells of each channel its state, group, application, bridge and the number it dialled; BridgeList which bridges
are conversations at all. Legs that ended while the answers came are left out: their end was the newer word.
"""

from dataclasses import dataclass, field, replace

from agent.pbx.asterisk.reader import headers
from agent.pbx.events import LegEnded, LegEvent, LegListed, Listed


@dataclass(slots=True)
class Listing:
    """One listing under way. `status` and `bridges` are the ids of the two questions."""

    status: str
    bridges: str
    legs: dict[str, LegListed] = field(default_factory=dict)
    rooms: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def take(self, event: LegEvent | LegListed) -> None:
        """A row, or an event that came in between."""
        match event:
            case LegListed():
                self.legs[event.created.leg] = event
            case LegEnded():
                self.ended.add(event.leg)
            case _:
                pass

    def answer(self, frame: bytes) -> bool:
        """A frame that carries one of the two ids. True once both answers are complete."""
        said = dict(headers(frame))
        name, question = said.get("Event", ""), said.get("ActionID", "")
        if name == "BridgeListItem" and question == self.bridges:
            if said.get("BridgeTechnology") != "holding_bridge" and said.get("BridgeType") != "parking":
                self.rooms.add(said.get("BridgeUniqueid", ""))
        elif (name == "StatusComplete" and question == self.status) or (
            name == "BridgeListComplete" and question == self.bridges
        ):
            self.answered.add(question)
        return len(self.answered) == 2

    def result(self) -> Listed:
        """The legs that live, each in a room only where one hears the others."""
        living = (leg for leg in self.legs.values() if leg.created.leg not in self.ended)
        return Listed(tuple(leg if leg.room in self.rooms else replace(leg, room="") for leg in living))
