"""What a reply is answered: an opt-out once, HELP with name and number, nothing where the provider did so already."""

import asyncio

import pytest

from storage.queries import callers
from tests.unit.agent.conversations.front_desk import ANNA, TIM, front_desk
from tests.virtual_time import in_virtual_time

HALF_A_MINUTE = 30.0


@in_virtual_time
async def test_an_opt_out_in_own_words_is_confirmed_once() -> None:
    async with front_desk() as desk:
        desk.writes(ANNA, "please stop texting me")
        confirmed = await desk.expect_text(ANNA, "any more texts")
        assert confirmed == "Acme Plumbing: you won't get any more texts from us. Reply START to get them again."
        desk.writes(ANNA, "I said stop texting me!")
        await asyncio.sleep(120)
        assert len(desk.got(ANNA)) == 1


@in_virtual_time
async def test_a_keyword_that_the_provider_confirms_is_not_confirmed_twice() -> None:
    async with front_desk() as desk:
        desk.writes(ANNA, "STOP")
        await asyncio.sleep(120)
        assert desk.got(ANNA) == []
        assert callers.opt_out_in_force(desk.db, ANNA) is not None


@in_virtual_time
async def test_a_keyword_that_it_does_not_know_is_confirmed_in_the_callers_language() -> None:
    async with front_desk() as desk:
        desk.writes(ANNA, "ARRÊT")
        assert "Repondez START" in await desk.expect_text(ANNA, "START")


@pytest.mark.parametrize(
    ("asked", "answered"), [("AYUDA", "Llame al"), ("aide", "Appelez le"), ("help please", "Call us at")]
)
def test_help_that_the_provider_does_not_answer_is_answered_with_name_and_number(asked: str, answered: str) -> None:
    @in_virtual_time
    async def story() -> None:
        async with front_desk() as desk:
            desk.writes(ANNA, asked)
            got = await desk.expect_text(ANNA, answered)
            assert "Acme Plumbing" in got and "+13125550100" in got
            desk.writes(ANNA, asked)
            await asyncio.sleep(120)
            assert len(desk.got(ANNA)) == 1

    story()


@in_virtual_time
async def test_help_after_an_opt_out_is_not_answered() -> None:
    async with front_desk() as desk:
        desk.writes(ANNA, "STOP")
        await asyncio.sleep(HALF_A_MINUTE)
        desk.writes(ANNA, "ayuda")
        await asyncio.sleep(120)
        assert desk.got(ANNA) == []


@in_virtual_time
async def test_what_waits_is_cancelled_by_an_opt_out_but_its_confirmation_leaves() -> None:
    async with front_desk() as desk:
        desk.writes(ANNA, "URGENT")
        await desk.expect_text(TIM, "URGENT")
        desk.writes(ANNA, "don't text me again")
        await desk.expect_text(ANNA, "any more texts")
        desk.writes(TIM, "OK")
        await asyncio.sleep(120)
        assert not [body for body in desk.got(ANNA) if "has seen" in body]


@in_virtual_time
async def test_staff_who_write_are_no_callers() -> None:
    async with front_desk() as desk:
        desk.writes(TIM, "URGENT: who took the van?")
        await asyncio.sleep(120)
        assert desk.got(TIM) == []


@in_virtual_time
async def test_a_confirmation_is_not_sent_an_hour_later() -> None:
    async with front_desk() as desk:
        await desk.stop()
        desk.writes(ANNA, "please don't text me")
        await asyncio.sleep(2 * 3600)
        desk.start()
        await asyncio.sleep(120)
        assert desk.got(ANNA) == []
        assert callers.opt_out_in_force(desk.db, ANNA) is not None
