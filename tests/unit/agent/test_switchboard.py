"""The live loop: from what the PBX says to what stands in the ledger, with the clock, the disk and the questions."""

import asyncio
import contextlib
import io
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from agent import switchboard, writer
from agent.calls.verdicts import Call, News
from agent.health import Health
from agent.office import Office
from agent.pbx.events import (
    EndCause,
    Gap,
    LegAnswered,
    LegCreated,
    LegEnded,
    LegEvent,
    LegHungUp,
    LegJoined,
    LegListed,
    LegRinging,
    LegRole,
    LegWithheld,
    Listed,
    ListingBegins,
)
from agent.policy.facts import Presentation
from agent.switchboard import Switchboard
from agent.textback import Case, look_again
from sms.console import ConsoleProvider
from sms.outbox import Outbox, Told
from sms.provider import Accepted, Fate, OutgoingText
from storage.queries import calls
from storage.records import OpenCall
from storage.vocabulary import Direction
from tests.story import office
from tests.virtual_time import ThreadlessLedger, clock, in_virtual_time

ANNA = "+12025550143"
TOLL_FREE = "+18005550143"
LINE = "+13125550100"


class _WallClock:
    """What the switchboard takes for the module `time`."""

    time = staticmethod(clock)


@pytest.fixture(autouse=True)
def _virtual_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "time", _WallClock)
    monkeypatch.setattr(writer, "time", _WallClock)


