"""A peer on the event socket that may write anything, cut anywhere: a named error and a closed link at worst."""

import gzip
from pathlib import Path

from agent.pbx.freeswitch.dialect import EVENTS, Dialect
from agent.pbx.freeswitch.reader import BODY_LIMIT, HEAD_LIMIT
from agent.pbx.freeswitch.session import SUBSCRIBE, Session
from tests.fuzz import wire

GREETING = b"Content-Type: auth/request\n\n"
LOGIN = GREETING + b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
LISTING = (
    LOGIN
    + b"Content-Type: api/response\nContent-Length: 10\n\nx is ready"
    + b"Content-Type: command/reply\nReply-Text: +OK\n\n" * len(SUBSCRIBE)
    + b"Content-Type: api/response\nContent-Length: 4\n\ncore"
)
LIVE = LISTING + b'Content-Type: api/response\nContent-Length: 15\n\n{"row_count":0}' * 2
BEGINS = (b"", GREETING, LOGIN, LISTING, LIVE)
COMMANDS = (
    "auth ",
    "api status",
    "event plain ",
    "filter ",
    "api global_getvar ",
    "api show ",
    "api uuid_dump ",
)
WIRE = Path(__file__).parents[1] / "traces" / "freeswitch" / "wire"


def session() -> Session:
    """A new connection's session, nothing heard yet."""
    return Session("", "secret", Dialect(("public",)))


def check(listener: Session) -> None:
    """Nothing grows beyond its bound; whatever a leg is called, it puts no command of its own into what is asked."""
    assert len(listener._reader._rest) <= HEAD_LIMIT + BODY_LIMIT
    for asked in listener.outgoing().decode().split("\n\n")[:-1]:
        assert asked.startswith(COMMANDS), asked
        assert "\n" not in asked, asked


def listen(data: bytes) -> None:
    """As wire.listen says."""
    wire.listen(data, BEGINS, session, check)


def seeds() -> list[bytes]:
    """The recordings on the wire, cut and whole, and the greetings."""
    found = [b"\x00\x00" + LIVE, b"\x03\x01\x07" + LIVE[len(LISTING) :]]
    for place, file in enumerate(sorted(WIRE.glob("*.plain.gz"))):
        found.append(b"\x04\x02" + bytes((place * 7 % 250 + 1, 255)) + gzip.decompress(file.read_bytes())[:14_000])
    return found


WORDS = (
    "Content-Length: ", "Content-Type: text/event-plain", "Event-Name: ", *EVENTS, "\\x0a", "\\x0a\\x0a", "%0A",
    "Unique-ID: a", "Call-Direction: inbound", "Caller-Context: public", "Channel-Name: loopback/1-a",
    "Channel-Name: sofia/external/x", "Other-Leg-Unique-ID: a", "Other-Type: originator", "Bridge-A-Unique-ID: a",
    "Bridge-B-Unique-ID: b", "variable_other_loopback_leg_uuid: a", "Application: voicemail", "Application: callcenter",
    "Hangup-Cause: NO_ANSWER", "variable_sip_hangup_disposition: recv_bye", "api/response", "command/reply",
    "text/disconnect-notice", '{"rows":[{"uuid":"a"}]}', "Answer-State: answered", "Caller-Privacy-Hide-Number: true",
)  # fmt: skip
