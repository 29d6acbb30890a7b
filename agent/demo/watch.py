"""Watching the day: looks at the ledger again and again, shows what is new, and knows when the day is over."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.demo.judge import wrong_calls, wrong_words
from agent.demo.ledger import Decided, LedgerReader, Written
from agent.demo.messages import Messages
from agent.demo.office import AgentTrouble, Office
from agent.demo.player import FreeswitchPlayer, Player
from agent.demo.view import View

LOOK_EVERY = 0.1  # seconds between two looks at the ledger
LOG_IN_WITHIN = 15.0  # seconds for the agent to reach the PBX
SETTLE_WITHIN = 15.0  # seconds for the last decisions after the last call; they take one, on a machine with time


@dataclass(frozen=True, slots=True)
class End:
    """How the day ended, by the ledger, and what is wrong about that."""

    rows: dict[str, Decided]
    written: Written
    wrong: list[str]


def enter_on(terminal: TextIO) -> asyncio.Event:
    """Set once somebody presses Enter there."""
    pressed, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        terminal.readline()
        loop.remove_reader(terminal)
        pressed.set()

    loop.add_reader(terminal, read)
    return pressed


@dataclass(slots=True)
class Watch:
    """One day. `agent`: done once the agent has ended. `on_page`: people may play callers, too."""

    console: Console
    office: Office
    ledger: LedgerReader
    view: View
    player: Player | FreeswitchPlayer
    agent: asyncio.Task[int]
    on_page: bool
    _messages: Messages = field(init=False)

    def __post_init__(self) -> None:
        self._messages = Messages(self.view)

    async def day(self) -> End:
        """Until the day is over and all is as it should be, or is too late for that.

        Raises AgentTrouble where the agent isn't there.
        """
        latest = time.monotonic() + LOG_IN_WITHIN
        played = asyncio.create_task(self.player.finished())
        try:
            with self._status_line() as line:
                while not played.done():
                    await self._wait(line)
                    self._look()
                    if not self.player.processed and time.monotonic() > latest:
                        raise AgentTrouble(f"The agent didn't log in at the player; {self._last_words()}")
                played.result()
                latest = time.monotonic() + SETTLE_WITHIN
                while (end := self._look()).wrong and time.monotonic() < latest:
                    await self._wait(line)
                return end
        finally:
            played.cancel()

    async def evening(self, enough: asyncio.Event) -> None:
        """Until somebody has had enough. Raises AgentTrouble where the agent isn't there any more."""
        with self._status_line() as line:
            while not enough.is_set():
                await self._wait(line)
                self._look()

    async def _wait(self, line: Live) -> None:
        in_flight = sum(1 for _ in self.player.calls())
        line.update(Text(f"{self.view.clock()}  {in_flight} in flight", "reverse"))
        await asyncio.wait({self.agent}, timeout=LOOK_EVERY)
        if self.agent.done():
            raise AgentTrouble(f"The agent ended by itself; {self._last_words()}")

    def _look(self) -> End:
        rows, written = self.ledger.rows(), self.ledger.written()
        self.view.decided(rows)
        self._messages.happened(written)
        return End(rows, written, wrong_calls(self.view.calls, rows) + wrong_words(written, rows, self.on_page))

    def _last_words(self) -> str:
        return f"its log is {self.office.log}:\n{self.office.last_words()}"

    def _status_line(self) -> Live:
        return Live(console=self.console, auto_refresh=self.console.is_terminal, transient=True, redirect_stdout=False)