class Handset(ConsoleProvider):
    """A provider that takes everything."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.got: list[OutgoingText] = []
        self.warmed = 0

    async def send(self, text: OutgoingText) -> Fate:
        self.got.append(text)
        return Accepted(f"SM{len(self.got)}")

    async def warm(self) -> None:
        self.warmed += 1


@dataclass
class Live:
    """A switchboard at work."""

    board: Switchboard
    ledger: ThreadlessLedger
    health: Health
    handset: Handset
    told: list[Told] = field(default_factory=list)
    running: "asyncio.Task[None] | None" = None

    def say(self, *events: LegEvent) -> None:
        self.board.take(list(events))

    async def settle(self, seconds: float = 0.0) -> None:
        """Let that much time pass, and everything known by then be written."""
        await asyncio.sleep(seconds)
        async with asyncio.timeout(3600):
            await self.board.writer.written()

    def row(self, call: str = "c") -> sqlite3.Row:
        found = calls.find(self.ledger.db, call)
        assert found is not None
        return found

    def everything(self) -> str:
        return "\n".join(self.ledger.db.iterdump())


@contextlib.asynccontextmanager
async def live(at: Office | None = None) -> AsyncIterator[Live]:
    ledger, handset, health = ThreadlessLedger(), Handset(), Health(clock)
    told: list[Told] = []
    outbox = Outbox(
        ledger, handset, lambda db, text, now: look_again(db, at or office(), text, now), clock, told.append
    )
    outbox.release()
    board = Switchboard(at or office(), ledger, outbox, health)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(board.run()), group.create_task(outbox.run())]
        await asyncio.sleep(0.01)
        yield Live(board, ledger, health, handset, told, tasks[0])
        for task in tasks:
            task.cancel()


def arrives(call: str = "c", number: str = ANNA, withheld: bool | None = None, name: str = "") -> LegCreated:
    return LegCreated(call, call, LegRole.PARTY, True, True, "trunk", "", number, name, LINE, withheld)


def shown(call: str = "c") -> LegWithheld:
    return LegWithheld(call, call, False)


def rings(call: str = "c", phone: str = "101") -> tuple[LegEvent, LegEvent]:
    leg = f"{call}/{phone}"
    return (
        LegCreated(leg, call, LegRole.PARTY, False, False, phone),
        LegRinging(leg, call, LegRole.PARTY),
    )


def answers(call: str = "c", phone: str = "101") -> tuple[LegEvent, ...]:
    return (
        LegAnswered(f"{call}/{phone}", call),
        LegJoined(f"{call}/{phone}", call, "r", LegRole.PARTY),
        LegJoined(call, call, "r", LegRole.PARTY),
    )


def goes(call: str = "c") -> tuple[LegEvent, LegEvent]:
    return LegHungUp(call, call, EndCause.NORMAL), LegEnded(call, call, EndCause.NORMAL)


class TestRingLimit:
    @in_virtual_time
    async def test_it_is_kept_to_the_instant(self) -> None:
        async with live(office({"rings": 2})) as here:
            here.say(arrives(), shown())
            await here.settle(1.2345)
            began = clock()
            here.say(*rings())
            await here.settle(11.9)
            assert here.row()["decision"] is None
            await here.settle(0.2)
            assert here.row()["known_at"] == pytest.approx(began + 12.0, abs=1e-4)
            assert [text.to for text in here.handset.got] == [ANNA]

    @in_virtual_time
    async def test_the_earliest_of_many_is_armed_whatever_order_they_come_in(self) -> None:
        async with live(office({"rings": 1})) as here:
            for at in range(5):
                here.say(arrives(f"c{at}", f"+1202555014{at}"), shown(f"c{at}"), *rings(f"c{at}"))
                await asyncio.sleep(1)
            here.say(*answers("c1"), *goes("c0"))
            await here.settle(20)
            decided = {f"c{n}": here.row(f"c{n}")["rule"] for n in range(5)}
            assert decided == {"c0": "text", "c1": "answered", "c2": "text", "c3": "text", "c4": "text"}
            known = [here.row(f"c{n}")["known_at"] - here.row(f"c{n}")["first_ringing_at"] for n in (2, 3, 4)]
            assert known == pytest.approx([6.0, 6.0, 6.0], abs=1e-4)

    @in_virtual_time
    async def test_it_says_nothing_while_the_link_is_lost_and_is_made_up_for_at_the_listing(self) -> None:
        async with live(office({"rings": 1})) as here:
            here.say(arrives(), shown(), *rings())
            began = clock()
            await here.settle(2)
            here.say(Gap())
            await here.settle(30)
            assert here.row()["decision"] is None
            phone = LegCreated("c/101", "c", LegRole.PARTY, False, False, "101")
            rows = (LegListed(arrives(), False, False, None, "", 32.0), LegListed(phone, True, False, None, "", 32.0))
            here.say(ListingBegins(), Listed(rows))
            await here.settle(1)
            assert here.row()["rule"] == "text"
            assert here.row()["known_at"] == pytest.approx(began + 6.0, abs=1e-4)

    @in_virtual_time
    async def test_who_was_answered_while_the_link_was_lost_is_not_texted(self) -> None:
        async with live(office({"rings": 1})) as here:
            here.say(arrives(), shown(), *rings(), Gap())
            await here.settle(30)
            phone = LegCreated("c/101", "c", LegRole.PARTY, False, False, "101")
            rows = (LegListed(arrives(), False, True, None, "r", 30.0), LegListed(phone, False, True, None, "r", 30.0))
            here.say(ListingBegins(), Listed(rows), *goes())
            await here.settle(1)
            assert here.row()["rule"] == "answered"
            assert here.handset.got == []


class TestTheQuestion:
    """Was the number withheld? The PBX gets 100 ms to tell, from when a decision is due."""

    @in_virtual_time
    async def test_answered_before_it_is_due_nothing_waits(self) -> None:
        async with live() as here:
            here.say(arrives(), shown(), *rings())
            await here.settle(5)
            here.say(*goes())
            await here.settle(0.001)
            assert here.row()["rule"] == "text"

    @in_virtual_time
    async def test_never_answered_the_caller_is_listed_after_a_tenth_of_a_second(self) -> None:
        async with live() as here:
            here.say(arrives(), *rings())
            await here.settle(5)
            here.say(*goes())
            await here.settle(0.09)
            assert here.row()["decision"] is None
            await here.settle(0.02)
            assert here.row()["rule"] == "presentation_unknown"
            assert here.row()["caller"] == ANNA

    @pytest.mark.parametrize(("withheld", "rule"), [(False, "text"), (True, "withheld")])
    @in_virtual_time
    async def test_answered_while_the_decision_waits_it_is_taken_at_once(self, withheld: bool, rule: str) -> None:
        async with live(office({"min_ring": "0s"})) as here:
            here.say(arrives(), *rings(), *goes())
            await here.settle(0.05)
            here.say(LegWithheld("c", "c", withheld))
            await here.settle(0.001)
            assert here.row()["rule"] == rule
            await here.settle(1)
            assert here.row()["rule"] == rule

    @in_virtual_time
    async def test_a_withheld_number_is_never_in_the_ledger_not_even_for_a_moment(self) -> None:
        for delay in (0.0, 0.05, 0.2):
            async with live() as here:
                here.say(arrives(name="ANNA EXAMPLE"))
                seen = await self.watch(here, delay)
                here.say(LegWithheld("c", "c", True), *rings())
                seen += await self.watch(here, 5)
                here.say(*goes())
                seen += await self.watch(here, 1)
                assert here.row()["rule"] == "withheld"
                assert not [dump for dump in seen if "2025550143" in dump or "EXAMPLE" in dump], delay

    async def watch(self, here: Live, seconds: float) -> list[str]:
        seen = []
        until = clock() + seconds
        while True:
            await here.settle(min(0.02, max(0.0, until - clock())))
            seen.append(here.everything())
            if clock() >= until:
                return seen

    @in_virtual_time
    async def test_not_even_on_a_line_that_misses_calls_at_their_arrival(self) -> None:
        async with live(office({"forwarded": True})) as here:
            here.say(arrives(name="ANNA EXAMPLE"))
            await here.settle(0.05)
            here.say(LegWithheld("c", "c", True))
            await here.settle(3)
            here.say(*rings(), *answers(), *goes())
            await here.settle(1)
            assert here.row()["rule"] == "withheld"
            assert "2025550143" not in here.everything()

    @in_virtual_time
    async def test_a_number_nobody_could_text_needs_no_answer_and_stays_in_the_record(self) -> None:
        async with live() as here:
            here.say(arrives(number=TOLL_FREE), *rings(), *goes())
            await here.settle(0.001)
            assert here.row()["decision"] == "skip"
            await here.settle(1)
            assert here.row()["caller"] == TOLL_FREE

    @in_virtual_time
    async def test_a_human_who_answers_while_the_miss_waits_for_the_pbx_prevents_the_text(self) -> None:
        async with live(office({"forwarded": True})) as here:
            here.say(arrives(), *rings())
            await here.settle(0.03)
            here.say(*answers())
            await here.settle(0.03)
            here.say(shown())
            await here.settle(10)
            assert here.handset.got == []


class TestTexts:
    @in_virtual_time
    async def test_a_burst_gives_each_caller_one(self) -> None:
        async with live(office({"rings": 1})) as here:
            for n in range(40):
                here.say(arrives(f"c{n}", f"+12025550{100 + n // 2}"), shown(f"c{n}"), *rings(f"c{n}"))
            await here.settle(10)
            assert sorted(text.to for text in here.handset.got) == [f"+12025550{100 + n}" for n in range(20)]

    @in_virtual_time
    async def test_a_connection_is_opened_ahead_of_a_likely_text(self) -> None:
        async with live() as here:
            here.say(arrives(), shown(), *rings())
            await here.settle(1)
            early = here.handset.warmed
            await here.settle(21)
            assert (early, here.handset.warmed) == (1, 2)

    @in_virtual_time
    async def test_in_shadow_nothing_leaves_and_nothing_is_opened(self) -> None:
        async with live(office(sms={"shadow": True})) as here:
            here.say(arrives(), shown(), *rings())
            await here.settle(60)
            assert here.row()["rule"] == "text"
            assert (here.handset.got, here.handset.warmed) == ([], 0)

    @in_virtual_time
    async def test_a_cap_raises_an_alarm_and_a_higher_cap_ends_it(self) -> None:
        async with live(office({"rings": 1}, limits={"per_hour": 1})) as here:
            for n in range(2):
                here.say(arrives(f"c{n}", f"+1202555014{n}"), shown(f"c{n}"), *rings(f"c{n}"))
            await here.settle(10)
            assert "cap-reached" in here.health.current
            here.board.office = office({"rings": 1}, limits={"per_hour": 2})
            here.say(arrives("c9", "+12025550149"), shown("c9"), *rings("c9"))
            await here.settle(10)
            assert "cap-reached" not in here.health.current


class TestFullDisk:
    @in_virtual_time
    async def test_calls_are_followed_nobody_is_texted_and_all_is_written_when_there_is_room(self) -> None:
        async with live(office({"rings": 1})) as here:
            full = True
            here.ledger.fill_up = lambda: full
            here.say(arrives("a"), shown("a"), *rings("a"))
            here.say(arrives("b", "+12025550144"), shown("b"), *rings("b"), *answers("b"))
            await asyncio.sleep(60)
            assert "disk-full" in here.health.current
            assert here.handset.got == []
            full = False
            await here.settle(3)
            assert (here.row("a")["rule"], here.row("b")["rule"]) == ("text", "answered")
            assert "disk-full" not in here.health.current
            assert len(here.handset.got) == 1

    @in_virtual_time
    async def test_what_could_not_be_written_in_time_is_listed_and_not_texted(self) -> None:
        async with live(office({"rings": 1}, limits={"freshness": "2m"})) as here:
            full = True
            here.ledger.fill_up = lambda: full
            here.say(arrives(), shown(), *rings())
            await asyncio.sleep(200)
            full = False
            await here.settle(3)
            assert here.row()["rule"] == "stale"
            assert here.handset.got == []

    @in_virtual_time
    async def test_more_than_may_wait_closes_the_link(self) -> None:
        async with live() as here:
            here.ledger.fill_up = lambda: True
            closed = 0

            def close() -> None:
                nonlocal closed
                closed += 1

            here.board.overrun = close
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(switchboard, "MOST_WAITING", 100)
                for n in range(200):
                    here.say(arrives(f"c{n}"), shown(f"c{n}"))
            assert closed > 0
            assert "pbx-overrun" in here.health.current


class TestOneBadRow:
    @in_virtual_time
    async def test_news_the_ledger_refuses_ends_nobody_elses(self) -> None:
        async with live() as here:
            trigger = (
                "CREATE TRIGGER no BEFORE INSERT ON calls WHEN NEW.pbx_call = 'bad' BEGIN SELECT RAISE(ABORT, 'x'); END"
            )
            here.ledger.db.execute(trigger)
            here.say(arrives("a"), shown("a"), arrives("bad"), shown("bad"), arrives("b"), shown("b"))
            await here.settle(1)
            assert [row["pbx_call"] for row in here.ledger.db.execute("SELECT pbx_call FROM calls")] == ["a", "b"]
            assert "ledger-refused" in here.health.current


class TestTheEnd:
    @in_virtual_time
    async def test_what_waits_for_an_answer_is_written_when_the_program_stops(self) -> None:
        async with live() as here:
            here.say(arrives(), *rings())
            await here.settle(5)
            here.say(*goes())
            assert here.running is not None
            here.running.cancel()
            await asyncio.sleep(0)
            await here.board.drain()
            assert here.row()["rule"] == "presentation_unknown"
            assert here.row()["ended_at"] is not None

    @in_virtual_time
    async def test_news_being_written_on_a_full_disk_when_the_program_stops_is_tried_once_more(self) -> None:
        async with live() as here:
            full = True
            here.ledger.fill_up = lambda: full
            here.say(arrives(), shown(), *rings(), *goes())
            await asyncio.sleep(3)
            assert here.running is not None
            here.running.cancel()
            await asyncio.sleep(0)
            full = False
            await here.board.drain()
            assert here.row()["ended_at"] is not None


class TestCallsKnownFromRecords:
    @in_virtual_time
    async def test_however_many_they_are_a_live_miss_does_not_wait_behind_them(self) -> None:
        async with live(office({"rings": 1})) as here:
            here.say(arrives(), shown(), *rings())
            await here.settle(1)
            filling = asyncio.create_task(self.fill(here, 200))
            await asyncio.sleep(0)
            here.say(*goes())
            while here.row()["decision"] is None:  # noqa: ASYNC110 - turn by turn, to see what was written before it
                await asyncio.sleep(0)
            assert self.filled(here) <= 3 * writer.MOST_LATER
            await filling
            await here.settle()
            assert self.filled(here) == 200

    async def fill(self, here: Live, number: int) -> None:
        for n in range(number):
            call = Call(f"r{n}", Direction.INBOUND, TOLL_FREE, "", LINE, "trunk", False, clock() - 60, ended_at=clock())
            await here.board.writer.put_later(Case(News.MISSED, call, Presentation.SHOWN, clock(), "records"))
            await asyncio.sleep(0)

    def filled(self, here: Live) -> int:
        return sum(calls.find(here.ledger.db, f"r{n}") is not None for n in range(200))


class TestFromBefore:
    @in_virtual_time
    async def test_a_call_that_began_before_this_program_did_keeps_its_line_and_direction(self) -> None:
        async with live(office({"number": LINE, "rings": 1})) as here:
            here.board.remember([OpenCall(1, "c", Direction.INBOUND, ANNA, LINE, clock() - 20, None, None)])
            rewritten = LegCreated("c", "c", LegRole.PARTY, False, False, "trunk", "", "101", "", "s")
            phone = LegCreated("c/101", "c", LegRole.PARTY, False, False, "101")
            rows = (LegListed(rewritten, False, False, None, "", 20), LegListed(phone, True, False, None, "", 2))
            here.say(ListingBegins(), Listed(rows), shown())
            await here.settle(10)
            assert (here.row()["line"], here.row()["caller"], here.row()["rule"]) == (LINE, ANNA, "text")

    @in_virtual_time
    async def test_one_already_decided_is_not_decided_again(self) -> None:
        async with live(office({"rings": 1})) as here:
            here.say(arrives(), shown(), *rings())
            await here.settle(10)
            assert len(here.handset.got) == 1
            again = Switchboard(office({"rings": 1}), here.ledger, here.board._outbox, here.health)
            again.remember(await here.ledger.read(calls.in_flight))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(again.run())
                phone = LegCreated("c/101", "c", LegRole.PARTY, False, False, "101")
                rows = (LegListed(arrives(), False, False, None, "", 10), LegListed(phone, True, False, None, "", 10))
                again.take([ListingBegins(), Listed(rows), shown()])
                await asyncio.sleep(20)
                await again.writer.written()
                task.cancel()
            assert len(here.handset.got) == 1
