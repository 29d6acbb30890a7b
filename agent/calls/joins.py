"""Who talks to whom: rooms, and relay pairs followed through.

A relay leg stands for its other half, so the people in a conversation are all party legs reachable from a room by
going through relay halves into the rooms of their mates.
"""

from collections.abc import Iterable

from agent.calls.legs import TrackedLeg
from agent.pbx.events import LegRole


class Room:
    """Who is in a room now, and who left it without having been seen to enter (we weren't listening then)."""

    __slots__ = ("members", "unseen")

    def __init__(self) -> None:
        self.members: dict[str, TrackedLeg] = {}
        self.unseen: dict[str, TrackedLeg] = {}


class Joins:
    """All rooms and relay pairs."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.pairs: dict[str, list[TrackedLeg]] = {}

    def pair(self, leg: TrackedLeg) -> None:
        """Remember a relay's half under the name both share."""
        if leg.pair:
            self.pairs.setdefault(leg.pair, []).append(leg)

    def enter(self, leg: TrackedLeg, room: str) -> Iterable[TrackedLeg]:
        """The leg is in the room now. Returns the people of that conversation."""
        if leg.room is not None and leg.room != room:
            self._leave(leg)
        self._last_seen(leg, room)
        leg.room = room
        here = self.rooms.setdefault(room, Room())
        here.members[leg.id] = leg
        here.unseen.pop(leg.id, None)
        return self._people(here.members.values())

    def leave(self, leg: TrackedLeg, room: str) -> Iterable[TrackedLeg]:
        """The leg left the room.

        If it was never seen entering, it was there before we listened, together with all who are there now or left
        the same way: returns the people of that conversation. Else nobody.
        """
        if leg.room == room:
            self._leave(leg)
            return ()
        if leg.seen_room == room:
            return ()
        here = self.rooms.setdefault(room, Room())
        here.unseen[leg.id] = leg
        self._last_seen(leg, room)
        return self._people([*here.members.values(), *here.unseen.values()])

    def forget(self, leg: TrackedLeg) -> None:
        """The leg is gone for good."""
        self._leave(leg)
        if leg.seen_room is not None:
            self._prune(leg.seen_room, leg.id)
        if leg.pair:
            halves = self.pairs.get(leg.pair, [])
            if leg in halves:
                halves.remove(leg)
            if not halves:
                self.pairs.pop(leg.pair, None)

    def end(self, leg: TrackedLeg) -> None:
        """The leg ended: it is in no room, but who left before it may still be told."""
        self._leave(leg)

    def _leave(self, leg: TrackedLeg) -> None:
        room, leg.room = leg.room, None
        if room is not None and (here := self.rooms.get(room)) is not None:
            here.members.pop(leg.id, None)
            if not here.members and not here.unseen:
                del self.rooms[room]

    def _last_seen(self, leg: TrackedLeg, room: str) -> None:
        """Only the last room in which a leg was seen is remembered for it."""
        if leg.seen_room is not None and leg.seen_room != room:
            self._prune(leg.seen_room, leg.id)
        leg.seen_room = room

    def _prune(self, room: str, leg: str) -> None:
        here = self.rooms.get(room)
        if here is not None:
            here.unseen.pop(leg, None)
            if not here.members and not here.unseen:
                del self.rooms[room]

    def _people(self, legs: Iterable[TrackedLeg]) -> list[TrackedLeg]:
        people: list[TrackedLeg] = []
        seen: set[str] = set()
        todo = list(legs)
        while todo:
            leg = todo.pop()
            if leg.id in seen:
                continue
            seen.add(leg.id)
            if leg.role is LegRole.PARTY:
                people.append(leg)
            elif leg.role is LegRole.RELAY:
                for mate in self.pairs.get(leg.pair, ()):
                    if mate.id not in seen and mate.room is not None:
                        seen.add(mate.id)
                        todo.extend(self.rooms[mate.room].members.values())
        return people
