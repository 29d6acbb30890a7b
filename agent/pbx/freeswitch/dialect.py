"""FreeSWITCH's events → leg events.

Six events tell who talked to whom: CREATE, PROGRESS, PROGRESS_MEDIA, ANSWER, BRIDGE and HANGUP_COMPLETE. EXECUTE tells
a menu, an announcement and a mailbox apart, and HANGUP a caller who gave up from a PBX that did: his leg goes while
phones still ring. What each rule rests on was seen on real streams: a bridge comes before the answer where a phone sent
early media, so that it joins its two legs only once both were answered; a loopback pair is followed from half to half;
`Channel-Call-UUID` changes during a call and links nothing; whoever was created outbound never starts a call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from agent.pbx.attestation import attestation_in
from agent.pbx.events import (
    App,
    DialEnded,
    DialResult,
    EndCause,
    LegAnswered,
    LegAttested,
    LegCleared,
    LegCreated,
    LegDialled,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegRinging,
    LegRole,
    QueueJoined,
    QueueLeft,
)
from agent.pbx.freeswitch.channels import ASKED_TO_END, CAUSES, RESULTS, STOPPING, app_of, phone_of, profile_of, role_of

Said = tuple[LegEvent, ...]


class Fields(Protocol):
    """An event's headers: a dict, or what looks them up in the bytes."""

    def get(self, name: str, default: str, /) -> str: ...


@dataclass(slots=True)
class _Leg:
    """A leg that lives. `by`: the leg on whose behalf it was dialled, "" if it arrived."""

    call: str
    role: LegRole
    by: str = ""
    up: bool = False
    queued: bool = False


