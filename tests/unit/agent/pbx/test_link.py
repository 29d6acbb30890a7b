"""One supervised connection, on real sockets: every way it fails is noticed, named once, and made up for.

The scripted PBX runs in virtual time; the player (last class) plays real calls in real time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from agent.demo.plan import PlannedCall
from agent.demo.player import Player
from agent.pbx.dialects import ADAPTERS, Where
from agent.pbx.events import Gap, LegCreated, LegEvent, Listed, ListingBegins, Restarted
from agent.pbx.link import FIRST_WAIT, LIST_EVERY, LOGIN_WITHIN, LONGEST_WAIT, PONG_WITHIN, QUIET_AFTER, Address, Link
from agent.pbx.trouble import Cause, Trouble
from tests.unit.agent.pbx.asterisk.wires import BANNER, frame
from tests.virtual_time import in_virtual_time


class NoJitter(Random):
    """Waits are as long as they may be."""

    def uniform(self, a: float, b: float) -> float:
        return b


@dataclass
class Watcher:
    """Who is told."""

    words: list[tuple[str, Cause | float | None]] = field(default_factory=list)
    grew: asyncio.Event = field(default_factory=asyncio.Event)

    def linked(self, seconds_away: float | None) -> None:
        self._note("linked", seconds_away)

    def unlinked(self, trouble: Trouble) -> None:
        assert trouble.sentence.endswith(".")
        self._note("unlinked", trouble.cause)

    def _note(self, word: str, what: Cause | float | None) -> None:
        self.words.append((word, what))
        self.grew.set()

    async def heard(self, word: str, count: int = 1) -> Cause | float | None:
        """Wait until this was told so often; what was told last."""
        while len(found := [what for said, what in self.words if said == word]) < count:
            self.grew.clear()
            await self.grew.wait()
        return found[count - 1]

    @property
    def causes(self) -> list[Cause | float | None]:
        return [what for said, what in self.words if said == "unlinked"]


@dataclass
class ScriptedPbx:
    """A manager interface that does as the test says. Each connection's time and actions are kept."""

    secret: str = "secret"
    boots: bool = True
    pongs: bool = True
    greets: bytes = BANNER
    hangs_up_at_once: bool = False
    connected_at: list[float] = field(default_factory=list)
    actions: list[dict[str, str]] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected_at.append(asyncio.get_running_loop().time())
        self.writers.append(writer)
        if self.hangs_up_at_once:
            writer.close()
            return
        writer.write(self.greets)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.partition(": ")[::2] for line in block.split("\r\n") if line)
                self.actions.append(action)
                await asyncio.sleep(0.001)
                writer.write(self.answer(action))

    def answer(self, action: dict[str, str]) -> bytes:
        asked = ("ActionID", action["ActionID"])
        match action["Action"]:
            case "Login" if action["Secret"] != self.secret:
                return frame(("Response", "Error"), asked, ("Message", "Authentication failed"))
            case "Login":
                booted = (("Privilege", "system,all"), ("Uptime", "9"), ("LastReload", "9"), ("Status", "Fully Booted"))
                answer = frame(("Response", "Success"), asked, ("Message", "Authentication accepted"))
                return answer + (frame(("Event", "FullyBooted"), *booted) if self.boots else b"")
            case "CoreStatus":
                times = (("CoreStartupDate", "2026-11-24"), ("CoreStartupTime", "08:00:00"))
                return frame(("Response", "Success"), asked, *times)
            case "Status" | "BridgeList" as name:
                return frame(("Response", "Success"), asked) + frame(("Event", f"{name}Complete"), asked)
            case "Ping" if self.pongs:
                return frame(("Response", "Success"), asked, ("Ping", "Pong"))
            case _:
                return b""

    def actions_named(self, name: str) -> int:
        return [action["Action"] for action in self.actions].count(name)

    def say(self, data: bytes) -> None:
        self.writers[-1].write(data)

    def drop(self) -> None:
        self.writers[-1].close()


@dataclass
class Linked:
    """A link and what came through it."""

    link: Link
    watcher: Watcher
    events: list[LegEvent]
    task: "asyncio.Task[None]"


@contextlib.asynccontextmanager
async def linked(
    port: int, secret: str = "secret", take: Callable[[list[LegEvent]], None] = lambda events: None
) -> AsyncIterator[Linked]:
    watcher, events = Watcher(), list[LegEvent]()
    nonces = iter(range(1, 1000))
    where = Where("secondring", secret, ("from-trunk*",), (), lambda: f"nonce{next(nonces):04}")
    adapter = ADAPTERS["asterisk"](where)

    def hear(said: list[LegEvent]) -> None:
        events.extend(said)
        take(said)

    link = Link(Address("127.0.0.1", port), adapter.open_session, hear, watcher, NoJitter())
    task = asyncio.create_task(link.run())
    try:
        yield Linked(link, watcher, events, task)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def scripted(pbx: ScriptedPbx) -> AsyncIterator[int]:
    server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in pbx.writers:
            writer.close()


