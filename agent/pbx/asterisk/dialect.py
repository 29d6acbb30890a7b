"""AMI events → leg events. The last place that knows an Asterisk word.

What each rule rests on was seen on real streams (docs/asterisk.md). In short: a conversation is two legs in one mixing
bridge; ringing is a phone leg's state, or early media (`DialState PROGRESS`); the caller's identity is that of his
first event, since the dialplan rewrites it later; only whole frames count (grammar.py).
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from agent.pbx.asterisk.channels import APPS, digits, known, phone_of, role_of, text, withheld_by
from agent.pbx.asterisk.grammar import BRIDGE, FULLY_BOOTED, STATUS, Shape
from agent.pbx.events import (
    DialEnded,
    DialResult,
    EndCause,
    Gap,
    LegAnswered,
    LegArrived,
    LegCleared,
    LegCreated,
    LegEnded,
    LegEntered,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegLeft,
    LegListed,
    LegRinging,
    LegRole,
    LegWithheld,
    QueueJoined,
    QueueLeft,
    Restarted,
)

Fields = re.Match[bytes]
Said = tuple[LegEvent | LegListed, ...]

RESULTS = {
    b"ANSWER": DialResult.ANSWERED,
    b"BUSY": DialResult.BUSY,
    b"NOANSWER": DialResult.NO_ANSWER,
    b"CANCEL": DialResult.CANCELLED,
}

CAUSES = {
    b"17": EndCause.BUSY,
    b"21": EndCause.DECLINED,
    b"1": EndCause.UNREACHABLE,
    b"3": EndCause.UNREACHABLE,
    b"18": EndCause.UNREACHABLE,
    b"19": EndCause.UNREACHABLE,
    b"20": EndCause.UNREACHABLE,
    b"27": EndCause.UNREACHABLE,
}
"""ITU-T Q.850 causes that say something about a phone; 19 is what do-not-disturb (SIP 480) becomes."""

SHUTDOWN_FLAG = b"4"
"""`Cause` of a SoftHangupRequest is the channel's soft-hangup flag: 4 is AST_SOFTHANGUP_SHUTDOWN."""

TORN_LIMIT = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_dial_status = rb"(?:\r\n(?!DialStatus: )[^\r\n]*)*\r\nDialStatus: (?P<status>\w*)"
_cause = rb"(?:\r\n(?!Cause: )[^\r\n]*)*(?:\r\nCause: (?P<cause>\d+))?"


