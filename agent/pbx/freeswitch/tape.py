"""What is kept of an event socket's connection in a trace: every event. What is asked concerns no single caller."""

import re
from urllib.parse import unquote

from agent.pbx.freeswitch.reader import Reader
from agent.pbx.masking import People
from agent.pbx.tape import Taped

PEOPLE = People(
    names=("Caller-ID-Name", "Callee-ID-Name", "caller_id_name", "callee_id_name", "sip_from_display"),
    texts=frozenset(
        {
            "Application-Data",
            "variable_current_application_data",
            "variable_last_arg",
            "variable_caller_id",
            "variable_sip_full_from",
            "variable_sip_full_to",
            "variable_sip_P-Asserted-Identity",
        }
    ),
)
"""Where names stand; as endings, since a header of another leg carries a prefix (Other-Leg-Caller-ID-Name)."""

_VERSION = re.compile(rb"FreeSWITCH \(Version (\S+)")


class FreeswitchTape:
    """One connection's tape (agent.pbx.tape.Tape)."""

    people = PEOPLE

    def __init__(self) -> None:
        self.version = ""
        self._reader = Reader()

    def sent(self, data: bytes) -> None:
        """Nothing that goes out is worth keeping."""

    def heard(self, data: bytes) -> list[Taped]:
        """The events that `data` completes. Raises what the reader raises."""
        kept = []
        for frame in self._reader.feed(data):
            if frame.kind == "text/event-plain":
                kept.append(Taped(headers(frame.body)))
            elif found := _VERSION.search(frame.body):
                self.version = found[1].decode("ascii", "replace")
        return kept

    def questions(self) -> bytes:
        """None: the version stands in an answer that the session asks for."""
        return b""


def headers(body: bytes) -> list[tuple[str, str]]:
    """All headers of a plain event, in their order."""
    lines = (line.partition(": ") for line in body.decode("utf-8", "replace").split("\n") if line)
    return [(name, unquote(value, errors="replace")) for name, _, value in lines]