def now() -> float:
    return asyncio.get_running_loop().time()


class TestLive:
    @in_virtual_time
    async def test_it_is_live_once_the_calls_in_flight_are_known(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            assert await here.watcher.heard("linked") is None
            assert [type(event) for event in here.events] == [ListingBegins, Listed]

    @in_virtual_time
    async def test_in_quiet_times_a_ping_keeps_it_up(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            await asyncio.sleep(300)
            assert here.watcher.causes == []
            assert 300 / (QUIET_AFTER + 2) <= pbx.actions_named("Ping") <= 300 / QUIET_AFTER + 1

    @in_virtual_time
    async def test_the_living_legs_are_asked_for_anew_now_and_then(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            await asyncio.sleep(2.1 * LIST_EVERY)
            assert pbx.actions_named("Status") == 3

    @in_virtual_time
    async def test_cancelled_it_says_goodbye(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port:
            async with linked(port) as here:
                await here.watcher.heard("linked")
            await asyncio.sleep(0.1)
            assert pbx.actions[-1]["Action"] == "Logoff"

    @in_virtual_time
    async def test_dropped_by_us_it_comes_back_and_lists_again(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            here.link.drop(Trouble(Cause.OVERRUN, "News comes faster than the disk takes it.", ""))
            away = await here.watcher.heard("linked", 2)
            assert here.watcher.causes == [Cause.OVERRUN]
            assert away == pytest.approx(FIRST_WAIT, abs=0.1)


class TestTroubles:
    async def cause(self, pbx: ScriptedPbx, secret: str = "secret") -> tuple[Cause | float | None, float]:
        """The first cause that is told, and after how long."""
        async with scripted(pbx) as port, linked(port, secret) as here:
            began = now()
            return await here.watcher.heard("unlinked"), now() - began

    @in_virtual_time
    async def test_a_wrong_secret_is_told_once_however_often_it_is_tried_and_it_is_tried_seldom(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port, secret="wrong") as here:
            assert await here.watcher.heard("unlinked") is Cause.REFUSED
            await asyncio.sleep(600)
            assert here.watcher.words == [("unlinked", Cause.REFUSED)]
            assert 600 / LONGEST_WAIT <= len(pbx.connected_at) <= 600 / LONGEST_WAIT + 2

    @in_virtual_time
    async def test_nobody_at_home_is_told_once(self) -> None:
        async with scripted(ScriptedPbx()) as port:
            pass
        async with linked(port) as here:
            assert await here.watcher.heard("unlinked") is Cause.UNREACHABLE
            await asyncio.sleep(600)
            assert len(here.watcher.words) == 1

    @in_virtual_time
    async def test_it_is_tried_again_at_growing_distances(self) -> None:
        pbx = ScriptedPbx(hangs_up_at_once=True)
        async with scripted(pbx) as port, linked(port):
            await asyncio.sleep(400)
        waits = [round(b - a, 1) for a, b in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
        assert waits[:8] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]
        assert set(waits[8:]) == {60.0}

    @in_virtual_time
    async def test_once_it_was_live_it_is_tried_soon_again(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            for time in range(1, 5):
                await here.watcher.heard("linked", time)
                pbx.drop()
            await here.watcher.heard("linked", 5)
            waits = [b - a for a, b in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
            assert max(waits) <= FIRST_WAIT + 0.1

    @in_virtual_time
    async def test_a_peer_that_takes_the_connection_and_says_nothing(self) -> None:
        cause, seconds = await self.cause(ScriptedPbx(greets=b""))
        assert cause is Cause.SILENT
        assert LOGIN_WITHIN <= seconds <= LOGIN_WITHIN + 3

    @in_virtual_time
    async def test_one_that_never_finishes_booting(self) -> None:
        assert (await self.cause(ScriptedPbx(boots=False)))[0] is Cause.BOOTING

    @in_virtual_time
    async def test_one_that_falls_silent_later(self) -> None:
        pbx = ScriptedPbx(pongs=False)
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            began = now()
            assert await here.watcher.heard("unlinked") is Cause.SILENT
            assert QUIET_AFTER + PONG_WITHIN <= now() - began <= QUIET_AFTER + PONG_WITHIN + 3

    @in_virtual_time
    async def test_something_else_on_that_port(self) -> None:
        assert (await self.cause(ScriptedPbx(greets=b"SSH-2.0-OpenSSH_9.2\r\n")))[0] is Cause.NOT_THIS_PBX

    @in_virtual_time
    async def test_one_that_never_ends_a_message(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            for _ in range(40):
                pbx.say(b"x" * 16_384)
            assert await here.watcher.heard("unlinked") is Cause.GARBLED

    @in_virtual_time
    async def test_a_goodbye_and_none(self) -> None:
        shutdown = frame(
            ("Event", "Shutdown"), ("Privilege", "system,all"), ("Shutdown", "Cleanly"), ("Restart", "False")
        )
        for words, cause in ((shutdown, Cause.GOODBYE), (b"", Cause.CLOSED)):
            pbx = ScriptedPbx()
            async with scripted(pbx) as port, linked(port) as here:
                await here.watcher.heard("linked")
                pbx.say(words)
                pbx.drop()
                assert await here.watcher.heard("unlinked") is cause

    @in_virtual_time
    async def test_each_new_cause_is_told_and_so_is_the_end_of_it(self) -> None:
        pbx = ScriptedPbx(hangs_up_at_once=True)
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("unlinked")
            pbx.hangs_up_at_once, pbx.greets = False, b"SSH-2.0\r\n"
            await here.watcher.heard("unlinked", 2)
            pbx.greets = BANNER
            await here.watcher.heard("linked")
            assert here.watcher.causes == [Cause.CLOSED, Cause.NOT_THIS_PBX]

    @in_virtual_time
    async def test_the_gap_begins_when_the_link_is_lost_not_when_it_is_back(self) -> None:
        pbx = ScriptedPbx()
        async with scripted(pbx) as port, linked(port) as here:
            await here.watcher.heard("linked")
            pbx.hangs_up_at_once = True
            pbx.drop()
            await here.watcher.heard("unlinked")
            assert here.events[-1] == Gap()

    @in_virtual_time
    async def test_a_listener_that_breaks_costs_the_link_and_nothing_more(self) -> None:
        broken = True

        def take(events: list[LegEvent]) -> None:
            if broken and any(isinstance(event, Listed) for event in events):
                raise ZeroDivisionError

        pbx = ScriptedPbx()
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        async with scripted(pbx) as port, linked(port, take=take) as here:
            await here.watcher.heard("unlinked")
            broken = False
            await here.watcher.heard("linked")


def until(condition: Callable[[], bool]) -> Awaitable[None]:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the other side is a socket away
                await asyncio.sleep(0.005)

    return wait()


class TestWithThePlayer:
    """Real recorded calls over a real socket, in real time but faster."""

    def kinds(self, here: Linked) -> list[type[LegEvent]]:
        return [type(event) for event in here.events]

    async def test_cut_in_the_middle_of_a_call_it_comes_back_and_knows_the_call(self) -> None:
        plan = [PlannedCall(0, "answered", "+12025550150", did="+12025550101")]
        async with Player(plan, speed=2.0, cuts=[8]) as player, linked(player.port) as here:
            await here.watcher.heard("linked", 2)
            kinds = self.kinds(here)
            assert kinds.index(Gap) < len(kinds) - 1 - kinds[::-1].index(Listed)
            assert Restarted not in kinds
            listed = [event for event in here.events if isinstance(event, Listed)][-1]
            callers = [leg.created for leg in listed.legs if leg.created.arriving]
            assert [(leg.number, leg.dialled, leg.trunk) for leg in callers] == [("+12025550150", "+12025550101", True)]

    async def test_a_pbx_killed_in_the_middle_of_a_call_and_started_anew(self) -> None:
        plan = [PlannedCall(0, "no_answer"), PlannedCall(3600, "answered")]
        player = Player(plan, speed=1.0)
        player.booted -= 100
        async with player, linked(player.port) as here:
            await until(lambda: LegCreated in self.kinds(here))
            await player.restart(down=0.0, clean=False)
            await here.watcher.heard("linked", 2)
            assert here.watcher.causes[0] is Cause.CLOSED
            assert Restarted in self.kinds(here)
            assert [event for event in here.events if isinstance(event, Listed)][-1].legs == ()

    async def test_one_stopped_in_order_says_goodbye(self) -> None:
        plan = [PlannedCall(0, "no_answer"), PlannedCall(3600, "answered")]
        async with Player(plan, speed=1.0) as player, linked(player.port) as here:
            await until(lambda: LegCreated in self.kinds(here))
            await player.restart(down=0.0, clean=True, shutdown_after=0.0)
            assert await here.watcher.heard("unlinked") is Cause.GOODBYE

    async def test_a_wrong_secret(self) -> None:
        async with Player([], refusal_delay=0.0) as player, linked(player.port, secret="wrong") as here:
            assert await here.watcher.heard("unlinked") is Cause.REFUSED
