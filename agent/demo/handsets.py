"""The demo's provider: prints texts as the console does, and those who get them write back by the script."""

import time
from collections.abc import Callable
from typing import TextIO

from agent.demo.day import MAIN
from agent.demo.script import Script
from sms.console import ConsoleProvider
from sms.provider import Accepted, Fate, Inbound, OutgoingText, Status
from storage.vocabulary import TextState


class Handsets(ConsoleProvider):
    """`sms.provider.Provider` with people at the other end. It delivers every text at once.

    `now`: epoch seconds.
    """

    name = "handsets"
    asks = True

    def __init__(self, out: TextIO, script: Script, now: Callable[[], float] = time.time) -> None:
        super().__init__(out)
        self._script = script
        self._now = now
        self._received: list[Inbound] = []

    async def send(self, text: OutgoingText) -> Fate:
        """Print it and let the handset have it."""
        fate = await super().send(text)
        if isinstance(fate, Accepted):
            self._script.texted(text.to, text.body, self._now())
        return fate

    async def status(self, sid: str) -> Status:
        """Delivered, as all are."""
        return Status(sid, TextState.DELIVERED, final=True)

    async def received(self, since: float) -> list[Inbound]:
        """All that was written back, as the day goes."""
        now = self._now()
        for one in self._script.written(now):
            self._received.append(Inbound(f"demo-{len(self._received)}", one.number, MAIN, one.words, now))
        return [one for one in self._received if one.at >= since]

    async def check(self) -> list[tuple[str, bool, str]]:
        """It always works."""
        return [("the demo's handsets", True, "texts are printed, none is sent")]
