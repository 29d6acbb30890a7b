"""The shape of a true AMI event about channels, and how to mend one that a caller tore.

Asterisk prints `CallerIDNum`, `ConnectedLineNum` and `Exten` unescaped. A caller whose SIP user part holds encoded line
breaks ends a frame early and starts one of his own making (79 bytes at most); what was left of the true frame then
belongs to the false one. What he can't make, for want of room, is the run of headers that every true channel event
has: Channel, ChannelState, ChannelStateDesc, CallerIDNum … Linkedid. So an event counts only with the whole run, and a
torn one is read on into the frames after it until the run is whole. A number read that way keeps its line breaks, and
no rule ever takes it for a number.
"""

import re

_EXTRA = rb"(?:(?:SystemName|Timestamp|SequenceNumber|File|Line|Func): [^\r\n]*\r\n)*"
_LINE = rb"[^\r\n]*"
_RAW = rb"[\s\S]{0,240}?"
"""A value a caller may have filled: three times what Asterisk keeps of it (79 bytes), in case of wide encodings."""

BRIDGE = (
    rb"BridgeUniqueid: (?P<bridge>[^\r\n]+)\r\nBridgeType: (?P<type>[^\r\n]*)\r\n"
    rb"BridgeTechnology: (?P<technology>[^\r\n]*)\r\n(?:Bridge\w+: [^\r\n]*\r\n)*"
)
"""Own headers of BridgeEnter and BridgeLeave, before the run."""


def _run(prefix: bytes, wanted: frozenset[str], raw: bool) -> bytes:
    free = _RAW if raw else _LINE

    def header(name: bytes, value: bytes, group: str = "") -> bytes:
        if group in wanted:
            value = b"(?P<%s>%s)" % (group.encode(), value)
        return prefix + name + b": " + value

    p = prefix.decode().lower()
    return rb"\r\n".join(
        [
            header(b"Channel", rb"[^\r\n]+", p + "channel"),
            header(b"ChannelState", rb"\d+", p + "state"),
            header(b"ChannelStateDesc", _LINE),
            header(b"CallerIDNum", free, p + "number"),
            header(b"CallerIDName", _LINE, p + "name"),
            header(b"ConnectedLineNum", free),
            header(b"ConnectedLineName", _LINE),
            b"(?:" + header(b"Language", _LINE) + rb"\r\n)?" + header(b"AccountCode", _LINE),
            header(b"Context", _LINE, p + "context"),
            header(b"Exten", free, p + "exten"),
            header(b"Priority", _LINE),
            header(b"Uniqueid", rb"[^\r\n]+", p + "leg"),
            header(b"Linkedid", rb"[^\r\n]+", p + "call"),
        ]
    )


class Shape:
    """The pattern of one kind of event: `own` headers before the run, `after` it, the run's `wanted` groups."""

    def __init__(self, event: str, wanted: str, *, own: bytes = b"", dest: str = "", after: bytes = b"") -> None:
        head = b"Event: " + event.encode() + rb"\r\nPrivilege: [^\r\n]*\r\n" + _EXTRA + own
        groups = frozenset(wanted.split() + dest.split())
        whole = [
            head
            + _run(b"", groups, raw)
            + (rb"\r\n" + _run(b"Dest", groups, raw) if dest else b"")
            + rb"(?=\r\n|$)"
            + after
            for raw in (False, True)
        ]
        self.match = re.compile(whole[0]).match
        self.match_torn = re.compile(whole[1]).match
        self.begins = re.compile(
            head + rb"Channel: (?P<channel>[^\r\n]+)\r\nChannelState: (?P<state>\d+)\r\n"
            rb"ChannelStateDesc: [^\r\n]*\r\nCallerIDNum: (?P<number>[^\r\n]*)"
        ).match


STATUS = Shape(
    "Status",
    "channel state number name context leg call",
    after=rb"(?:\r\n(?!DNID: )[^\r\n]*)*\r\nDNID: (?P<dnid>[^\r\n]*)"
    rb"(?:\r\n(?!Bridge[Ii][Dd]: )[^\r\n]*)*\r\nBridge[Ii][Dd]: (?P<bridge>[^\r\n]*)"
    rb"(?:(?:\r\n(?!Application: )[^\r\n]*)*\r\nApplication: (?P<app>[^\r\n]*))?"
    rb"(?:(?:\r\n(?!Seconds: )[^\r\n]*)*\r\nSeconds: (?P<seconds>\d+))?",
)
"""A row of the answer to `Action: Status`."""

FULLY_BOOTED = re.compile(
    rb"Event: FullyBooted\r\nPrivilege: system,all\r\n"
    + _EXTRA
    + rb"Uptime: (\d+)\r\nLastReload: \d+\r\nStatus: Fully Booted\r?$"
).match
"""The whole frame or nothing: 93 bytes even with one-digit times, more than a caller can write."""
