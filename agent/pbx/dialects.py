"""The PBXs this program speaks to. A new one is a folder beside asterisk/, and one entry here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.findings import Finding
from agent.pbx.asterisk.adapter import AsteriskAdapter
from agent.pbx.events import LegEvent
from agent.pbx.freeswitch.adapter import FreeswitchAdapter
from agent.pbx.link import Session
from agent.pbx.tape import Tape

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Where:
    """How to log in, and how to tell calls from outside.

    `nonce`: unguessable, a new one for each connection. `known_trunks`: ends through which calls from outside came.
    """

    user: str
    secret: str
    inbound_contexts: tuple[str, ...]
    trunk_channels: tuple[str, ...]
    nonce: Callable[[], str]
    ask_attestation: bool = False
    known_trunks: frozenset[str] = frozenset()


class Adapter(Protocol):
    """What one PBX's folder offers; one object serves one link for its whole life."""

    def open_session(self) -> Session:
        """A session for a new connection."""

    def open_tape(self) -> Tape:
        """A tape for a new connection (`secondring record`)."""

    async def probe(self, host: str, port: int, files: Path | None, watch: float) -> list[Finding]:
        """What doctor finds about the PBX there: stable ids that begin with `pbx-`. Never raises for the PBX's faults.

        `files`: where the PBX's own configuration is, if not in its usual place; `watch`: seconds to look at events.
        """

    def translate(self, message: Sequence[Header]) -> list[LegEvent]:
        """What one recorded message says (trace.py)."""

    def answered(self, question: object, reply: Sequence[Header]) -> list[LegEvent]:
        """What a recorded answer to a question asked live says."""

    def recorded(self, records: Path, since: float, until: float) -> Iterator[tuple[float, LegEvent]]:
        """What the PBX's own records say about legs, each event with its time, from a long call before `since`.

        Times are epoch seconds. Blocks while reading. Raises RecordsTrouble.
        """


ADAPTERS: dict[str, Callable[[Where], Adapter]] = {
    "asterisk": AsteriskAdapter,
    "freeswitch": FreeswitchAdapter,
}
