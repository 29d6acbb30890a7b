"""The shape of a true AMI event about channels, and how to mend one that a caller tore.

Asterisk prints `CallerIDNum`, `ConnectedLineNum` and `Exten` unescaped. A caller whose SIP user part holds encoded line
breaks ends a frame early and starts one of his own making (79 bytes at most); what was left of the true frame then
belongs to the false one. What he can't make, for want of room, is the run of headers that every true channel event
has: Channel, ChannelState, ChannelStateDesc, CallerIDNum … Linkedid. So an event counts only with the whole run, and a
torn one is read on into the frames after it until the run is whole. A number read that way keeps its line breaks, and
no rule ever takes it for a number.
"""

import re

_EXTRA = r"(?:(?:SystemName|Timestamp|SequenceNumber|File|Line|Func): [^\r\n]*\r\n)*"
_LINE = r"[^\r\n]*"
_RAW = r"[\s\S]{0,240}?"
"""A value a caller may have filled: three times what Asterisk keeps of it (79 bytes), in case of wide encodings."""

BRIDGE = (
    r"BridgeUniqueid: (?P<bridge>[^\r\n]+)\r\nBridgeType: (?P<type>[^\r\n]*)\r\n"
    r"BridgeTechnology: (?P<technology>[^\r\n]*)\r\n(?:Bridge\w+: [^\r\n]*\r\n)*"
)
"""Own headers of BridgeEnter and BridgeLeave, before the run."""


def _run(prefix: str, wanted: frozenset[str], raw: bool) -> str:
    free = _RAW if raw else _LINE

    def header(name: str, value: str, group: str = "") -> str:
        if group in wanted:
            value = f"(?P<{group}>{value})"
        return f"{prefix}{name}: {value}"

    p = prefix.lower()
    return r"\r\n".join(
        [
            header("Channel", r"[^\r\n]+", p + "channel"),
            header("ChannelState", r"\d{1,3}", p + "state"),
            header("ChannelStateDesc", _LINE),
            header("CallerIDNum", free, p + "number"),
            header("CallerIDName", _LINE, p + "name"),
            header("ConnectedLineNum", free),
            header("ConnectedLineName", _LINE),
            "(?:" + header("Language", _LINE) + r"\r\n)?" + header("AccountCode", _LINE),
            header("Context", _LINE, p + "context"),
            header("Exten", free, p + "exten"),
            header("Priority", _LINE),
            header("Uniqueid", r"[^\r\n]+", p + "leg"),
            header("Linkedid", r"[^\r\n]+", p + "call"),
        ]
    )


class Shape:
    """The pattern of one kind of event: `own` headers before the run, `after` it, the run's `wanted` groups."""

    def __init__(self, event: str, wanted: str, *, own: str = "", dest: str = "", after: str = "") -> None:
        head = f"Event: {event}" + r"\r\nPrivilege: [^\r\n]*\r\n" + _EXTRA + own
        groups = frozenset(wanted.split() + dest.split())
        whole = [
            head
            + _run("", groups, raw)
            + (r"\r\n" + _run("Dest", groups, raw) if dest else "")
            + r"(?=\r\n|\Z)"
            + after
            for raw in (False, True)
        ]
        self.match = re.compile(whole[0], re.ASCII).match
        self.match_torn = re.compile(whole[1], re.ASCII).match
        self.begins = re.compile(
            head + r"Channel: (?P<channel>[^\r\n]+)\r\nChannelState: (?P<state>\d{1,3})\r\n"
            r"ChannelStateDesc: [^\r\n]*\r\nCallerIDNum: (?P<number>[^\r\n]*)",
            re.ASCII,
        ).match


STATUS = Shape(
    "Status",
    "channel state number name context leg call",
    after=r"(?:\r\n(?!DNID: )[^\r\n]*)*\r\nDNID: (?P<dnid>[^\r\n]*)"
    r"(?:\r\n(?!Bridge[Ii][Dd]: )[^\r\n]*)*\r\nBridge[Ii][Dd]: (?P<bridge>[^\r\n]*)"
    r"(?:(?:\r\n(?!Application: )[^\r\n]*)*\r\nApplication: (?P<app>[^\r\n]*))?"
    r"(?:(?:\r\n(?!Seconds: )[^\r\n]*)*\r\nSeconds: (?P<seconds>\d{1,12}))?",
)
"""A row of the answer to `Action: Status`."""

_UPTIME = r"Uptime: (?P<{}>\d{{1,12}})\r\nLastReload: \d{{1,12}}"
_STATUS = r"Status: Fully Booted"

FULLY_BOOTED = re.compile(
    r"Event: FullyBooted\r\nPrivilege: system,all\r\n"
    + _EXTRA
    + f"(?:{_UPTIME.format('at_login')}\\r\\n{_STATUS}|{_STATUS}\\r\\n{_UPTIME.format('at_boot')})"
    + r"\r?\Z",
    re.ASCII,
).match
"""The whole frame or nothing: 93 bytes even with one-digit times, more than a caller can write.

The one that answers a login ends with Status; the one sent when Asterisk has booted has it first.
"""

SHUTDOWN = re.compile(
    r"Event: Shutdown\r\nPrivilege: system,all\r\n" + _EXTRA + r"Shutdown: \w+\r\nRestart: (True|False)\r?\Z",
    re.ASCII,
).match
"""The whole frame or nothing, as above: with the empty lines around it, 80 bytes at least."""
