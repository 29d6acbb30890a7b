"""A session with a tape running along: what goes out and comes in, for `secondring record`."""

from collections.abc import Callable

from agent.pbx.events import LegEvent
from agent.pbx.link import Session
from agent.pbx.tape import Tape, Taped


class TapedSession:
    """A session that does what it always does, while a tape runs along."""

    def __init__(self, session: Session, tape: Tape, keep: Callable[[Taped], None]) -> None:
        self._session = session
        self._tape = tape
        self._keep = keep
        self.goodbye = ""

    @property
    def is_live(self) -> bool:
        return self._session.is_live

    @property
    def is_booting(self) -> bool:
        return self._session.is_booting

    def feed(self, data: bytes) -> list[LegEvent]:
        """Bytes in, events out. Raises Trouble."""
        events = self._session.feed(data)
        self.goodbye = self._session.goodbye
        for taped in self._tape.heard(data):
            self._keep(taped)
        return events

    def outgoing(self) -> bytes:
        out = self._session.outgoing()
        self._tape.sent(out)
        return out + self._tape.questions()

    def ping(self) -> None:
        self._session.ping()

    def list_anew(self) -> list[LegEvent]:
        return self._session.list_anew()

    def log_off(self) -> None:
        self._session.log_off()
