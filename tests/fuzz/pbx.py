"""A peer on the manager port that may write anything, cut anywhere: a named error and a closed link at worst."""

from agent.calls.tracker import Tracker
from agent.calls.verdicts import RingPlan
from agent.demo.recording import catalogue
from agent.pbx.asterisk.dialect import TORN_LIMIT, Dialect
from agent.pbx.asterisk.reader import BANNER_LIMIT, FRAME_LIMIT
from agent.pbx.asterisk.session import MOST_QUESTIONS, Session
from agent.pbx.events import LegEvent, Listed, ListingBegins
from agent.pbx.trouble import Trouble

NONCE = "n0nce"
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
LOGIN = (
    GREETING + b"Response: Success\r\nActionID: n0nce-login\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 9\r\nLastReload: 9\r\nStatus: Fully Booted\r\n\r\n"
    b"Response: Success\r\nActionID: n0nce-core\r\nCoreStartupDate: 2026-11-24\r\nCoreStartupTime: 06:41:26\r\n\r\n"
)
LISTED = (
    b"Event: StatusComplete\r\nActionID: n0nce-status2\r\nItems: 0\r\n\r\n"
    b"Event: BridgeListComplete\r\nActionID: n0nce-bridges3\r\n\r\n"
)
BEGINS = (b"", GREETING, LOGIN, LOGIN + LISTED)
ACTIONS = frozenset({b"Login", b"CoreStatus", b"Status", b"BridgeList", b"Getvar", b"Ping", b"Logoff"})


def session() -> Session:
    """A new connection's session, nothing heard yet."""
    return Session("secondring", "secret", Dialect(("from-trunk",)), NONCE)


def pieces(wire: bytes, cuts: bytes) -> list[bytes]:
    """The wire, cut after so many bytes each time, round and round; 0 cuts off the rest."""
    parts, at, turn = [], 0, 0
    while at < len(wire):
        size = (cuts[turn % len(cuts)] if cuts else 0) or len(wire)
        parts.append(wire[at : at + size])
        at, turn = at + size, turn + 1
    return parts


def hear(parts: list[bytes]) -> tuple[list[LegEvent], bool]:
    """All that the parts say, and whether the link was closed over them."""
    listener, events = session(), list[LegEvent]()
    for part in parts:
        try:
            events += listener.feed(part)
        except Trouble:
            return events, True
        check_sizes(listener)
        check_questions(listener.outgoing())
    return events, False


def check_sizes(listener: Session) -> None:
    """Nothing grows beyond its bound, whatever came."""
    assert len(listener._reader._rest) <= FRAME_LIMIT + BANNER_LIMIT
    assert len(listener._dialect._torn) <= FRAME_LIMIT + TORN_LIMIT
    assert len(listener._questions) <= MOST_QUESTIONS + 2


def check_questions(out: bytes) -> None:
    """Whatever a channel is called, it puts no action of its own into what is asked."""
    for asked in out.split(b"\r\n\r\n")[:-1]:
        lines = asked.split(b"\r\n")
        assert lines[0].partition(b": ")[2] in ACTIONS, asked
        assert sum(line.lower().startswith(b"action:") for line in lines) == 1, asked
        assert b"\n" not in asked.replace(b"\r\n", b""), asked


def listen(data: bytes) -> None:
    """Byte 0: how far the login has come; byte 1: how many bytes of cuts follow; then the wire."""
    if len(data) < 3:
        return
    begin, count = BEGINS[data[0] % len(BEGINS)], data[1] % 16
    cuts, wire = data[2 : 2 + count], begin + data[2 + count :]
    events, closed = hear(pieces(wire, cuts))
    whole, also_closed = hear([wire])
    if not closed and not also_closed:
        assert events == whole, "the same bytes say something else when cut elsewhere"
    follow(events)


def follow(events: list[LegEvent]) -> None:
    """Track them, a tenth of a second apart, let every limit pass, and list nothing: nothing may be left."""
    tracker = Tracker(lambda _: RingPlan(ring_limit=6.0))
    now = 1000.0
    for event in events:
        now += 0.1
        for verdict in (*tracker.take(now, event), *tracker.tick(now)):
            assert verdict.call.id
    tracker.tick(now + 100.0)
    tracker.take(now + 101.0, ListingBegins())
    tracker.take(now + 102.0, Listed(()))
    assert not tracker.in_flight
    assert len(tracker) == 0, "legs are left after a listing without any"


def seeds() -> list[bytes]:
    """The recordings on the wire, cut and whole, and the greetings."""
    found = [b"\x00\x00" + LOGIN + LISTED, b"\x02\x01\x07" + LISTED]
    for place, recording in enumerate(catalogue().values()):
        frames = ("\r\n".join(f"{k}: {v}" for k, v in event.headers) for event in recording.events)
        wire = "".join(f"{frame}\r\n\r\n" for frame in frames).encode()
        found.append(b"\x03\x02" + bytes((place * 7 % 250 + 1, 255)) + wire[:12_000])
    return found


WORDS = (
    "Event: ", "Newchannel", "Newstate", "Newexten", "DialState", "DialEnd", "BridgeEnter", "BridgeLeave", "Hangup",
    "HangupRequest", "SoftHangupRequest", "QueueCallerJoin", "QueueCallerLeave", "VarSet", "Status", "FullyBooted",
    "\\x0d\\x0a", "\\x0d\\x0a\\x0d\\x0a", "Privilege: call,all", "Channel: PJSIP/trunk-00000001", "ChannelState: 4",
    "CallerIDNum: ", "Context: from-trunk", "Exten: ", "Uniqueid: 1", "Linkedid: 1", "DialStatus: ", "Cause: 17",
    "BridgeUniqueid: b", "BridgeType: basic", "BridgeTechnology: simple_bridge", "ActionID: n0nce-", "Response: ",
    "Local/s@x-1;1", "<unknown>", "CALLINGNUMPRES_SV", "prohib", "Value: ", "Application: VoiceMail", "Shutdown",
)  # fmt: skip
