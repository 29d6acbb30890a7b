"""The other end of an event socket, as a real FreeSWITCH answers: recorded snapshots and events, put on the wire."""

import gzip
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote

from agent.pbx.events import LegEvent
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session

TRACES = Path(__file__).parents[4] / "traces" / "freeswitch"
STREAMS = sorted(path.name.removesuffix(".jsonl.gz") for path in (TRACES / "streams").glob("*.jsonl.gz"))
GREETING = b"Content-Type: auth/request\n\n"
GOODBYE = b"Content-Type: text/disconnect-notice\nContent-Length: 10\n\nGoodbye.\n\n"
RUDE = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"
STATUS = "UP 0 years, 0 days\nFreeSWITCH (Version 1.10.12 64bit) is ready\n"
IDLE = '{"row_count":0}'
CORE = "9502f7c3-a35b-4eb8-a905-06bedfd54d73"


def new_session(user: str = "", password: str = "secret", core: str = "") -> Session:
    """A session that has heard nothing yet."""
    return Session(user, password, Dialect(("public",)), core)


def reply(text: str) -> bytes:
    """The answer to a command."""
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()


def response(body: str) -> bytes:
    """The answer to an `api` command."""
    data = body.encode()
    return b"Content-Type: api/response\nContent-Length: %d\n\n%b" % (len(data), data)


def plain(event: Iterable[tuple[str, str]]) -> bytes:
    """An event as `event plain` sends it."""
    body = "".join(f"{name}: {quote(value, safe=' /:;,<>()@')}\n" for name, value in event) + "\n"
    return f"Content-Length: {len(body)}\nContent-Type: text/event-plain\n\n{body}".encode()


@cache
def stream(name: str) -> tuple[tuple[float, tuple[tuple[str, str], ...]], ...]:
    """A recorded stream: seconds and headers of each event."""
    lines = gzip.decompress((TRACES / "streams" / f"{name}.jsonl.gz").read_bytes()).splitlines()[1:]
    return tuple(
        (line["t"], tuple((n, str(v)) for n, v in line["event"])) for line in map(json.loads, lines) if "event" in line
    )


class Pbx:
    """Answers a session's questions; what it is asked is remembered in `asked`."""

    def __init__(self, snapshot: str = "", core: str = CORE) -> None:
        self.asked: list[str] = []
        self.said: dict[str, str] = {
            "api status": STATUS, "api global_getvar core_uuid": core, "api uptime": "74\n",
            "api show channels as json": IDLE, "api show calls as json": IDLE,
        }  # fmt: skip
        self.denied: frozenset[str] = frozenset()
        self.replies = {"auth secret": "+OK accepted", "userauth": "+OK accepted"}
        if snapshot:
            told = json.loads(gzip.decompress((TRACES / "snapshots" / f"{snapshot}.json.gz").read_bytes()))
            for command in ("show channels as json", "show calls as json"):
                self.said[f"api {command}"] = json.dumps(told[command]["out"])
            for command, dump in told.items():
                if command.startswith("uuid_dump "):
                    self.said[f"api {command} json"] = json.dumps(dump.get("out", dump))

    def answer(self, session: Session) -> list[LegEvent]:
        """Answer everything the session asks until it asks no more; the events that tell it."""
        events: list[LegEvent] = []
        while asked := session.outgoing().decode():
            for command in asked.removesuffix("\n\n").split("\n\n"):
                self.asked.append(command)
                events += session.feed(self.answer_one(command))
        return events

    def answer_one(self, command: str) -> bytes:
        """The answer to one question."""
        if command in self.denied:
            return reply("-ERR permission denied")
        if command.startswith("api "):
            return response(self.said.get(command, "-ERR No such channel!\n"))
        known = (text for words, text in self.replies.items() if command.startswith(words))
        return reply(next(known, "-ERR invalid" if "auth" in command else "+OK"))