class Dialect:
    """Translates one connection's frames, in order. Pure: no clock, no I/O.

    `inbound_contexts`: globs on the context of a leg's first event. `trunk_channels`: globs on the channel's name.
    """

    def __init__(self, inbound_contexts: tuple[str, ...], trunk_channels: tuple[str, ...] = ()) -> None:
        self._inbound_contexts = inbound_contexts
        self._trunk_channels = trunk_channels
        self._contexts: dict[str, bool] = {}
        self._uptime = -1
        self._torn = b""
        self._torn_shape: Shape | None = None
        self._torn_channels: set[str] = set()
        self.trunks: set[str] = set()
        """Names of ends ("trunk") that calls from outside came through; a listing doesn't show where a leg began."""
        self.channels: dict[str, str] = {}
        """Channel names of inbound callers' living legs, by leg: what questions about them are addressed to."""

    def translate(self, frame: bytes) -> Said:
        """What one frame says about legs, most often nothing. Never raises, whatever the frame.

        A row of a listing comes out as LegListed; the session gathers them.
        """
        if self._torn_shape is not None:
            return self._read_on(frame)
        if frame[:2] == b"\r\n":
            frame = frame.lstrip(b"\r\n")
        name = frame[7 : frame.find(b"\r\n", 7)]
        entry = EVENTS.get(name)
        if entry is None:
            return self._booted(frame) if name == b"FullyBooted" else ()
        worth, shape, say = entry
        if worth is not None and not worth(frame):
            return ()
        fields = shape.match(frame)
        if fields is not None:
            return say(self, fields)
        if shape.begins(frame) is None:
            return ()
        fields = shape.match_torn(frame)
        if fields is not None:
            return say(self, fields)
        self._torn, self._torn_shape = frame, shape
        return ()

    def is_trunk(self, channel: str, context: str) -> bool:
        """Whether a leg whose first event has this channel and context comes from or goes to the outside."""
        known = self._contexts.get(context)
        if known is None:
            known = any(fnmatchcase(context, glob) for glob in self._inbound_contexts)
            if len(self._contexts) < 1000:
                self._contexts[context] = known
        return known or any(fnmatchcase(channel, glob) for glob in self._trunk_channels)

    def _booted(self, frame: bytes) -> Said:
        found = FULLY_BOOTED(frame)
        if found is None:
            return ()
        uptime, before = int(found[1]), self._uptime
        self._uptime = uptime
        if before < 0:
            return ()
        return (Restarted(),) if uptime < before else (Gap(),)

    def _read_on(self, frame: bytes) -> Said:
        """The rest of a torn frame stands in the frames right after it; an intact one means it never came."""
        shape, torn = self._torn_shape, self._torn
        assert shape is not None
        intact = self._intact(frame)
        joined = torn + b"\r\n\r\n" + frame
        if intact or len(joined) > TORN_LIMIT:
            self._torn, self._torn_shape = b"", None
            lost = self._give_up(torn, shape)
            return lost + (self.translate(frame) if intact else ())
        self._torn = joined
        fields = shape.match_torn(joined)
        if fields is None:
            return ()
        self._torn, self._torn_shape = b"", None
        name = joined[7 : joined.find(b"\r\n", 7)]
        return EVENTS[name][2](self, fields)

    def _intact(self, frame: bytes) -> bool:
        entry = EVENTS.get(frame[7 : frame.find(b"\r\n", 7)])
        return entry is not None and (entry[1].match(frame) is not None)

    def _give_up(self, torn: bytes, shape: Shape) -> Said:
        """The rest never came: the channel's name is all there is. The call is recorded; its number is nobody's."""
        fields = shape.begins(torn)
        assert fields is not None
        channel, name = fields["channel"].decode("utf-8", "replace"), torn[7 : torn.find(b"\r\n", 7)]
        if name == b"Newchannel" and fields["state"] == b"4" and role_of(channel) is LegRole.PARTY:
            if len(self._torn_channels) < 1000:
                self._torn_channels.add(channel)
            number = fields["number"].decode("utf-8", "replace") + "\r\n"
            return (LegCreated(channel, channel, LegRole.PARTY, True, True, phone_of(channel), number=number),)
        if name in (b"Hangup", b"HangupRequest") and channel in self._torn_channels:
            self._torn_channels.discard(channel)
            return (LegEnded(channel, channel, EndCause.NORMAL),)
        return ()

    def created(self, fields: Fields) -> Said:
        channel, context = text(fields["channel"]), text(fields["context"])
        role = role_of(channel)
        made = LegCreated(
            leg=text(fields["leg"]),
            call=text(fields["call"]),
            role=role,
            arriving=fields["state"] == b"4" and role is LegRole.PARTY,
            trunk=self.is_trunk(channel, context),
            phone=phone_of(channel),
            pair=channel[:-2] if role is LegRole.RELAY else "",
            number=caller_number(fields),
            name=known(text(fields["name"])),
            dialled=known(text(fields["exten"])),
        )
        if made.trunk and made.leg == made.call:
            self.meet(channel, made)
        return (made,)

    def meet(self, channel: str, caller: LegCreated) -> None:
        """An inbound caller's leg: remember its channel, and its trunk."""
        self.channels[caller.leg] = channel
        if len(self.trunks) < 1000:
            self.trunks.add(caller.phone)

    def listed(self, fields: Fields) -> Said:
        """A row of Status: the leg as it stands. Where it began isn't shown, so its trunk must be known some way."""
        channel, dialled, number = text(fields["channel"]), text(fields["dnid"]), caller_number(fields)
        role, leg, call = role_of(channel), text(fields["leg"]), text(fields["call"])
        first = leg == call and role is LegRole.PARTY
        outside = phone_of(channel) in self.trunks or (digits(dialled) >= 7 and digits(number) >= 7)
        made = LegCreated(
            leg=leg,
            call=call,
            role=role,
            arriving=first and bool(dialled),
            trunk=self.is_trunk(channel, text(fields["context"])) or (first and outside),
            phone=phone_of(channel),
            pair=channel[:-2] if role is LegRole.RELAY else "",
            number=number,
            name=known(text(fields["name"])),
            dialled=dialled,
        )
        if made.arriving and made.trunk:
            self.meet(channel, made)
        state, seconds = fields["state"], fields["seconds"]
        return (
            LegListed(
                created=made,
                ringing=state == b"5",
                answered=state == b"6",
                app=APPS.get(fields["app"] or b""),
                room=text(fields["bridge"] or b""),
                age=float(seconds or 0),
            ),
        )

    def state_changed(self, fields: Fields) -> Said:
        leg, call = text(fields["leg"]), text(fields["call"])
        match fields["state"]:
            case b"4":
                return (LegArrived(leg, call),)
            case b"5":
                return (LegRinging(leg, call, role_of(text(fields["channel"]))),)
            case b"6":
                return (LegAnswered(leg, call),)
            case _:
                return ()

    def dial_progressed(self, fields: Fields) -> Said:
        if fields["status"] not in (b"RINGING", b"PROGRESS"):
            return ()
        role = role_of(text(fields["destchannel"]))
        return (LegRinging(text(fields["destleg"]), text(fields["destcall"]), role),)

    def dial_ended(self, fields: Fields) -> Said:
        result = RESULTS.get(fields["status"], DialResult.FAILED)
        return (DialEnded(text(fields["destleg"]), text(fields["destcall"]), text(fields["leg"]), result),)

    def entered(self, fields: Fields) -> Said:
        leg, call, app, data = text(fields["leg"]), text(fields["call"]), fields["app"], fields["data"]
        if fields["extension"] == b"h":
            return ()
        if app == b"Set":
            name, _, value = data.partition(b"=")
            withheld = name.endswith(b"CALLINGNUMPRES_SV") and withheld_by(text(value))
            return (LegWithheld(leg, call, True),) if withheld else ()
        if app == b"ExecIf":
            app = data.partition(b"?")[2].partition(b"(")[0] if data[:2] == b"1?" else b""
        kind = APPS.get(app)
        return (LegEntered(leg, call, kind),) if kind else ()

    def variable_set(self, fields: Fields) -> Said:
        if not withheld_by(text(fields["value"])):
            return ()
        return (LegWithheld(text(fields["leg"]), text(fields["call"]), True),)

    def queue_joined(self, fields: Fields) -> Said:
        return (QueueJoined(text(fields["leg"]), text(fields["call"])),)

    def queue_left(self, fields: Fields) -> Said:
        return (QueueLeft(text(fields["leg"]), text(fields["call"])),)

    def joined(self, fields: Fields) -> Said:
        if holding(fields):
            return ()
        role = role_of(text(fields["channel"]))
        return (LegJoined(text(fields["leg"]), text(fields["call"]), text(fields["bridge"]), role),)

    def left(self, fields: Fields) -> Said:
        if holding(fields):
            return ()
        return (LegLeft(text(fields["leg"]), text(fields["call"]), text(fields["bridge"])),)

    def hung_up(self, fields: Fields) -> Said:
        return (LegHungUp(text(fields["leg"]), text(fields["call"]), cause(fields)),)

    def cleared(self, fields: Fields) -> Said:
        if fields["cause"] != SHUTDOWN_FLAG:
            return ()
        return (LegCleared(text(fields["leg"]), text(fields["call"])),)

    def ended(self, fields: Fields) -> Said:
        self.channels.pop(text(fields["leg"]), None)
        return (LegEnded(text(fields["leg"]), text(fields["call"]), cause(fields)),)


