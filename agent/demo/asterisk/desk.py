"""Answers to a client's actions, from the calls in flight at that moment."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from agent.demo.asterisk.ami import Account, Action, error, id_line, list_end, list_start, success
from agent.demo.asterisk.board import Leg
from agent.demo.asterisk.listing import Rows, Scene

VERSION = "22.10.1"


class LiveCall(Protocol):
    """A call in flight, as far as the desk must know it. `values` are those of its plant."""

    @property
    def values(self) -> tuple[bytes, ...]: ...

    @property
    def withheld(self) -> bool: ...

    def scene(self) -> Scene:
        """Where its recording stands now."""

    def seconds_since(self, at: float) -> int:
        """Whole seconds since this moment of its recording."""

    def leg_named(self, channel: str) -> Leg | None:
        """Its living leg of this name."""


class Pbx(Protocol):
    """What the desk may ask of the whole PBX. `booted` is epoch seconds."""

    @property
    def booted(self) -> float: ...

    @property
    def processed(self) -> int: ...

    @property
    def parking_bridge(self) -> str: ...

    def calls(self) -> Iterable[LiveCall]:
        """The calls in flight."""

    def call_of(self, channel: str) -> LiveCall | None:
        """The call a channel belongs to."""


Answer = Callable[[Action, Pbx], str]

QUEUES: Mapping[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "support": ("ringall", (("Bob", "PJSIP/102", "PJSIP/102"), ("Alice", "PJSIP/101", "PJSIP/101"))),
    "announced": ("ringall", (("Alice", "PJSIP/101", "PJSIP/101"),)),
    "locals": (
        "ringall",
        (("Bob", "Local/102@from-queue/n", "PJSIP/102"), ("Alice", "Local/101@from-queue/n", "PJSIP/101")),
    ),
}


def _fill(call: LiveCall, rows: Rows, action: Action) -> str:
    ages = [call.seconds_since(at) for at in rows.since]
    return rows.fill(call.values, id_line(action).encode(), ages).decode("utf-8", "surrogateescape")


def _rows(action: Action, found: Iterable[tuple[LiveCall, Rows]]) -> tuple[int, str]:
    count, texts = 0, []
    for call, rows in found:
        count += rows.count
        texts.append(_fill(call, rows, action))
    return count, "".join(texts)


def _ping(action: Action, pbx: Pbx) -> str:
    return success(action, ("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}"))


def _core_status(action: Action, pbx: Pbx) -> str:
    day, clock = datetime.fromtimestamp(pbx.booted).strftime("%Y-%m-%d %H:%M:%S").split()
    legs = sum(call.scene().channels.count for call in pbx.calls())
    return success(
        action,
        ("CoreStartupDate", day), ("CoreStartupTime", clock), ("CoreReloadDate", day), ("CoreReloadTime", clock),
        ("CoreCurrentCalls", str(legs)), ("CoreProcessedCalls", str(pbx.processed)),
    )  # fmt: skip


def _core_settings(action: Action, pbx: Pbx) -> str:
    return success(
        action,
        ("AMIversion", "11.0.0"), ("AsteriskVersion", VERSION), ("SystemName", ""), ("CoreMaxCalls", "0"),
        ("CoreMaxLoadAvg", "0.000000"), ("CoreRunUser", ""), ("CoreRunGroup", ""), ("CoreMaxFilehandles", "0"),
        ("CoreRealTimeEnabled", "No"), ("CoreCDRenabled", "Yes"), ("CoreHTTPenabled", "No"),
        ("SoundsSearchCustomDir", "No"),
    )  # fmt: skip


def _core_show_channels(action: Action, pbx: Pbx) -> str:
    count, rows = _rows(action, ((call, call.scene().channels) for call in pbx.calls()))
    start = list_start(action, "Channels will follow")
    return start + rows + list_end(action, "CoreShowChannelsComplete", count)


def _status(action: Action, pbx: Pbx) -> str:
    channel = action.get("Channel")
    if channel:
        call = pbx.call_of(channel)
        leg = call.leg_named(channel) if call is not None else None
        if call is None or leg is None:
            return error(action, "No such channel")
        count, rows = 1, _fill(call, call.scene().status_row(leg), action)
    else:
        count, rows = _rows(action, ((call, call.scene().status) for call in pbx.calls()))
    start = list_start(action, "Channel status will follow")
    return start + rows + list_end(action, "StatusComplete", count, ("Items", str(count)))


def _bridges(pbx: Pbx, action: Action) -> dict[str, tuple[str, int, str]]:
    """By id: the bridge's own headers, how many members are shown, and their rows. The parking lot is one for all."""
    parked_count, parked_rows = 0, ""
    found: dict[str, tuple[str, int, str]] = {}
    for call in pbx.calls():
        for own, members in call.scene().bridges.values():
            headers = own.fill(call.values).decode("utf-8", "surrogateescape")
            bridge = headers.split("\r\n", 1)[0].removeprefix("BridgeUniqueid: ")
            if bridge == pbx.parking_bridge:
                parked_count += members.count
                parked_rows += _fill(call, members, action)
            else:
                found[bridge] = headers, members.count, _fill(call, members, action)
    parking = (
        f"BridgeUniqueid: {pbx.parking_bridge}\r\nBridgeType: parking\r\nBridgeTechnology: holding_bridge\r\n"
        f"BridgeCreator: Parking\r\nBridgeName: default\r\nBridgeNumChannels: {parked_count}\r\n"
        "BridgeVideoSourceMode: none\r\n"
    )
    found[pbx.parking_bridge] = parking, parked_count, parked_rows
    return found