class Dialect:
    """Translates one PBX's events, in order. Pure: no clock, no I/O.

    `inbound_contexts`: globs on the context of a leg's first event. `trunk_channels`: globs on the channel's or
    its profile's name.
    """

    def __init__(self, inbound_contexts: tuple[str, ...], trunk_channels: tuple[str, ...] = ()) -> None:
        self._contexts = inbound_contexts
        self._trunks = trunk_channels
        self._legs: dict[str, _Leg] = {}
        self._bridges: dict[str, tuple[str, str]] = {}
        self._dialled: dict[str, set[str]] = {}
        """Leg → the legs being dialled for it: neither answered nor given up so far."""

    def translate(self, fields: Fields) -> Said:
        """What one event says about legs, most often nothing. Never raises, whatever the event."""
        say = EVENTS.get(fields.get("Event-Name", ""))
        uuid = fields.get("Unique-ID", "")
        return say(self, uuid, fields) if say is not None and uuid else ()

    def meet(self, uuid: str, fields: Fields) -> LegCreated:
        """Who a leg is, by its first event or by what the PBX tells of it later; it is remembered till its end."""
        channel = fields.get("Channel-Name", "")
        role = role_of(channel)
        arriving = fields.get("Call-Direction", "") == "inbound" and role is LegRole.PARTY
        other = fields.get("variable_other_loopback_leg_uuid", "")
        by = "" if arriving else _dialled_by(fields) or other
        leg = self._legs.get(uuid)
        if leg is None:
            leg = self._legs[uuid] = _Leg(self._legs[by].call if by in self._legs else by or uuid, role, by)
            if by:
                self._dialled.setdefault(by, set()).add(uuid)
        hidden = fields.get("Caller-Privacy-Hide-Number", "")
        return LegCreated(
            leg=uuid,
            call=leg.call,
            role=role,
            arriving=arriving,
            trunk=self._is_trunk(channel, fields, arriving),
            phone=phone_of(channel),
            pair=_pair(uuid, channel, other) if role is LegRole.RELAY else "",
            number=fields.get("Caller-Caller-ID-Number", "").partition(";verstat=")[0],
            name=fields.get("Caller-Caller-ID-Name", ""),
            dialled=fields.get("Caller-Destination-Number", ""),
            withheld=hidden == "true" if hidden in ("true", "false") else None,
        )

    def knows(self, uuid: str) -> bool:
        """Whether a leg was met, and hasn't ended."""
        return uuid in self._legs

    def find(self, uuid: str, answered: bool, app: App | None) -> None:
        """How a listing shows a leg that was met."""
        leg = self._legs[uuid]
        leg.queued = app is App.QUEUE
        if answered:
            leg.up = True
            self._reached(uuid, leg)

    def find_bridge(self, ends: tuple[str, str]) -> str:
        """A listing shows these two bridged. The name of their room, "" as long as one of them isn't answered."""
        return _room(ends) if self._bridge(ends) and self._are_up(ends) else ""

    def keep_only(self, living: set[str]) -> None:
        """A listing shows which legs live; the others ended unheard."""
        for uuid in self._legs.keys() - living:
            self._drop(uuid)

    def _created(self, uuid: str, fields: Fields) -> Said:
        if uuid in self._legs:
            return ()
        created = self.meet(uuid, fields)
        if created.role is LegRole.PARTY and self._legs[uuid].by:
            return (created, LegDialled(uuid, created.call, created.dialled))
        level = attestation_in(fields.get("variable_sip_full_from", "")) if created.arriving else None
        return (created,) if level is None else (created, LegAttested(uuid, created.call, level))

    def _is_trunk(self, channel: str, fields: Fields, arriving: bool) -> bool:
        """A registered phone is never a trunk; what goes out by a gateway always is."""
        if fields.get("variable_user_name", ""):
            return False
        if fields.get("variable_sip_gateway_name", ""):
            return True
        names = (channel, profile_of(channel))
        if any(fnmatchcase(name, glob) for glob in self._trunks for name in names):
            return True
        return arriving and any(fnmatchcase(fields.get("Caller-Context", ""), glob) for glob in self._contexts)

    def _progressed(self, uuid: str, fields: Fields) -> Said:
        leg = self._legs.get(uuid)
        if leg is None or not leg.by or leg.role is not LegRole.PARTY:
            return ()
        return (LegRinging(uuid, leg.call, leg.role),)

    def _answered(self, uuid: str, fields: Fields) -> Said:
        leg = self._legs.get(uuid)
        if leg is None or leg.up:
            return ()
        leg.up = True
        self._reached(uuid, leg)
        dialled = (DialEnded(uuid, leg.call, leg.by, DialResult.ANSWERED),) if leg.by else ()
        return (LegAnswered(uuid, leg.call), *dialled, *self._joined(uuid))

    def _bridged(self, uuid: str, fields: Fields) -> Said:
        """The caller may be either side, and the event is told of the one who did the bridging."""
        ends = fields.get("Bridge-A-Unique-ID", ""), fields.get("Bridge-B-Unique-ID", "")
        return self._joined(ends[0]) if self._bridge(ends) else ()

    def _bridge(self, ends: tuple[str, str]) -> bool:
        """Remember that these two are bridged, and with nobody else. False if one of them was never met."""
        if not all(end in self._legs for end in ends):
            return False
        for end in ends:
            self._part(end)
        self._bridges |= dict.fromkeys(ends, ends)
        return True

    def _are_up(self, ends: tuple[str, str]) -> bool:
        return all(self._legs[end].up for end in ends)

    def _joined(self, uuid: str) -> Said:
        """Both ends of the leg's bridge are in one room, once both were answered."""
        ends = self._bridges.get(uuid)
        if ends is None or not self._are_up(ends):
            return ()
        legs = ((end, self._legs[end]) for end in ends)
        return tuple(LegJoined(end, leg.call, _room(ends), leg.role) for end, leg in legs)

    def _part(self, uuid: str) -> None:
        for end in self._bridges.get(uuid, ()):
            self._bridges.pop(end, None)

    def _entered(self, uuid: str, fields: Fields) -> Said:
        leg = self._legs.get(uuid)
        action = fields.get("variable_voicemail_action", "")
        app = app_of(fields.get("Application", ""), fields.get("Application-Data", ""), action)
        if leg is None or app is None:
            return ()
        left = (QueueLeft(uuid, leg.call),) if leg.queued and app is not App.QUEUE else ()
        joins = (QueueJoined(uuid, leg.call),) if app is App.QUEUE and not leg.queued else ()
        leg.queued = app is App.QUEUE
        return (*left, LegEntered(uuid, leg.call, app), *joins)

    def _going(self, uuid: str, fields: Fields) -> Said:
        """A leg begins to end. A caller whose phones still ring has given up; else who ended it is told at its end."""
        leg = self._legs.get(uuid)
        if leg is None:
            return ()
        self._reached(uuid, leg)
        if leg.by or fields.get("Hangup-Cause", "") == STOPPING or uuid not in self._dialled:
            return ()
        return (LegHungUp(uuid, leg.call, EndCause.NORMAL),)

    def _ended(self, uuid: str, fields: Fields) -> Said:
        leg = self._drop(uuid)
        if leg is None:
            return ()
        cause = fields.get("Hangup-Cause", "")
        end = CAUSES.get(cause, EndCause.NORMAL)
        said: list[LegEvent] = []
        if cause == STOPPING:
            said.append(LegCleared(uuid, leg.call))
        elif fields.get("variable_sip_hangup_disposition", "") in ASKED_TO_END:
            said.append(LegHungUp(uuid, leg.call, end))
        if leg.by and not leg.up:
            said.append(DialEnded(uuid, leg.call, leg.by, RESULTS.get(cause, DialResult.FAILED)))
        return (*said, LegEnded(uuid, leg.call, end))

    def _drop(self, uuid: str) -> _Leg | None:
        """The leg is gone."""
        leg = self._legs.pop(uuid, None)
        if leg is not None:
            self._part(uuid)
            self._reached(uuid, leg)
        return leg

    def _reached(self, uuid: str, leg: _Leg) -> None:
        """The attempt to reach this leg is over, one way or the other."""
        dialled = self._dialled.get(leg.by)
        if dialled is not None:
            dialled.discard(uuid)
            if not dialled:
                del self._dialled[leg.by]


def _dialled_by(fields: Fields) -> str:
    """The leg for which this one is dialled; a queue's agents name only the caller they are offered."""
    originator = fields.get("Other-Leg-Unique-ID", "") if fields.get("Other-Type", "") == "originator" else ""
    return (
        fields.get("variable_originating_leg_uuid", "")
        or originator
        or fields.get("variable_cc_member_session_uuid", "")
    )


def _room(ends: tuple[str, ...]) -> str:
    return "+".join(ends)


def _pair(uuid: str, channel: str, other: str) -> str:
    """The name that both halves of a loopback share: the first half's."""
    return other if channel.endswith("-b") else uuid


EVENTS: dict[str, Callable[[Dialect, str, Fields], Said]] = {
    "CHANNEL_CREATE": Dialect._created,
    "CHANNEL_PROGRESS": Dialect._progressed,
    "CHANNEL_PROGRESS_MEDIA": Dialect._progressed,
    "CHANNEL_ANSWER": Dialect._answered,
    "CHANNEL_BRIDGE": Dialect._bridged,
    "CHANNEL_EXECUTE": Dialect._entered,
    "CHANNEL_HANGUP": Dialect._going,
    "CHANNEL_HANGUP_COMPLETE": Dialect._ended,
}
"""Event → what it says. Events not here say nothing about legs."""
