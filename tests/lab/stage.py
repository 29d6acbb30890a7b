"""Plays many scenarios at once: on one shared Asterisk per version, or on one of their own where they break it.

A test is a coroutine under `@scenario(...)`. The stage starts all selected ones together, in a thread with a loop of
its own; each test then waits for the verdict of its scenario.
"""

import asyncio
import concurrent.futures
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doubles.twilio import OUR_NUMBER, HandsetText, Sender, TwilioDouble
from tests.lab import agent, asterisk, packages, sipp, tape
from tests.lab.story import Office, World

OFFICES = 45
"""Scenarios that share an Asterisk, each with its own office; there are a hundred fictional numbers to call from."""

AT_ONCE = 24
"""Scenarios in flight per version."""

ALONE_AT_ONCE = 6
"""Scenarios with a PBX of their own in flight, all versions together."""

LONGEST = 150.0

Story = Callable[[Office], Awaitable[None]]
Test = Callable[[str, "Stage"], None]


@dataclass(frozen=True, eq=False)
class Scenario:
    """A story and the office it needs: dialplan context, seconds a phone rings, own keys of its [[line]].

    `alone`: on an Asterisk and an agent of its own, since it stops or kills one of them.
    """

    name: str
    story: Story
    layout: str
    ring: int
    line: str
    alone: bool
    unregistered: bool

    def office(self, number: int) -> asterisk.Office:
        return asterisk.Office(number, self.layout, self.ring, self.unregistered)


def scenario(
    layout: str, *, ring: int = 4, line: str = "", alone: bool = False, quick: bool = False, unregistered: bool = False
) -> Callable[[Story], Test]:
    """Make a test of a story; it runs on every version."""

    def decorate(story: Story) -> Test:
        told = Scenario(story.__name__, story, layout, ring, line, alone, unregistered)

        def test(version: str, stage: Stage) -> None:
            stage.verdict(version, told)

        test.__name__, test.__doc__, test.__module__ = story.__name__, story.__doc__, story.__module__
        test.__dict__["scenario"] = told
        marked: Test = pytest.mark.deep(test)
        return pytest.mark.quick(marked) if quick else marked

    return decorate


