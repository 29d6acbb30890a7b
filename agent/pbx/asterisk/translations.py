"""What each event about channels says about legs: one small function an event, and the table of them.

What each rule rests on was seen on real streams (docs/asterisk.md). A conversation is two legs in one mixing bridge;
ringing is a phone leg's state, or early media (`DialState PROGRESS`); the caller's identity is that of his first event,
since the dialplan rewrites it later.
"""

import re
from collections.abc import Callable

from agent.pbx.asterisk.channels import (
    APPS,
    digits,
    is_extension,
    known,
    outside_number,
    phone_of,
    role_of,
    withheld_by,
)
from agent.pbx.asterisk.grammar import BRIDGE, STATUS, Shape
from agent.pbx.asterisk.trunks import Trunks
from agent.pbx.events import (
    DialEnded,
    DialResult,
    EndCause,
    LegAnswered,
    LegArrived,
    LegCleared,
    LegCreated,
    LegDialled,
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
)

Fields = re.Match[str]
Said = tuple[LegEvent | LegListed, ...]

RESULTS = {
    "ANSWER": DialResult.ANSWERED,
    "BUSY": DialResult.BUSY,
    "NOANSWER": DialResult.NO_ANSWER,
    "CANCEL": DialResult.CANCELLED,
}

CAUSES = {
    "17": EndCause.BUSY,
    "21": EndCause.DECLINED,
    "1": EndCause.UNREACHABLE,
    "3": EndCause.UNREACHABLE,
    "18": EndCause.UNREACHABLE,
    "19": EndCause.UNREACHABLE,
    "20": EndCause.UNREACHABLE,
    "27": EndCause.UNREACHABLE,
}
"""ITU-T Q.850 causes that say something about a phone; 19 is what do-not-disturb (SIP 480) becomes."""

SHUTDOWN_FLAG = "4"
"""`Cause` of a SoftHangupRequest is the channel's soft-hangup flag: 4 is AST_SOFTHANGUP_SHUTDOWN."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_dial_string = r"(?:\r\n(?!DialString: )[^\r\n]*)*\r\nDialString: (?P<dialled>[^\r\n]*)"
_dial_status = r"(?:\r\n(?!DialStatus: )[^\r\n]*)*\r\nDialStatus: (?P<status>\w*)"
_cause = r"(?:\r\n(?!Cause: )[^\r\n]*)*(?:\r\nCause: (?P<cause>\d{1,4}))?"


def created(trunks: Trunks, fields: Fields) -> Said:
    channel, context = fields["channel"], fields["context"]
    role = role_of(channel)
    made = LegCreated(
        leg=fields["leg"],
        call=fields["call"],
        role=role,
        arriving=fields["state"] == "4" and role is LegRole.PARTY,
        trunk=trunks.matches(channel, context),
        phone=phone_of(channel),
        pair=channel[:-2] if role is LegRole.RELAY else "",
        number=caller_number(fields),
        name=known(fields["name"]),
        dialled=known(fields["exten"]),
    )
    if made.trunk and made.leg == made.call:
        trunks.meet(channel, made)
    return (made,)


def listed(trunks: Trunks, fields: Fields) -> Said:
    """A row of Status: the leg as it stands. Where it began isn't shown, so its trunk must be known some way."""
    channel, dialled, number = fields["channel"], fields["dnid"], caller_number(fields)
    role, leg, call = role_of(channel), fields["leg"], fields["call"]
    first = leg == call and role is LegRole.PARTY
    outside = phone_of(channel) in trunks.ends or (
        not is_extension(phone_of(channel)) and digits(dialled) >= 7 and digits(number) >= 7
    )
    made = LegCreated(
        leg=leg,
        call=call,
        role=role,
        arriving=first and bool(dialled),
        trunk=trunks.matches(channel, fields["context"]) or (first and outside),
        phone=phone_of(channel),
        pair=channel[:-2] if role is LegRole.RELAY else "",
        number=number,
        name=known(fields["name"]),
        dialled=dialled,
    )
    if made.arriving and made.trunk:
        trunks.meet(channel, made)
    state, seconds = fields["state"], fields["seconds"]
    return (
        LegListed(
            created=made,
            ringing=state == "5",
            answered=state == "6",
            app=APPS.get(fields["app"] or ""),
            room=fields["bridge"] or "",
            age=float(seconds or 0),
        ),
    )