def _bridge_list(action: Action, pbx: Pbx) -> str:
    bridges = _bridges(pbx, action)
    rows = ["Event: BridgeListItem\r\n" + id_line(action) + headers + "\r\n" for headers, _, _ in bridges.values()]
    start = list_start(action, "Bridge listing will follow")
    return start + "".join(rows) + list_end(action, "BridgeListComplete", len(rows))


def _bridge_info(action: Action, pbx: Pbx) -> str:
    wanted = action.get("BridgeUniqueid")
    if not wanted:
        return error(action, "BridgeUniqueid must be provided")
    known = _bridges(pbx, action).get(wanted)
    if known is None:
        return error(action, "Specified BridgeUniqueid not found")
    headers, count, rows = known
    end = list_end(action, "BridgeInfoComplete", count).removesuffix("\r\n") + headers + "\r\n"
    return list_start(action, "Bridge channel listing will follow") + rows + end


def _queue_status(action: Action, pbx: Pbx) -> str:
    waiting: dict[str, list[str]] = {}
    for call in pbx.calls():
        for queue, rows in call.scene().queue_entries.items():
            waiting.setdefault(queue, []).append(_fill(call, rows, action))
    count, texts = 0, []
    for queue in dict.fromkeys((*QUEUES, *waiting)):
        strategy, members = QUEUES.get(queue, ("ringall", ()))
        entries = waiting.get(queue, [])
        texts.append(_queue_params(queue, strategy, len(entries), action))
        texts += [_queue_member(queue, *member, pbx, action) for member in members]
        texts += entries
        count += 1 + len(members) + len(entries)
    start = list_start(action, "Queue status will follow")
    return start + "".join(texts) + list_end(action, "QueueStatusComplete", count)


def _queue_params(queue: str, strategy: str, calls: int, action: Action) -> str:
    return (
        f"Event: QueueParams\r\nQueue: {queue}\r\nMax: 0\r\nStrategy: {strategy}\r\nCalls: {calls}\r\n"
        "Holdtime: 0\r\nTalkTime: 0\r\nCompleted: 0\r\nAbandoned: 0\r\nServiceLevel: 0\r\n"
        "ServicelevelPerf: 0.0\r\nServicelevelPerf2: 0.0\r\nWeight: 0\r\n" + id_line(action) + "\r\n"
    )