class Stage:
    """The run of one pytest session. Verdicts can be asked from the test thread."""

    def __init__(self, selected: Iterable[tuple[str, Scenario]]) -> None:
        self.notes: list[str] = []
        self._selected = list(selected)
        self._verdicts: dict[tuple[str, Scenario], concurrent.futures.Future[None]] = {
            key: concurrent.futures.Future() for key in self._selected
        }
        self._leftovers: dict[str, concurrent.futures.Future[list[HandsetText]]] = {
            version: concurrent.futures.Future() for version, _ in self._selected
        }
        self._alone = asyncio.Semaphore(ALONE_AT_ONCE)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._play()), name="lab stage")
        self._thread.start()

    def verdict(self, version: str, told: Scenario) -> None:
        """Wait for the scenario's end; raises what it raised, or skips where the packages can't be had."""
        with _skipping():
            self._verdicts[version, told].result()

    def leftovers(self, version: str) -> list[HandsetText]:
        """Texts no scenario of this version expected, once all are over."""
        with _skipping():
            return self._leftovers[version].result()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    async def _play(self) -> None:
        playing = asyncio.gather(*(self._play_version(version) for version in self._leftovers))
        while not playing.done():
            await asyncio.wait({playing}, timeout=0.5)
            if self._stop.is_set():
                playing.cancel()
        for verdict in self._verdicts.values():
            verdict.cancel()
        for leftovers in self._leftovers.values():
            leftovers.cancel()

    async def _play_version(self, version: str) -> None:
        mine = [told for v, told in self._selected if v == version]
        try:
            await asyncio.to_thread(_check_machine, version)
            leftovers: list[HandsetText] = []
            async with asyncio.TaskGroup() as group:
                for told in mine:
                    if told.alone:
                        group.create_task(self._play_alone(version, told, leftovers))
                shared = [told for told in mine if not told.alone]
                at_once = asyncio.Semaphore(AT_ONCE)
                for start in range(0, len(shared), OFFICES):
                    few = shared[start : start + OFFICES]
                    group.create_task(self._play_shared(version, few, leftovers, at_once))
            self._leftovers[version].set_result(leftovers)
        except Exception as problem:  # noqa: BLE001 - each test that waits is told
            self._leftovers[version].set_exception(problem)
            for verdict in (self._verdicts[version, told] for told in mine):
                if not verdict.done():
                    verdict.set_exception(problem)

    async def _play_shared(
        self, version: str, shared: list[Scenario], leftovers: list[HandsetText], at_once: asyncio.Semaphore
    ) -> None:
        offices = [told.office(asterisk.FIRST_OFFICE + n) for n, told in enumerate(shared)]
        lines = {o.did: told.line for o, told in zip(offices, shared, strict=True) if told.line}
        async with opened(version, offices, lines) as world:
            pbx, agent_ = world.pbx.seconds_to_ready, world.agent.seconds_to_ready
            self.notes.append(f"Asterisk {version} ready in {pbx:.2f} s, the agent beside it in {agent_:.2f} s")
            async with asyncio.TaskGroup() as group:
                for told, office in zip(shared, offices, strict=True):
                    group.create_task(self._tell(version, told, Office(world, office), at_once))
            leftovers += world.unclaimed()

    async def _play_alone(self, version: str, told: Scenario, leftovers: list[HandsetText]) -> None:
        office = told.office(asterisk.FIRST_OFFICE)
        async with self._alone:
            try:
                lines = {office.did: told.line} if told.line else {}
                async with opened(version, [office], lines) as world:
                    await self._tell(version, told, Office(world, office), asyncio.Semaphore())
                    leftovers += world.unclaimed()
            except Exception as problem:  # noqa: BLE001 - the test that waits is told
                self._verdicts[version, told].set_exception(problem)

    async def _tell(self, version: str, told: Scenario, office: Office, at_once: asyncio.Semaphore) -> None:
        verdict = self._verdicts[version, told]
        async with at_once:
            try:
                async with asyncio.timeout(LONGEST):
                    await told.story(office)
            except Exception as problem:  # noqa: BLE001 - the test that waits is told
                office.world.failed = True
                problem.add_note(f"evidence (SIP messages, AMI stream, logs): {office.world.folder}")
                verdict.set_exception(problem)
            else:
                verdict.set_result(None)
            finally:
                await office.close()


@asynccontextmanager
async def opened(version: str, offices: list[asterisk.Office], lines: dict[str, str]) -> AsyncIterator[World]:
    """A running Asterisk of this version with its agent and its handsets; its folder is kept if a scenario failed."""
    folder = Path(tempfile.mkdtemp(prefix=f"lab{version}-story-"))
    pbx = await asyncio.to_thread(asterisk.Asterisk, version, offices)
    numbers = Sender(OUR_NUMBER, rate=1000.0)
    async with TwilioDouble(senders=(numbers,)) as twilio:
        product = agent.Agent(folder / "agent", pbx, twilio.base_url, lines)
        world = World(pbx, product, twilio, folder)
        taping = asyncio.create_task(asyncio.sleep(0))
        try:
            await pbx.start()
            listening = asyncio.Event()
            taping = asyncio.create_task(tape.record(pbx, folder / "stream.jsonl", listening))
            await asyncio.wait_for(listening.wait(), 20)
            await product.start()
            yield world
        except Exception:
            world.failed = True
            raise
        finally:
            taping.cancel()
            with suppress(asyncio.CancelledError):
                await taping
            await product.stop()
            (folder / "asterisk.log").write_text(pbx.console())
            await pbx.close()
            if not world.failed:
                await asyncio.to_thread(shutil.rmtree, folder)


def _check_machine(version: str) -> None:
    if why := agent.missing():
        raise packages.Unavailable(why)
    packages.unpacked(packages.ASTERISK[version])
    sipp.command()


class _skipping:
    """Turns Unavailable into a skipped test."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, packages.Unavailable):
            pytest.skip(f"no lab on this machine: {problem}")
