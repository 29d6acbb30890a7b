"""An urgent caller: who is asked, in which order, until when; and that the caller is told the truth at each step."""

import asyncio

import pytest

from agent.conversations.escalation import MOVES, acknowledges, declines
from storage.ledger import in_memory
from storage.queries import callers
from storage.vocabulary import LadderState, OptOutSource
from tests.unit.agent.conversations.front_desk import ANNA, BERT, MARIA, OLGA, STAFF, TIM, FrontDesk, front_desk
from tests.virtual_time import clock, in_virtual_time

TIM_BY_NTFY: dict[str, object] = {**STAFF[0], "notify": ("ntfy://acme-urgent",)}
FLOOD = "Water is pouring through the ceiling!"


async def open_ladder(desk: FrontDesk, words: str = FLOOD) -> None:
    desk.writes(ANNA, words)
    await desk.expect_text(TIM, "URGENT from")


class TestSomebodyTakesIt:
    @in_virtual_time
    async def test_the_first_is_asked_and_the_caller_knows_whom(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            assert desk.got(TIM) == [f'URGENT from {ANNA}: "{FLOOD}". Reply OK to take it, then call within 5 minutes.']
            assert await desk.expect_text(ANNA, "Tim has been alerted")
            assert desk.got(MARIA) == []

    @in_virtual_time
    async def test_who_replies_ok_has_it_and_the_caller_gets_a_name_and_a_time(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            desk.writes(TIM, "OK")
            told = await desk.expect_text(ANNA, "has seen this")
            assert told == "Acme Plumbing: Tim has seen this and will call you by 12:06."
            assert "It's yours. Call +12025550143 by 12:06" in await desk.expect_text(TIM, "It's yours")
            await asyncio.sleep(250)
            assert desk.got(MARIA) == []
            assert (desk.ladder().state, desk.ladder().seen_by) == (LadderState.SEEN, "Tim")

    @in_virtual_time
    async def test_the_second_is_asked_when_the_firsts_time_is_up_and_takes_it(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            began = clock()
            await desk.expect_text(MARIA, "URGENT from")
            assert 119 <= clock() - began <= 126
            desk.writes(MARIA, "on it")
            assert "Maria has seen this" in await desk.expect_text(ANNA, "has seen this")
            assert "Maria has taken" in await desk.expect_text(TIM, "has taken")
            await asyncio.sleep(900)
            assert desk.got(OLGA) == []

    @in_virtual_time
    async def test_who_comes_second_is_told_that_it_is_taken(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.expect_text(MARIA, "URGENT from")
            desk.writes(MARIA, "ok")
            await desk.expect_text(ANNA, "Maria has seen this")
            desk.writes(TIM, "ok")
            assert "taken care of already (Maria)" in await desk.expect_text(TIM, "already")
            assert len([body for body in desk.got(ANNA) if "has seen" in body]) == 1

    @in_virtual_time
    async def test_another_text_from_staff_is_no_acknowledgement(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            desk.writes(TIM, "which street is that?")
            await desk.expect_text(MARIA, "URGENT from")
            assert desk.ladder().seen_by is None


class TestSomebodyCannot:
    """Who can't be reached, or says no, isn't waited for."""

    @in_virtual_time
    async def test_who_says_no_is_passed_over_at_once(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            began = clock()
            desk.writes(TIM, "can't, I am at the dentist until four")
            await desk.expect_text(MARIA, "URGENT from")
            assert clock() - began < 15
            await asyncio.sleep(60)
            assert desk.got(OLGA) == []

    @in_virtual_time
    async def test_a_no_of_one_who_was_passed_over_already_changes_nothing(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.expect_text(MARIA, "URGENT from")
            desk.writes(TIM, "sorry, no")
            await asyncio.sleep(60)
            assert desk.got(OLGA) == []

    @in_virtual_time
    async def test_whose_text_comes_to_nothing_is_passed_over(self) -> None:
        async with front_desk() as desk:
            callers.opt_out(desk.db, TIM, OptOutSource.KEYWORD, "STOP", clock())
            desk.writes(ANNA, FLOOD)
            await desk.expect_text(MARIA, "URGENT from")
            assert clock() - desk.ladder().opened_at < 45
            assert desk.got(TIM) == []

    @in_virtual_time
    async def test_not_so_if_a_notice_reached_that_person(self) -> None:
        async with front_desk(staff=(TIM_BY_NTFY, *STAFF[1:])) as desk:
            callers.opt_out(desk.db, TIM, OptOutSource.KEYWORD, "STOP", clock())
            desk.writes(ANNA, FLOOD)
            await asyncio.sleep(100)
            assert desk.got(MARIA) == []
            await desk.expect_text(MARIA, "URGENT from")


class TestNobodyTakesIt:
    @in_virtual_time
    async def test_everybody_is_asked_again_the_caller_knows_and_the_alarm_stays(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            assert "nobody has seen your message yet" in await desk.expect_text(ANNA, "nobody has seen")
            for number in (TIM, MARIA, OLGA):
                assert "Nobody has taken this yet" in await desk.expect_text(number, "Nobody has taken")
            await asyncio.sleep(1800)
            assert "urgent-unheard" in desk.health.current
            assert [len(desk.got(number)) for number in (TIM, MARIA, OLGA)] == [2, 2, 2]
            assert len(desk.got(ANNA)) == 2

    @in_virtual_time
    async def test_who_takes_it_late_ends_the_alarm_and_promises_no_time_that_is_over(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.expect_text(OLGA, "Nobody has taken")
            await asyncio.sleep(900)
            desk.writes(OLGA, "yes")
            assert "Olga has seen this and will call you as soon as possible" in await desk.expect_text(ANNA, "Olga")
            await asyncio.sleep(60)
            assert "urgent-unheard" not in desk.health.current

    @in_virtual_time
    async def test_everybody_at_once_still_is_one_who_has_it(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.expect_text(OLGA, "Nobody has taken")
            for number in (TIM, MARIA, OLGA):
                desk.writes(number, "OK")
            await asyncio.sleep(120)
            assert len([body for body in desk.got(ANNA) if "has seen this" in body]) == 1


class TestRestart:
    @in_virtual_time
    async def test_a_ladder_goes_on_where_it_was(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.stop()
            await asyncio.sleep(60)
            desk.start()
            await desk.expect_text(MARIA, "URGENT from")
            assert len(desk.got(TIM)) == 1

    @in_virtual_time
    async def test_what_fell_due_meanwhile_is_made_up_for_at_once(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.stop()
            await asyncio.sleep(600)
            desk.start()
            began = clock()
            await desk.expect_text(MARIA, "URGENT from")
            assert clock() - began < 10
            assert desk.got(OLGA) == []

    @in_virtual_time
    async def test_an_ok_that_came_meanwhile_counts(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await desk.stop()
            desk.writes(TIM, "OK")
            await asyncio.sleep(60)
            desk.start()
            await desk.expect_text(ANNA, "Tim has seen this")
            await asyncio.sleep(600)
            assert desk.got(MARIA) == []


class TestTheCaller:
    @in_virtual_time
    async def test_who_writes_urgent_again_while_it_is_open_begins_no_second_ladder(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            desk.writes(ANNA, "URGENT please hurry")
            await asyncio.sleep(60)
            assert len(desk.got(TIM)) == 1

    @in_virtual_time
    async def test_two_callers_are_two_ladders_and_an_ok_takes_the_newest_then_the_other(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            await asyncio.sleep(10)
            desk.writes(BERT, "gas smell in the kitchen")
            await desk.expect_text(TIM, f"URGENT from {BERT}")
            desk.writes(TIM, "ok")
            await desk.expect_text(BERT, "Tim has seen this")
            desk.writes(TIM, "ok")
            await desk.expect_text(ANNA, "Tim has seen this")

    @in_virtual_time
    async def test_who_opted_out_is_heard_all_the_same_but_not_texted(self) -> None:
        async with front_desk() as desk:
            desk.writes(ANNA, "STOP")
            await asyncio.sleep(70)
            await open_ladder(desk)
            desk.writes(TIM, "ok")
            await desk.expect_text(TIM, "It's yours")
            await asyncio.sleep(60)
            assert desk.got(ANNA) == []

    @in_virtual_time
    async def test_a_machine_is_not_urgent_and_gets_no_answer(self) -> None:
        async with front_desk() as desk:
            desk.writes(ANNA, "Auto-reply: I'm away. In an emergency call 911.")
            await asyncio.sleep(120)
            assert desk.got(TIM) == desk.got(ANNA) == []

    @in_virtual_time
    async def test_without_anybody_to_ask_nobody_is_promised_anything(self) -> None:
        async with front_desk(staff=()) as desk:
            desk.writes(ANNA, FLOOD)
            await asyncio.sleep(120)
            assert desk.got(ANNA) == []


class TestThePromise:
    @in_virtual_time
    async def test_who_took_it_is_told_when_the_time_is_up_and_no_call_was_seen(self) -> None:
        async with front_desk() as desk:
            await open_ladder(desk)
            desk.writes(TIM, "OK")
            assert "no call to it was seen" in await desk.expect_text(TIM, "time promised")
            await asyncio.sleep(1200)
            assert len([body for body in desk.got(TIM) if "time promised" in body]) == 1


class TestNotices:
    @in_virtual_time
    async def test_whoever_has_other_addresses_is_reached_by_them_too(self) -> None:
        async with front_desk(staff=(TIM_BY_NTFY, STAFF[1])) as desk:
            await open_ladder(desk)
            await desk.expect_text(MARIA, "URGENT from")
            assert desk.notices == [(["ntfy://acme-urgent"], desk.got(TIM)[0])]

    @in_virtual_time
    async def test_a_notice_that_cannot_go_out_is_an_alarm_and_the_text_goes_all_the_same(self) -> None:
        async with front_desk(staff=(TIM_BY_NTFY,)) as desk:
            desk.notices_fail = "not delivered by ntfy"
            await open_ladder(desk)
            await asyncio.sleep(30)
            assert desk.health.current["notice-failed"].detail == "Tim: not delivered by ntfy"

    @in_virtual_time
    async def test_one_that_was_not_sent_before_a_restart_is_sent_after_it(self) -> None:
        async with front_desk(staff=(TIM_BY_NTFY,)) as desk:
            await open_ladder(desk)
            await desk.stop()
            desk.db.execute("UPDATE ladder_asks SET notice = 'waiting'")
            desk.notices.clear()
            desk.start()
            await asyncio.sleep(5)
            assert len(desk.notices) == 1


def test_the_ledger_knows_the_same_moves() -> None:
    [trigger] = in_memory().execute("SELECT sql FROM sqlite_master WHERE name = 'ladders_moves'").fetchall()
    for before in LadderState:
        for after in LadderState:
            if before is not after:
                assert (f"'{before}>{after}'" in trigger["sql"]) is ((before, after) in MOVES)


@pytest.mark.parametrize("body", ["OK", "ok!", "yes", "Got it", "on it", "👍", "Sí", "d'accord", "I'll take it", "k"])
def test_that_is_an_acknowledgement(body: str) -> None:
    assert acknowledges(body)


@pytest.mark.parametrize("body", ["no", "can't", "who?", "", "?", "ok but I am two hours away and can't come today"])
def test_that_is_none(body: str) -> None:
    assert not acknowledges(body)


@pytest.mark.parametrize(
    "body", ["no", "can't", "Cannot, at the hospital", "not me", "busy", "no puedo", "je peux pas"]
)
def test_that_declines(body: str) -> None:
    assert declines(body)


@pytest.mark.parametrize(
    "body", ["OK", "no problem", "no worries, on it", "which street?", "can't hear him, calling again"]
)
def test_that_does_not(body: str) -> None:
    assert not declines(body)
