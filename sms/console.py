"""The console provider: prints a text instead of sending it. For `demo` and for trying a configuration."""

from collections.abc import Collection
from typing import TextIO
from uuid import uuid4

from sms.provider import (
    Accepted,
    Fate,
    Found,
    HookAnswer,
    Inbound,
    NotGenuine,
    NotSent,
    OutgoingText,
    Posted,
    ProviderTrouble,
    Status,
)


class ConsoleProvider:
    """`sms.provider.Provider` onto a text stream. What it printed it can't be asked about afterwards."""

    name = "console"
    asks = False
    hook_answer = HookAnswer(404, "text/plain", b"")
    answers: frozenset[str] = frozenset()

    def __init__(self, out: TextIO) -> None:
        self._out = out

    async def send(self, text: OutgoingText) -> Fate:
        """Print the text. A stream that can't be written to (closed pipe, full disk) gives NotSent."""
        try:
            self._out.write(f"text to {_printable(text.to)}:\n{_indented(text.body, self._out.encoding)}\n")
            self._out.flush()
        except (OSError, ValueError) as error:
            return NotSent(f"the text could not be printed: {error}")
        return Accepted(sid=f"console-{uuid4().hex}")

    async def find(self, text: OutgoingText, since: float, known: Collection[str] = ()) -> Found | None:
        """Nothing: the console keeps no record."""
        return None

    async def status(self, sid: str) -> Status:
        """Always ProviderTrouble: the console keeps no record."""
        raise ProviderTrouble(f"the console can't tell how {sid} stands: it only prints")

    async def received(self, since: float) -> list[Inbound]:
        """None: nobody can reply to a printed text."""
        return []

    def heard(self, posted: Posted, now: float) -> Inbound | Status | None:
        """Never: nobody posts on behalf of a console."""
        raise NotGenuine("the console provider has no webhook")

    async def warm(self) -> None:
        """Nothing to open."""

    async def check(self) -> list[tuple[str, bool, str]]:
        """It always works."""
        return [("console provider", True, "texts are printed, none is sent")]

    async def close(self) -> None:
        """Nothing to let go of: the stream belongs to the caller."""


def _indented(body: str, encoding: str | None) -> str:
    """The body as it may stand on any terminal: a caller's name must not move the cursor or ring the bell."""
    shown = "\n".join(f"  {_printable(line)}" for line in body.splitlines())
    encoding = encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
