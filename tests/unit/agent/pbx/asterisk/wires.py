"""Recorded streams put back on the wire, and a session that reads them as the live program does."""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agent.calls.tracker import Tracker
from agent.calls.verdicts import Call, News, RingPlan, Verdict
from agent.pbx.asterisk.dialect import Dialect
from agent.pbx.asterisk.session import Session
from agent.pbx.events import LegEvent

TRACES = Path(__file__).parents[4] / "traces" / "asterisk"
CONTEXTS = ("from-pstn*", "from-trunk*", "from-dahdi*")
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
NONCE = "feedc0de"
STARTED = "2026-11-24"

Headers = list[list[str]]


def frame(*headers: tuple[str, str] | list[str]) -> bytes:
    """One message as it stands on the wire."""
    return b"".join(f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in headers) + b"\r\n"


@cache
def stream(name: str) -> tuple[tuple[float, bytes], ...]:
    """A recorded stream: seconds and bytes of each event."""
    with gzip.open(TRACES / "streams" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][1:]
    return tuple((line["t"], frame(*line["event"])) for line in lines if "event" in line)


@cache
def streams() -> tuple[str, ...]:
    """The names of all recorded streams."""
    return tuple(sorted(path.name.removesuffix(".jsonl.gz") for path in (TRACES / "streams").glob("*.jsonl.gz")))


def answer(action: str, *headers: tuple[str, str], response: str = "Success") -> bytes:
    """What the PBX answers to one of our questions."""
    return frame(("Response", response), ("ActionID", f"{NONCE}-{action}"), *headers)


def booted(uptime: int = 74) -> bytes:
    return frame(
        ("Event", "FullyBooted"),
        ("Privilege", "system,all"),
        ("Uptime", str(uptime)),
        ("LastReload", str(uptime)),
        ("Status", "Fully Booted"),
    )


def core_status(started: str = "08:00:00") -> bytes:
    return answer("core", ("CoreStartupDate", STARTED), ("CoreStartupTime", started))


def new_session(dialect: Dialect | None = None, startup: str = "") -> Session:
    return Session("secondring", "secret", dialect or Dialect(CONTEXTS), NONCE, startup)


@dataclass
class Desk:
    """The PBX's side of a session: it answers what is asked."""

    session: Session = field(default_factory=new_session)
    started: str = "08:00:00"
    asked: list[dict[str, str]] = field(default_factory=list)
    events: list[LegEvent] = field(default_factory=list)
    rows: Callable[[str, str], bytes] = lambda status, bridges: b""

    def say(self, data: bytes) -> list[LegEvent]:
        """The PBX sends bytes; what they say about legs. The session's questions are kept in `asked`."""
        said = self.session.feed(data)
        self.events += said
        for action in self.session.outgoing().split(b"\r\n\r\n"):
            if action:
                pairs = (line.partition(": ") for line in action.decode().split("\r\n"))
                self.asked.append({name: value for name, _, value in pairs})
        return said

    def log_in(self, uptime: int = 74) -> None:
        """Banner, login, booted, and up to the question for the living legs."""
        self.say(BANNER)
        self.say(answer("login", ("Message", "Authentication accepted")))
        self.say(booted(uptime))
        self.say(core_status(self.started))

    def go_live(self, uptime: int = 74) -> "Desk":
        """All of it, with the legs of `rows`."""
        self.log_in(uptime)
        status, bridges = self.listing()
        self.say(self.rows(status, bridges))
        self.say(complete("StatusComplete", status) + complete("BridgeListComplete", bridges))
        assert self.session.is_live
        return self

    def listing(self) -> tuple[str, str]:
        """The ids of the two questions of the listing under way."""
        status = [action["ActionID"] for action in self.asked if action["Action"] == "Status"][-1]
        bridges = [action["ActionID"] for action in self.asked if action["Action"] == "BridgeList"][-1]
        return status, bridges

    def questions(self) -> list[dict[str, str]]:
        """What was asked about callers' channels."""
        return [action for action in self.asked if action["Action"] == "Getvar"]


def complete(event: str, question: str) -> bytes:
    return frame(("Event", event), ("ActionID", question), ("EventList", "Complete"), ("ListItems", "0"))


def verdicts(events: Iterable[LegEvent]) -> list[Verdict]:
    """What the tracker makes of events that take no time."""
    tracker = Tracker(lambda _: RingPlan(24.0))
    return [verdict for event in events for verdict in tracker.take(0.0, event)]


def decided(events: Iterable[LegEvent]) -> list[tuple[News, Call]]:
    """The verdict on each inbound call."""
    wanted = (News.MISSED, News.ANSWERED)
    told = [(verdict.news, verdict.call) for verdict in verdicts(events) if verdict.news in wanted]
    return [(news, call) for news, call in told if call.direction.value == "inbound"]
