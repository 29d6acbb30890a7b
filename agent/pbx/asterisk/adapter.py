"""Asterisk as the rest of the program meets it: sessions for a link, messages for a replay."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from agent.findings import Finding
from agent.pbx.asterisk.channels import withheld_by
from agent.pbx.asterisk.dialect import Dialect
from agent.pbx.asterisk.records import recorded_events
from agent.pbx.asterisk.session import Session
from agent.pbx.asterisk.tape import AsteriskTape
from agent.pbx.events import LegEvent, LegListed, LegWithheld


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
    @property
    def nonce(self) -> Callable[[], str]: ...
    @property
    def ask_attestation(self) -> bool: ...
    @property
    def known_trunks(self) -> frozenset[str]: ...


class AsteriskAdapter:
    """One PBX's dialect, kept over all its connections."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._dialect = Dialect(where.inbound_contexts, where.trunk_channels)
        self._dialect.trunks.ends.update(where.known_trunks)
        self._session: Session | None = None

    def open_session(self) -> Session:
        """A session for a new connection; it knows when the PBX last started."""
        startup = self._session.startup if self._session else ""
        where = self._where
        self._session = Session(
            where.user, where.secret, self._dialect, where.nonce(), startup, ask_attestation=where.ask_attestation
        )
        return self._session

    def open_tape(self) -> AsteriskTape:
        """A tape for a new connection."""
        return AsteriskTape()

    async def probe(self, host: str, port: int, files: Path | None, watch: float) -> list[Finding]:
        """What doctor finds. `files`: where manager.conf is, if not in /etc/asterisk."""
        from agent.pbx.asterisk.probe import Aim, probe  # only doctor needs it

        where = self._where
        aim = Aim(host, port, where.user, (where.inbound_contexts, where.trunk_channels), files)
        return await probe(self.open_session(), aim, watch)

    def translate(self, message: Sequence[tuple[str, str]]) -> list[LegEvent]:
        """What one recorded message says. Its headers are put back on the wire, so that it takes the live way."""
        wire = "\r\n".join(f"{name}: {value}" for name, value in message).encode("utf-8", "surrogateescape")
        said = [event for frame in wire.split(b"\r\n\r\n") for event in self._dialect.translate(frame.lstrip())]
        return [event for event in said if not isinstance(event, LegListed)]

    def answered(self, question: object, reply: Sequence[tuple[str, str]]) -> list[LegEvent]:
        """What a recorded answer says about the caller whose channel or leg `question` names."""
        asked, said = _flat(question), dict(reply)
        withheld = withheld_by(said.get("Value", ""))
        if withheld is None:
            return []
        names = self._dialect.trunks.channels.items()
        return [LegWithheld(leg, leg, withheld) for leg, channel in names if leg in asked or channel in asked]

    def recorded(self, records: Path, since: float, until: float) -> Iterator[tuple[float, LegEvent]]:
        """What CEL or CDR files say about legs, from a long call before `since` (epoch s). Raises RecordsTrouble."""
        return recorded_events(records, since, until, self._where)


def _flat(question: object) -> set[str]:
    """Every word of a recorded question, whatever its shape."""
    if isinstance(question, str):
        return {question}
    if isinstance(question, dict):
        return {word for value in question.values() for word in _flat(value)}
    if isinstance(question, (list, tuple)):
        return {word for value in question for word in _flat(value)}
    return set()
