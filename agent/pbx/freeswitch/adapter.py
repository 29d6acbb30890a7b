"""FreeSWITCH as the rest of the program meets it: sessions for a link, messages for a replay."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from agent.findings import Finding
from agent.pbx.events import LegEvent
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.records import recorded_events
from agent.pbx.freeswitch.session import Session
from agent.pbx.freeswitch.tape import FreeswitchTape


class Where(Protocol):
    """How to log in and what is inbound (agent.pbx.dialects.Where)."""

    @property
    def user(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def inbound_contexts(self) -> tuple[str, ...]: ...
    @property
    def trunk_channels(self) -> tuple[str, ...]: ...


class FreeswitchAdapter:
    """One PBX's dialect, kept over all its connections."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._dialect = Dialect(where.inbound_contexts, where.trunk_channels)
        self._session: Session | None = None

    def open_session(self) -> Session:
        """A session for a new connection; it knows which core was met last."""
        core = self._session.core if self._session else ""
        self._session = Session(_directory_user(self._where.user), self._where.secret, self._dialect, core)
        return self._session

    def open_tape(self) -> FreeswitchTape:
        """A tape for a new connection."""
        return FreeswitchTape()

    async def probe(self, host: str, port: int, files: Path | None, watch: float) -> list[Finding]:
        """What doctor finds. `files`: where event_socket.conf.xml is, if not in /etc/freeswitch/autoload_configs."""
        from agent.pbx.freeswitch.probe import Aim, probe  # only doctor needs these
        from agent.pbx.freeswitch.socket_seen import Patterns

        where = self._where
        user = _directory_user(where.user)
        inbound = Patterns(where.inbound_contexts, where.trunk_channels)
        aim = Aim(host, port, user, where.secret, inbound, files)
        return await probe(self.open_session(), aim, watch)

    def translate(self, message: Sequence[tuple[str, str]]) -> list[LegEvent]:
        """What one recorded message says."""
        return list(self._dialect.translate(dict(reversed(message))))  # of a header that comes twice the first counts

    def answered(self, question: object, reply: Sequence[tuple[str, str]]) -> list[LegEvent]:
        """Nothing: an event tells all there is to know of a caller, and no question is asked about one."""
        return []

    def recorded(self, records: Path, since: float, until: float) -> Iterator[tuple[float, LegEvent]]:
        """What FreeSWITCH's own records say about legs, from a long call before `since` (epoch s).

        Raises RecordsTrouble.
        """
        return recorded_events(records, since, until, self._where)


def _directory_user(user: str) -> str:
    """A user of the directory has a domain; any other name is nobody's here: the socket's own password is used."""
    return user if "@" in user else ""
