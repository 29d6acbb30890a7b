"""The agent's own client at the player: it logs in, hears every call, and decides as the truth has it."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from agent.calls.tracker import Tracker
from agent.calls.verdicts import News, RingPlan
from agent.demo.freeswitch.desk import Readiness
from agent.demo.freeswitch.player import FreeswitchPlayer
from agent.demo.freeswitch.recording import catalogue
from agent.demo.plan import PlannedCall
from agent.pbx.events import LegEvent
from agent.pbx.freeswitch.dialect import Dialect
from agent.pbx.freeswitch.session import Session
from agent.pbx.link import Address, Link
from agent.pbx.trouble import Cause, Trouble


@dataclass
class Watching:
    """What the agent makes of a player, and how its link stands."""

    player: FreeswitchPlayer
    user: str = ""
    password: str = "secret"
    decided: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    troubles: list[Cause] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._dialect = Dialect(("public",))
        self.tracker = Tracker(lambda _: RingPlan(24.0, 60.0))

    def linked(self, seconds_away: float | None) -> None:
        self.changed.set()

    def unlinked(self, trouble: Trouble) -> None:
        self.troubles.append(trouble.cause)
        self.changed.set()

    def take(self, events: list[LegEvent]) -> None:
        for event in events:
            for verdict in self.tracker.take(time.monotonic(), event):
                if verdict.news in (News.ANSWERED, News.MISSED):
                    reason = verdict.call.reason.value if verdict.call.reason else None
                    self.decided[verdict.call.id] = verdict.news.value, reason
        self.heard.set()

    async def __aenter__(self) -> "Watching":
        address = Address(self.player.host, self.player.port)
        self._link = Link(
            address, lambda: Session(self.user, self.password, self._dialect), self.take, self, Random(1)
        )  # fmt: skip
        self._task = asyncio.create_task(self._link.run())
        async with asyncio.timeout(5):
            await self.changed.wait()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._task.cancel()

    async def until_nobody_is_left(self) -> None:
        """Wait for the last events to come through."""
        async with asyncio.timeout(5):
            while len(self.tracker):
                self.heard.clear()
                await self.heard.wait()


def expected(truth: Path) -> dict[str, tuple[str, str | None]]:
    """What there is to decide of the inbound calls, by the PBX's name of each."""
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    return {
        row["id"]: ("answered", None) if row["human_answered"] else ("missed", row["reason"])
        for row in rows
        if row["part"] == 0 and row["direction"] == "inbound"
    }


@pytest.mark.parametrize("user", ["", "secondring@pbx.lab"])
async def test_every_call_is_decided_as_it_was(user: str, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    plan = [PlannedCall(0.01 * i, name, f"+12025550{100 + i}") for i, name in enumerate(catalogue())]
    async with FreeswitchPlayer(plan, speed=50.0, truth=truth) as player, Watching(player, user) as agent:
        await player.finished()
        await agent.until_nobody_is_left()
    told = expected(truth)
    assert {call: agent.decided.get(call) for call in told} == told
    assert agent.troubles == []


async def test_a_call_that_was_under_way_is_found_and_decided(tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    plan = [PlannedCall(0.0, name) for name in ("no_answer", "answered", "queue_abandoned", "ivr_nobody")]
    player = FreeswitchPlayer(plan, speed=20.0, truth=truth, wait_for_client=False)
    async with player:
        await asyncio.sleep(2.5 / 20.0)
        async with Watching(player) as agent:
            await player.finished()
            await agent.until_nobody_is_left()
    assert agent.decided == expected(truth)


async def test_who_is_not_let_in_is_told_so() -> None:
    async with FreeswitchPlayer(()) as player, Watching(player, password="wrong") as agent:
        assert agent.troubles == [Cause.REFUSED]
    async with FreeswitchPlayer((), welcome=False) as player, Watching(player) as agent:
        assert agent.troubles == [Cause.REFUSED]


async def test_a_pbx_that_boots_is_waited_for_and_one_that_restarted_is_known() -> None:
    async with FreeswitchPlayer((), wait_for_client=False) as player:
        player.readiness = Readiness.NO_COMMANDS
        async with Watching(player) as agent:
            assert agent.troubles == [Cause.BOOTING]
            agent.changed.clear()
            player.readiness = Readiness.READY
            await agent.changed.wait()
            agent.changed.clear()
            await player.restart(down=0.0, shutdown_after=0.0)
            await agent.changed.wait()
            assert agent.troubles == [Cause.BOOTING, Cause.GOODBYE]
