"""Which legs there are after the first n events of a recording, and what a FreeSWITCH would tell of each.

Two memories, as in the real one: the rows of its database, which few events write to (what `show` lists), and the
channel itself (what `uuid_dump` tells).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.demo.recording import Headers, RecordedEvent

COLUMNS = (
    "uuid", "direction", "created", "created_epoch", "name", "state", "cid_name", "cid_num", "ip_addr", "dest",
    "application", "application_data", "dialplan", "context", "read_codec", "read_rate", "read_bit_rate",
    "write_codec", "write_rate", "write_bit_rate", "secure", "hostname", "presence_id", "presence_data",
    "accountcode", "callstate", "callee_name", "callee_num", "callee_direction", "call_uuid", "sent_callee_name",
    "sent_callee_num", "initial_cid_name", "initial_cid_num", "initial_ip_addr", "initial_dest", "initial_dialplan",
    "initial_context",
)  # fmt: skip
OF_CHANNEL = ("Channel-", "Caller-", "Other-")
BASIC = frozenset({"Unique-ID", "Call-Direction", "Presence-Call-Direction", "Answer-State", "Hangup-Cause"})
NOT_KEPT = frozenset({"Channel-Call-State-Number"})
PASSING = frozenset({"CS_NEW", "CS_INIT", "CS_HANGUP", "CS_REPORTING", "CS_DESTROY"})
"""States that the database never hears of."""
PEER = ("variable_bridge_to", "variable_last_bridge_to", "variable_bridge_uuid", "variable_signal_bond")
"""What a bridge writes into its two channels once its event is sent: the other one."""

Row = dict[str, str]


@dataclass(slots=True)
class Leg:
    """One living session. `created` is microseconds. `basic` and `variables` are what its channel has."""

    created: int
    row: Row
    basic: Row = field(default_factory=dict)
    variables: Row = field(default_factory=dict)
    going: bool = False  # hung up: it can't be asked any more

    @property
    def headers(self) -> Headers:
        """What a dump of its channel tells."""
        return (*self.basic.items(), *self.variables.items())


@dataclass(frozen=True, slots=True)
class Bridge:
    """Who bridged whom, and when (microseconds)."""

    a: str
    b: str
    since: int


@dataclass(slots=True)
class Board:
    """Everything alive after some events."""

    legs: dict[str, Leg] = field(default_factory=dict)
    bridges: dict[str, Bridge] = field(default_factory=dict)

    def take(self, event: RecordedEvent) -> None:
        """Fold one event in."""
        given = dict(event.headers)
        uuid = given.get("Unique-ID", "")
        if event.name == "CHANNEL_CREATE":
            self.legs[uuid] = Leg(int(given["Caller-Channel-Created-Time"]), _first_row(given))
        leg = self.legs.get(uuid)
        if leg is None:
            return
        self._tell_channel(leg, event)
        self._tell_database(leg.row, given)
        match event.name:
            case "CHANNEL_BRIDGE":
                self._bridged(given)
            case "CHANNEL_UNBRIDGE":
                self._unbridged(given["Bridge-A-Unique-ID"])
            case "CHANNEL_HANGUP":
                leg.going = True
            case "CHANNEL_DESTROY":
                del self.legs[uuid]
                self._unbridged(uuid)
            case _:
                pass

    def _tell_channel(self, leg: Leg, event: RecordedEvent) -> None:
        basic = {k: v for k, v in event.headers if k in BASIC or k.startswith(OF_CHANNEL)}
        leg.basic = {k: v for k, v in basic.items() if k not in NOT_KEPT}
        variables = {k: v for k, v in event.headers if k.startswith("variable_")}
        if variables:
            leg.variables = variables

    def _tell_database(self, row: Row, given: Row) -> None:
        name, state = given["Event-Name"], given.get("Channel-State", "")
        match name:
            case "CHANNEL_STATE" if state == "CS_ROUTING":
                row |= {"state": state, **_profile(given)}
            case "CHANNEL_STATE" if state not in PASSING:
                row["state"] = state
            case "CHANNEL_CALLSTATE" if given["Channel-Call-State"] not in ("DOWN", "HANGUP"):
                row["callstate"] = given["Channel-Call-State"]
            case "CHANNEL_EXECUTE":
                row |= {
                    "application": given.get("Application", ""),
                    "application_data": given.get("Application-Data", ""),
                }
                row |= _presence(given)
            case "CHANNEL_ORIGINATE":
                row |= {**_presence(given), "call_uuid": given["Channel-Call-UUID"]}
            case "CALL_UPDATE":
                row |= {
                    "callee_name": given["Caller-Callee-ID-Name"], "callee_num": given["Caller-Callee-ID-Number"],
                    "sent_callee_name": given.get("Sent-Callee-ID-Name", ""),
                    "sent_callee_num": given.get("Sent-Callee-ID-Number", ""),
                    "callee_direction": given.get("Direction", ""),
                    "cid_name": given["Caller-Caller-ID-Name"], "cid_num": given["Caller-Caller-ID-Number"],
                }  # fmt: skip
            case _:
                pass
        for way in ("Read", "Write"):
            if f"Channel-{way}-Codec-Name" in given:
                row |= _codec(given, way)

    def _bridged(self, given: Row) -> None:
        a, b = given["Bridge-A-Unique-ID"], given["Bridge-B-Unique-ID"]
        self.bridges[a] = Bridge(a, b, int(given["Event-Date-Timestamp"]))
        for uuid, other in ((a, b), (b, a)):
            leg, peer = self.legs.get(uuid), self.legs.get(other)
            if leg is not None and peer is not None:
                leg.row["call_uuid"] = a
                leg.variables |= dict.fromkeys(PEER, other) | {"variable_bridge_channel": peer.row["name"]}

    def _unbridged(self, uuid: str) -> None:
        for bridge in [one for one in self.bridges.values() if uuid in (one.a, one.b)]:
            del self.bridges[bridge.a]
            for end in (bridge.a, bridge.b):
                if end in self.legs:
                    self.legs[end].row["call_uuid"] = end


def _first_row(given: Row) -> Row:
    initial = {
        "initial_cid_name": given.get("Caller-Caller-ID-Name", ""),
        "initial_cid_num": given.get("Caller-Caller-ID-Number", ""),
        "initial_ip_addr": given.get("Caller-Network-Addr", ""),
        "initial_dest": given.get("Caller-Destination-Number", ""),
        "initial_dialplan": given.get("Caller-Dialplan", ""),
        "initial_context": given.get("Caller-Context", ""),
    }
    return dict.fromkeys(COLUMNS, "") | initial | {
        "uuid": given["Unique-ID"], "direction": given["Call-Direction"], "name": given["Channel-Name"],
        "state": given["Channel-State"], "callstate": given["Channel-Call-State"],
        "dialplan": initial["initial_dialplan"], "context": initial["initial_context"],
        "hostname": given["FreeSWITCH-Switchname"],
    }  # fmt: skip


def _profile(given: Row) -> Row:
    return {
        "cid_name": given.get("Caller-Caller-ID-Name", ""), "cid_num": given.get("Caller-Caller-ID-Number", ""),
        "callee_name": given.get("Caller-Callee-ID-Name", ""), "callee_num": given.get("Caller-Callee-ID-Number", ""),
        "ip_addr": given.get("Caller-Network-Addr", ""), "dest": given.get("Caller-Destination-Number", ""),
        "dialplan": given.get("Caller-Dialplan", ""), "context": given.get("Caller-Context", ""),
        **_presence(given),
    }  # fmt: skip


def _presence(given: Row) -> Row:
    """Written only where there is one."""
    if not given.get("Channel-Presence-ID"):
        return {}
    return {
        "presence_id": given["Channel-Presence-ID"], "presence_data": given.get("Channel-Presence-Data", ""),
        "accountcode": given.get("variable_accountcode", ""),
    }  # fmt: skip


def _codec(given: Row, way: str) -> Row:
    codec, column = f"Channel-{way}-Codec-", way.lower()
    return {
        f"{column}_codec": given[codec + "Name"], f"{column}_rate": given[codec + "Rate"],
        f"{column}_bit_rate": given[codec + "Bit-Rate"],
    }  # fmt: skip


def board_after(events: Iterable[RecordedEvent]) -> Board:
    """Fold events into a board."""
    board = Board()
    for event in events:
        board.take(event)
    return board
