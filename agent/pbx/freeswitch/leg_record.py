"""What a record of FreeSWITCH tells of one leg, and the same told again as the events its life consisted of.

So records go through the dialect that hears live events, and what was learnt there (loopback pairs, early media, who
gave up) holds for them, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from agent.pbx.events import DialResult, LegRole
from agent.pbx.freeswitch.channels import ASKED_TO_END, RESULTS, role_of

Event = dict[str, str]

GAVE_UP = "ORIGINATOR_CANCEL"
BEHIND = 0.025
"""Seconds by which a leg's own times may be behind the clock that stamps its applications: they tick every 20 ms."""
RINGS, ANSWERED, BRIDGED, GIVES_UP, ENDS = 8, 9, 10, 11, 12
"""The order of what happens to several legs in the same instant; below stand their beginnings."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A leg that was dialled for another: its id, the number, and the hangup cause with which the attempt ended."""

    uuid: str
    number: str
    cause: str


@dataclass(frozen=True, slots=True)
class Application:
    """What the PBX began to do with the leg, and when."""

    at: float
    name: str
    data: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """Since when it was bridged, and with which leg."""

    at: float
    peer: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An event and its time. `rank`: its place among those of the same instant; `late`: seconds it is told later."""

    at: float
    event: Event
    rank: int
    late: float = 0.0

    @property
    def order(self) -> tuple[float, int]:
        """Its place among all events."""
        return self.at + self.late, self.rank


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One leg. Times are epoch seconds; None: it never came to that. Number, name, dialled and context as at first.

    `withheld`: the caller asked for it; that he didn't, records can't tell. `by`: the leg on whose behalf it was
    dialled. `other_half`: of a loopback. `ringing` of a leg that arrived is its phones' ringing, passed on to it.
    """

    uuid: str
    arriving: bool
    start: float
    end: float
    channel: str = ""
    context: str = ""
    number: str = ""
    name: str = ""
    dialled: str = ""
    withheld: bool = False
    voicemail_action: str = ""
    user: str = ""
    gateway: str = ""
    by: str = ""
    other_half: str = ""
    ringing: float | None = None
    answered: float | None = None
    cause: str = ""
    disposition: str = ""
    applications: tuple[Application, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    phones: tuple[Dialled, ...] = ()

    @property
    def hung_up(self) -> bool:
        """Whether the party itself ended it."""
        return self.disposition in ASKED_TO_END or (self.cause == GAVE_UP and self.arriving)

    def events(self) -> Iterator[Moment]:
        """Its life, event by event."""
        created = self._depth() * 2
        yield Moment(self.start, self._event("CHANNEL_CREATE") | self._first(), created)
        for app in self.applications:
            told = {"Application": app.name, "Application-Data": app.data}
            told["variable_voicemail_action"] = self.voicemail_action
            yield Moment(max(self.start, app.at - BEHIND), self._event("CHANNEL_EXECUTE") | told, created + 1)
        if self.ringing is not None:
            yield Moment(self.ringing, self._event("CHANNEL_PROGRESS"), RINGS)
        if self.answered is not None:
            yield Moment(self.answered, self._event("CHANNEL_ANSWER"), ANSWERED)
        for bridge in self.bridges:
            ends = {"Bridge-A-Unique-ID": self.uuid, "Bridge-B-Unique-ID": bridge.peer}
            yield Moment(bridge.at, self._event("CHANNEL_BRIDGE") | ends, BRIDGED)
        yield from self._end()

    def _end(self) -> Iterator[Moment]:
        """A caller who gave up goes before his phones; where the PBX gave up, they go before him."""
        late = BEHIND if self.arriving and not self.hung_up else 0.0
        rank = GIVES_UP if self.arriving and self.hung_up else ENDS
        cause = {"Hangup-Cause": self.cause}
        disposition = {"variable_sip_hangup_disposition": "recv_cancel" if self.hung_up else self.disposition}
        yield Moment(self.end, self._event("CHANNEL_HANGUP") | cause, rank, late)
        yield Moment(self.end, self._event("CHANNEL_HANGUP_COMPLETE") | cause | disposition, ENDS, late)

    def _depth(self) -> int:
        """How far from the caller: he comes first, then a loopback's first half, its second, and phones."""
        if role_of(self.channel) is LegRole.RELAY:
            return 2 if self.arriving else 1
        return 0 if self.arriving else 3

    def _event(self, name: str) -> Event:
        return {"Event-Name": name, "Unique-ID": self.uuid}

    def _first(self) -> Event:
        return {
            "Channel-Name": self.channel,
            "Call-Direction": "inbound" if self.arriving else "outbound",
            "Caller-Context": self.context,
            "Caller-Caller-ID-Number": self.number,
            "Caller-Caller-ID-Name": self.name,
            "Caller-Destination-Number": self.dialled,
            "Caller-Privacy-Hide-Number": "true" if self.withheld else "",
            "variable_user_name": self.user,
            "variable_sip_gateway_name": self.gateway,
            "variable_originating_leg_uuid": self.by,
            "variable_other_loopback_leg_uuid": self.other_half,
        }


def told_again(records: Iterable[LegRecord]) -> list[tuple[float, Event]]:
    """All events of these legs in their order, with those of phones that have no record of their own."""
    legs = {record.uuid: record for record in records}
    halves = {record.other_half: record for record in legs.values() if record.other_half}
    for record in list(legs.values()):
        for phone in _unrecorded(record):
            if phone.uuid not in legs:
                legs[phone.uuid] = _half(phone, halves[phone.uuid]) if phone.uuid in halves else phone
    moments = sorted((moment for record in legs.values() for moment in record.events()), key=lambda one: one.order)
    return [(moment.at, moment.event) for moment in moments]


def _unrecorded(record: LegRecord) -> Iterator[LegRecord]:
    """The phones that a leg's own record names: FreeSWITCH writes no records of dialled legs unless it is told to."""
    if role_of(record.channel) is LegRole.PARTY and not record.arriving:
        return
    for dialled in record.phones:
        bridged = next((bridge.at for bridge in record.bridges if bridge.peer == dialled.uuid), None)
        yield _phone(record, dialled, bridged)
    named = {dialled.uuid for dialled in record.phones}
    for bridge in record.bridges:
        if bridge.peer not in named:
            yield _phone(record, Dialled(bridge.peer, "", ""), bridge.at)


def _phone(record: LegRecord, dialled: Dialled, bridged: float | None) -> LegRecord:
    """Which of several attempts it belonged to isn't told: it rang from the first to the end of the last."""
    dials = [place for place, app in enumerate(record.applications) if app.name == "bridge"]
    after = record.applications[dials[-1] + 1 :] if dials else ()
    start = max(record.start, record.applications[dials[0]].at) if dials else record.start
    rang = RESULTS.get(dialled.cause, DialResult.FAILED) in (DialResult.NO_ANSWER, DialResult.CANCELLED)
    return LegRecord(
        uuid=dialled.uuid,
        arriving=False,
        start=start if bridged is None else min(start, bridged),
        end=after[0].at if after and bridged is None else record.end,
        channel=f"sofia/unrecorded/{dialled.number}" if dialled.number else "",
        context=record.context,
        by=record.uuid,
        ringing=bridged if bridged is not None else max(start, record.ringing or start) if rang else None,
        answered=bridged,
        cause=dialled.cause,
    )


def _half(phone: LegRecord, other: LegRecord) -> LegRecord:
    """What looked like a phone is the first half of a loopback whose other half has a record."""
    return replace(
        phone,
        channel=other.channel.removesuffix("b") + "a",
        other_half=other.uuid,
        ringing=None,
        answered=other.answered,
        end=other.end,
    )