def state_changed(trunks: Trunks, fields: Fields) -> Said:
    leg, call = fields["leg"], fields["call"]
    match fields["state"]:
        case "4":
            return (LegArrived(leg, call),)
        case "5":
            return (LegRinging(leg, call, role_of(fields["channel"])),)
        case "6":
            return (LegAnswered(leg, call),)
        case _:
            return ()


def dial_began(trunks: Trunks, fields: Fields) -> Said:
    number = outside_number(fields["dialled"])
    return (LegDialled(fields["destleg"], fields["destcall"], number),) if number else ()


def dial_progressed(trunks: Trunks, fields: Fields) -> Said:
    if fields["status"] not in ("RINGING", "PROGRESS"):
        return ()
    role = role_of(fields["destchannel"])
    return (LegRinging(fields["destleg"], fields["destcall"], role),)


def dial_ended(trunks: Trunks, fields: Fields) -> Said:
    result = RESULTS.get(fields["status"], DialResult.FAILED)
    return (DialEnded(fields["destleg"], fields["destcall"], fields["leg"], result),)


def entered(trunks: Trunks, fields: Fields) -> Said:
    leg, call, app, data = fields["leg"], fields["call"], fields["app"], fields["data"]
    if fields["extension"] == "h":
        return ()
    if app == "Set":
        name, _, value = data.partition("=")
        withheld = name.endswith("CALLINGNUMPRES_SV") and withheld_by(value)
        return (LegWithheld(leg, call, True),) if withheld else ()
    if app == "ExecIf":
        app = data.partition("?")[2].partition("(")[0] if data[:2] == "1?" else ""
    kind = APPS.get(app)
    return (LegEntered(leg, call, kind),) if kind else ()


def variable_set(trunks: Trunks, fields: Fields) -> Said:
    if not withheld_by(fields["value"]):
        return ()
    return (LegWithheld(fields["leg"], fields["call"], True),)


def queue_joined(trunks: Trunks, fields: Fields) -> Said:
    return (QueueJoined(fields["leg"], fields["call"]),)


def queue_left(trunks: Trunks, fields: Fields) -> Said:
    return (QueueLeft(fields["leg"], fields["call"]),)


def joined(trunks: Trunks, fields: Fields) -> Said:
    if holding(fields):
        return ()
    role = role_of(fields["channel"])
    return (LegJoined(fields["leg"], fields["call"], fields["bridge"], role),)


def left(trunks: Trunks, fields: Fields) -> Said:
    if holding(fields):
        return ()
    return (LegLeft(fields["leg"], fields["call"], fields["bridge"]),)


def hung_up(trunks: Trunks, fields: Fields) -> Said:
    return (LegHungUp(fields["leg"], fields["call"], cause(fields)),)


def cleared(trunks: Trunks, fields: Fields) -> Said:
    if fields["cause"] != SHUTDOWN_FLAG:
        return ()
    return (LegCleared(fields["leg"], fields["call"]),)


def ended(trunks: Trunks, fields: Fields) -> Said:
    trunks.forget(fields["leg"])
    return (LegEnded(fields["leg"], fields["call"], cause(fields)),)


def caller_number(fields: Fields) -> str:
    """The number as received. One read from a torn frame always keeps a line break, so that it is no number."""
    number = known(fields["number"])
    torn = r"[\s\S]" in fields.re.pattern
    return number + "\r\n" if torn and not _CONTROL.search(number) else number


def cause(fields: Fields) -> EndCause:
    """The leg's hangup cause, as far as it says something about a phone."""
    return CAUSES.get(fields["cause"], EndCause.NORMAL)