def _queue_member(queue: str, name: str, location: str, interface: str, pbx: Pbx, action: Action) -> str:
    return (
        f"Event: QueueMember\r\nQueue: {queue}\r\nName: {name}\r\nLocation: {location}\r\n"
        f"StateInterface: {interface}\r\nMembership: static\r\nPenalty: 0\r\nCallsTaken: 0\r\nLastCall: 0\r\n"
        f"LastPause: 0\r\nLoginTime: {int(pbx.booted)}\r\nInCall: 0\r\nStatus: 1\r\nPaused: 0\r\n"
        "PausedReason: \r\nWrapuptime: 0\r\n" + id_line(action) + "\r\n"
    )


def _parked_calls(action: Action, pbx: Pbx) -> str:
    count, rows = _rows(action, ((call, call.scene().parked) for call in pbx.calls()))
    start = list_start(action, "Parked calls will follow")
    return start + rows + list_end(action, "ParkedCallsComplete", count, ("Total", str(count)))


def _getvar(action: Action, pbx: Pbx) -> str:
    variable, channel = action.get("Variable"), action.get("Channel")
    if not variable:
        return error(action, "No variable specified")
    value = ""
    if channel:
        call = pbx.call_of(channel)
        leg = call.leg_named(channel) if call is not None else None
        if call is None or leg is None:
            return error(action, "No such channel")
        if variable in ("CALLERID(pres)", "CALLERID(num-pres)"):
            arrived = "prohib_not_screened" if call.withheld and leg.dnid else "allowed_not_screened"
            value = leg.presentation or arrived
    return success(action, ("Variable", variable), ("Value", value))


def _list_commands(action: Action, account: Account) -> str:
    lines = [
        (name, f"{synopsis}.  (Priv: {_rights_text(rights)})")
        for name, synopsis, rights, _ in ACTIONS
        if not rights or rights & account.write
    ]
    return success(action, *lines)


def _rights_text(rights: frozenset[str]) -> str:
    order = ("system", "call", "agent", "reporting")
    return ",".join([right for right in order if right in rights] + ["all"]) if rights else "<none>"


_ANY: frozenset[str] = frozenset()
_CORE = frozenset({"system", "reporting"})
_CALL = frozenset({"call", "reporting"})

ACTIONS: tuple[tuple[str, str, frozenset[str], Answer], ...] = (
    ("BridgeInfo", "Get information about a bridge", _ANY, _bridge_info),
    ("BridgeList", "Get a list of bridges in the system", _ANY, _bridge_list),
    ("CoreSettings", "Show PBX core settings (version etc)", _CORE, _core_settings),
    ("CoreShowChannels", "List currently active channels", _CORE, _core_show_channels),
    ("CoreStatus", "Show PBX core status variables", _CORE, _core_status),
    ("Getvar", "Gets a channel variable or function value", _CALL, _getvar),
    ("ParkedCalls", "List parked calls", frozenset({"call"}), _parked_calls),
    ("Ping", "Keepalive command", _ANY, _ping),
    ("QueueStatus", "Show queue status", _ANY, _queue_status),
    ("Status", "List channel status", _CORE | _CALL, _status),
)
_BY_NAME = {name.lower(): (rights, answer) for name, _, rights, answer in ACTIONS}


def answer(action: Action, account: Account, pbx: Pbx) -> str:
    """The whole answer to an action of a client that is logged in; Login, Events and Logoff are the session's."""
    if action.name.lower() == "listcommands":
        return _list_commands(action, account)
    known = _BY_NAME.get(action.name.lower())
    if known is None:
        unknown = f"Invalid/unknown command: {action.name}. Use Action: ListCommands to show available commands."
        return error(action, unknown)
    rights, make = known
    if rights and not rights & account.write:
        return error(action, "Permission denied")
    return make(action, pbx)
