"""How the demo knows that its day is over, and what it does when things don't come as they should."""

import asyncio
import io
import math
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from agent.demo import watch as timing
from agent.demo.day import Day
from agent.demo.ledger import Decided, LedgerReader, Written
from agent.demo.office import AgentTrouble, Office
from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.demo.view import View
from agent.demo.watch import Watch, enter_on
from storage.vocabulary import Intent
from tests.unit.agent.demo.conversations import also_wrote, as_written, texted

STRANGER = "+12025550199"


class Ledger(LedgerReader):
    """What each look finds; the last one's for ever. `all_seen`: once that was shown."""

    def __init__(self, *looks: Written) -> None:
        super().__init__(Path("nowhere"))
        self.looks = list(looks)
        self.all_seen = asyncio.Event()

    def rows(self) -> dict[str, Decided]:
        return texted()

    def written(self) -> Written:
        if len(self.looks) > 1:
            return self.looks.pop(0)
        asyncio.get_running_loop().call_soon(self.all_seen.set)  # once it was shown, too
        return self.looks[0]


class Evening:
    """A watch over a player whose plan is through at once, and what was printed."""

    def __init__(self, folder: Path, player: Player) -> None:
        self.out = io.StringIO()
        self.office = Office(folder)
        self._player = player
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def watch(self, ledger: LedgerReader, on_page: bool = False) -> Watch:
        console = Console(file=self.out, width=200)

        async def agent() -> int:
            return await self.ended

        view = View(console, Day(), lambda: "18:05")
        return Watch(console, self.office, ledger, view, self._player, asyncio.create_task(agent()), on_page)


@pytest.fixture
async def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Evening]:
    monkeypatch.setattr(timing, "LOOK_EVERY", 0.0)
    async with Player((), speed=math.inf) as player:
        player.resume()
        yield Evening(tmp_path, player)


async def test_the_day_is_over_as_soon_as_all_is_as_it_should_be(evening: Evening) -> None:
    ledger = Ledger(Written(), Written(), as_written())
    end = await evening.watch(ledger).day()
    assert end.wrong == [] and end.written == as_written()


async def test_what_never_comes_right_is_told_and_not_waited_for_for_ever(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "SETTLE_WITHIN", 0.0)
    end = await evening.watch(Ledger(Written())).day()
    assert any("kept 0 times" in sentence for sentence in end.wrong)


async def test_an_agent_that_ends_by_itself_ends_the_day_with_its_last_words(evening: Evening) -> None:
    evening.office.log.write_text("the disk has gone\n")
    evening.ended.set_result(1)
    with pytest.raises(AgentTrouble, match=r"ended by itself.*\n.*the disk has gone"):
        await evening.watch(Ledger(Written())).day()


async def test_an_agent_that_never_logs_in_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "LOG_IN_WITHIN", 0.0)
    async with Player([PlannedCall(0.0, "answered")]) as player:  # it begins with the first who listens
        with pytest.raises(AgentTrouble, match="didn't log in at the player"):
            await Evening(tmp_path, player).watch(Ledger(Written())).day()


async def test_in_the_evening_people_see_what_becomes_of_their_texts_until_enter(evening: Evening) -> None:
    enough = asyncio.Event()
    ledger = Ledger(as_written(), also_wrote(as_written(), STRANGER, "Are you open?", Intent.QUESTION))
    watching = asyncio.create_task(evening.watch(ledger, on_page=True).evening(enough))
    await ledger.all_seen.wait()
    assert "+1 202 555 0199 writes “Are you open?”: asks something" in evening.out.getvalue()
    assert not watching.done()
    enough.set()
    await watching


async def test_an_agent_that_ends_in_the_evening_is_told_of(evening: Evening) -> None:
    evening.ended.set_result(1)
    with pytest.raises(AgentTrouble, match="ended by itself"):
        await evening.watch(Ledger(as_written())).evening(asyncio.Event())


async def test_enter_is_noticed_and_taken_off_the_terminal() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal:
        pressed = enter_on(terminal)
        assert not pressed.is_set()
        os.write(ours, b"\n")
        await pressed.wait()
    os.close(ours)