def holding(fields: Fields) -> bool:
    """Parking and music on hold are bridges in which nobody hears anybody."""
    return fields["type"] == "parking" or fields["technology"] == "holding_bridge"


_LOOKED_AT = frozenset(app.encode() for app in (*APPS, "ExecIf"))


def _wanted_app(frame: bytes) -> bool:
    at = frame.find(b"\r\nApplication: ", 200)
    if at < 0:
        return True
    app = frame[at + 15 : frame.find(b"\r", at + 15)]
    return app in _LOOKED_AT or (app == b"Set" and frame.find(b"CALLINGNUMPRES_SV=", at) > 0)


def _presentation(frame: bytes) -> bool:
    return b"CALLINGNUMPRES_SV\r\n" in frame


def _dials_out(frame: bytes) -> bool:
    return b"\r\nDestChannel: Local/" not in frame and bool(
        outside_number(frame.rpartition(b": ")[2].decode("ascii", "replace"))
    )


def _rang(frame: bytes) -> bool:
    if not frame.endswith((b"RINGING", b"PROGRESS")):
        return b"\r\nDialStatus: " not in frame
    # state 5 was told by a Newstate of the leg itself
    return b"\r\nDestChannelState: 5\r" not in frame and b"\r\nDestChannel: Local/" not in frame


def _shutdown(frame: bytes) -> bool:
    at = frame.rfind(b"\r\nCause: ")
    return at < 0 or frame[at + 9 : at + 11].strip() == b"4"


Say = Callable[[Trunks, Fields], Said]
_LEG = "leg call"

EVENTS: dict[bytes, tuple[Callable[[bytes], bool] | None, Shape, Say]] = {
    b"Newchannel": (
        None,
        Shape("Newchannel", "channel state number name context exten leg call"),
        created,
    ),
    b"Newstate": (None, Shape("Newstate", "channel state leg call"), state_changed),
    b"Newexten": (
        _wanted_app,
        Shape(
            "Newexten",
            _LEG,
            after=r"(?:\r\n(?!Extension: )[^\r\n]*)*\r\nExtension: (?P<extension>[^\r\n]*)"
            r"\r\nApplication: (?P<app>[^\r\n]*)\r\nAppData: (?P<data>[^\r\n]*)",
        ),
        entered,
    ),
    b"VarSet": (
        _presentation,
        Shape("VarSet", _LEG, after=r"(?:\r\n(?!Value: )[^\r\n]*)*\r\nValue: (?P<value>[^\r\n]*)"),
        variable_set,
    ),
    b"DialBegin": (
        _dials_out,
        Shape("DialBegin", "leg", dest="destleg destcall", after=_dial_string),
        dial_began,
    ),
    b"DialState": (
        _rang,
        Shape("DialState", "leg", dest="destchannel destleg destcall", after=_dial_status),
        dial_progressed,
    ),
    b"DialEnd": (
        None,
        Shape("DialEnd", "leg", dest="destleg destcall", after=_dial_status),
        dial_ended,
    ),
    b"BridgeEnter": (None, Shape("BridgeEnter", "channel leg call", own=BRIDGE), joined),
    b"BridgeLeave": (None, Shape("BridgeLeave", _LEG, own=BRIDGE), left),
    b"QueueCallerJoin": (None, Shape("QueueCallerJoin", _LEG), queue_joined),
    b"QueueCallerLeave": (None, Shape("QueueCallerLeave", _LEG), queue_left),
    b"HangupRequest": (None, Shape("HangupRequest", _LEG, after=_cause), hung_up),
    b"SoftHangupRequest": (_shutdown, Shape("SoftHangupRequest", _LEG, after=_cause), cleared),
    b"Status": (None, STATUS, listed),
    b"Hangup": (None, Shape("Hangup", _LEG, after=_cause), ended),
}
"""Event → (is it worth a look at all, its shape, what it says). Events not here say nothing about legs."""
