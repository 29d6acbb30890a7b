"""Every lasting condition the program can be in: its code, how bad it is, what it means, what mends it.

One list for the log, `systemctl status`, doctor and whatever shows health later. A condition is said once when it
begins and once when it is over.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

log = logging.getLogger(__name__)


class Severity(Enum):
    """How much it hurts."""

    LOW = logging.INFO
    WARNING = logging.WARNING
    ERROR = logging.ERROR


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of condition."""

    code: str
    severity: Severity
    meaning: str
    remedy: str


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "pbx-unreachable",
            Severity.ERROR,
            "The PBX can't be reached; calls are not seen.",
            "Check that it runs, that its event interface is enabled, and `[pbx] host` and `port`.",
        ),
        Kind(
            "pbx-not-recognised",
            Severity.ERROR,
            "Something else answers on the PBX's port; calls are not seen.",
            "Check `[pbx] kind`, `host` and `port`.",
        ),
        Kind(
            "pbx-login-refused",
            Severity.ERROR,
            "The PBX refuses the login; calls are not seen.",
            "Compare `[pbx] user` and its secret with the PBX's, and see that it may connect from this machine.",
        ),
        Kind(
            "pbx-rights-missing",
            Severity.ERROR,
            "The PBX user may log in but lacks rights; calls are not seen.",
            "Give it the rights of the shipped user (pbx-config/).",
        ),
        Kind(
            "pbx-booting",
            Severity.WARNING,
            "The PBX hasn't finished booting.",
            "It is tried again until it has.",
        ),
        Kind(
            "pbx-silent",
            Severity.ERROR,
            "The PBX doesn't answer any more; the link is made anew.",
            "Look at the PBX's load and the network between.",
        ),
        Kind(
            "pbx-stopped", Severity.WARNING, "The PBX was stopped or restarts.", "It is tried again until it is back."
        ),
        Kind(
            "pbx-closed",
            Severity.WARNING,
            "The PBX closed the link; it is made anew and the calls in flight are listed again.",
            "If it happens often, look at the PBX's log and load.",
        ),
        Kind(
            "pbx-garbled",
            Severity.ERROR,
            "The PBX's port sends what can't be read; the link is made anew.",
            "Look at what listens on that port.",
        ),
        Kind(
            "pbx-overrun",
            Severity.ERROR,
            "News came faster than it could be written; the link was closed and the calls are listed again.",
            "Look at the disk the ledger is on.",
        ),
        Kind(
            "disk-full",
            Severity.ERROR,
            "The ledger can't be written; calls are followed in memory, nothing is texted.",
            "Free space on the ledger's disk.",
        ),
        Kind(
            "ledger-refused",
            Severity.ERROR,
            "The ledger refused to take a piece of news about a call; that call is not decided.",
            "This is a fault of the program: please report it with the journal's lines around it.",
        ),
        Kind(
            "sending-stopped",
            Severity.ERROR,
            "The provider refuses the whole account or sender; nothing is sent.",
            "Mend it at the provider (`secondring doctor` shows what), then `secondring resume`.",
        ),
        Kind(
            "provider-unreachable",
            Severity.WARNING,
            "The SMS provider didn't answer as it should; texts wait or are of unknown fate.",
            "Check the network and the provider's status page; `secondring doctor` tries it.",
        ),
        Kind(
            "country-refused",
            Severity.WARNING,
            "The provider refuses texts to a country.",
            "Allow the country at the provider (geo permissions), or take it out of `[limits] countries`.",
        ),
        Kind(
            "cap-reached",
            Severity.WARNING,
            "So many texts were sent that a cap stopped further ones.",
            "Look at `secondring calls`: an attack or a fault? If all is well, raise `[limits] per_hour` or `per_day`.",
        ),
        Kind(
            "urgent-unheard",
            Severity.ERROR,
            "An urgent caller waits, and nobody has acknowledged.",
            "`secondring urgent` shows who. Call, then `secondring urgent close NUMBER`.",
        ),
        Kind(
            "notice-failed",
            Severity.WARNING,
            "A notice to staff about an urgent caller couldn't be delivered.",
            "Check `notify` and `notify_file` of that person under `[[staff]]`.",
        ),
        Kind(
            "web-unavailable",
            Severity.ERROR,
            "The web server can't listen; replies are fetched instead of posted.",
            "Another program has the port, or the address isn't this machine's: check `[web] listen`.",
        ),
        Kind(
            "records-unreadable",
            Severity.WARNING,
            "Calls of an outage couldn't be read from the PBX's records.",
            "Set `[pbx] records` and give the service's user the right to read them.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition in force, since when (epoch s), and what was seen."""

    kind: Kind
    since: float
    detail: str


class Health:
    """The conditions in force."""

    def __init__(self, clock: Callable[[], float], changed: Callable[[str], None] = lambda _: None) -> None:
        self._clock = clock
        self._changed = changed
        self.current: dict[str, Condition] = {}

    def begin(self, code: str, detail: str) -> None:
        """A condition is in force. Said only if it wasn't."""
        if code in self.current:
            return
        kind = KINDS[code]
        self.current[code] = Condition(kind, self._clock(), detail)
        log.log(kind.severity.value, "condition=%s began: %s Remedy: %s", code, detail or kind.meaning, kind.remedy)
        self._changed(self.sentence())

    def end(self, code: str) -> None:
        """A condition is over. Said only if it was in force."""
        condition = self.current.pop(code, None)
        if condition is not None:
            seconds = self._clock() - condition.since
            log.info("condition=%s is over after %.0f s", code, seconds)
            self._changed(self.sentence())

    def end_all(self, prefix: str) -> None:
        """Every condition whose code begins so is over."""
        for code in [code for code in self.current if code.startswith(prefix)]:
            self.end(code)

    def sentence(self) -> str:
        """How things stand, in one line."""
        if not self.current:
            return "Watching the PBX; all is well."
        return " ".join(condition.kind.meaning for condition in self.current.values())