def caller_number(fields: Fields) -> str:
    """The number as received. One read from a torn frame always keeps a line break, so that it is no number."""
    number = known(text(fields["number"]))
    torn = fields.re.pattern.find(rb"[\s\S]") >= 0
    return number + "\r\n" if torn and not _CONTROL.search(number) else number


def cause(fields: Fields) -> EndCause:
    """The leg's hangup cause, as far as it says something about a phone."""
    return CAUSES.get(fields["cause"], EndCause.NORMAL)


def holding(fields: Fields) -> bool:
    """Parking and music on hold are bridges in which nobody hears anybody."""
    return fields["type"] == b"parking" or fields["technology"] == b"holding_bridge"


def _wanted_app(frame: bytes) -> bool:
    at = frame.find(b"\r\nApplication: ", 200)
    if at < 0:
        return True
    app = frame[at + 15 : frame.find(b"\r", at + 15)]
    return app in APPS or app == b"ExecIf" or (app == b"Set" and b"CALLINGNUMPRES_SV=" in frame)


def _presentation(frame: bytes) -> bool:
    return b"CALLINGNUMPRES_SV\r\n" in frame


def _rang(frame: bytes) -> bool:
    return frame.endswith((b"RINGING", b"PROGRESS")) or b"\r\nDialStatus: " not in frame


