"""A peer on the manager port that may write anything, cut anywhere: a named error and a closed link at worst."""

from agent.demo.asterisk.recording import catalogue
from agent.pbx.asterisk.dialect import TORN_LIMIT, Dialect
from agent.pbx.asterisk.reader import BANNER_LIMIT, FRAME_LIMIT
from agent.pbx.asterisk.session import MOST_QUESTIONS, Session
from tests.fuzz import wire

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


def check(listener: Session) -> None:
    """What holds after every piece."""
    check_sizes(listener)
    check_questions(listener.outgoing())


def listen(data: bytes) -> None:
    """As wire.listen says."""
    wire.listen(data, BEGINS, session, check)


def seeds() -> list[bytes]:
    """The recordings on the wire, cut and whole, and the greetings."""
    found = [b"\x00\x00" + LOGIN + LISTED, b"\x02\x01\x07" + LISTED]
    for place, recording in enumerate(catalogue().values()):
        frames = ("\r\n".join(f"{k}: {v}" for k, v in event.headers) for event in recording.events)
        sent = "".join(f"{frame}\r\n\r\n" for frame in frames).encode()
        found.append(b"\x03\x02" + bytes((place * 7 % 250 + 1, 255)) + sent[:12_000])
    return found


WORDS = (
    "Event: ", "Newchannel", "Newstate", "Newexten", "DialState", "DialEnd", "BridgeEnter", "BridgeLeave", "Hangup",
    "HangupRequest", "SoftHangupRequest", "QueueCallerJoin", "QueueCallerLeave", "VarSet", "Status", "FullyBooted",
    "\\x0d\\x0a", "\\x0d\\x0a\\x0d\\x0a", "Privilege: call,all", "Channel: PJSIP/trunk-00000001", "ChannelState: 4",
    "CallerIDNum: ", "Context: from-trunk", "Exten: ", "Uniqueid: 1", "Linkedid: 1", "DialStatus: ", "Cause: 17",
    "BridgeUniqueid: b", "BridgeType: basic", "BridgeTechnology: simple_bridge", "ActionID: n0nce-", "Response: ",
    "Local/s@x-1;1", "<unknown>", "CALLINGNUMPRES_SV", "prohib", "Value: ", "Application: VoiceMail", "Shutdown",
)  # fmt: skip