Say = Callable[[Dialect, Fields], Said]
_LEG = "leg call"

EVENTS: dict[bytes, tuple[Callable[[bytes], bool] | None, Shape, Say]] = {
    b"Newchannel": (
        None,
        Shape("Newchannel", "channel state number name context exten leg call"),
        Dialect.created,
    ),
    b"Newstate": (None, Shape("Newstate", "channel state leg call"), Dialect.state_changed),
    b"Newexten": (
        _wanted_app,
        Shape(
            "Newexten",
            _LEG,
            after=rb"(?:\r\n(?!Extension: )[^\r\n]*)*\r\nExtension: (?P<extension>[^\r\n]*)"
            rb"\r\nApplication: (?P<app>[^\r\n]*)\r\nAppData: (?P<data>[^\r\n]*)",
        ),
        Dialect.entered,
    ),
    b"VarSet": (
        _presentation,
        Shape("VarSet", _LEG, after=rb"(?:\r\n(?!Value: )[^\r\n]*)*\r\nValue: (?P<value>[^\r\n]*)"),
        Dialect.variable_set,
    ),
    b"DialState": (
        _rang,
        Shape("DialState", "leg", dest="destchannel destleg destcall", after=_dial_status),
        Dialect.dial_progressed,
    ),
    b"DialEnd": (
        None,
        Shape("DialEnd", "leg", dest="destleg destcall", after=_dial_status),
        Dialect.dial_ended,
    ),
    b"BridgeEnter": (None, Shape("BridgeEnter", "channel leg call", own=BRIDGE), Dialect.joined),
    b"BridgeLeave": (None, Shape("BridgeLeave", _LEG, own=BRIDGE), Dialect.left),
    b"QueueCallerJoin": (None, Shape("QueueCallerJoin", _LEG), Dialect.queue_joined),
    b"QueueCallerLeave": (None, Shape("QueueCallerLeave", _LEG), Dialect.queue_left),
    b"HangupRequest": (None, Shape("HangupRequest", _LEG, after=_cause), Dialect.hung_up),
    b"SoftHangupRequest": (None, Shape("SoftHangupRequest", _LEG, after=_cause), Dialect.cleared),
    b"Status": (None, STATUS, Dialect.listed),
    b"Hangup": (None, Shape("Hangup", _LEG, after=_cause), Dialect.ended),
}
"""Event → (is it worth a look at all, its shape, what it says). Events not here say nothing about legs."""
