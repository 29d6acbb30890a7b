"""The script's people at a double's page."""

import math
from collections.abc import AsyncIterator

import pytest

from agent.demo import page as at_page
from agent.demo.page import Page, PageTrouble
from agent.demo.script import CALLERS, Script
from sms.provider import OutgoingText
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble, VirtualClock

ONE = CALLERS[0]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_750_000_000.0)


@pytest.fixture
async def double(clock: VirtualClock) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble(clock, page=True) as double:
        yield double


def test_the_demo_knows_the_double_s_account() -> None:
    assert (at_page.ACCOUNT, at_page.TOKEN) == (ACCOUNT, TOKEN)


async def test_who_was_texted_writes_back_once_the_text_is_on_the_handset(
    double: TwilioDouble, clock: VirtualClock
) -> None:
    async with Page(double.base_url + "/", Script(math.inf)) as page:
        await page.check()
        provider = TwilioProvider(TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=double.base_url))
        await provider.send(OutgoingText(ref="r", to=ONE.number, body="Sorry we missed you.", valid_for=60))
        await page.look()
        assert await provider.received(0.0) == []
        clock.advance(60)
        for _ in range(2):
            await page.look()
        assert [(one.sender, one.to, one.body) for one in await provider.received(0.0)] == [
            (ONE.number, OUR_NUMBER, ONE.words)
        ]
        await provider.close()


async def test_where_nobody_answers_it_says_what_starts_a_double(double: TwilioDouble) -> None:
    await double.down()
    async with Page(double.base_url, Script(1.0)) as page:
        with pytest.raises(PageTrouble, match="`make demo` starts one"):
            await page.check()


async def test_a_double_on_which_somebody_texted_already_is_refused(double: TwilioDouble) -> None:
    double.reply("+12025550199", "Hello?")
    async with Page(double.base_url, Script(1.0)) as page:
        with pytest.raises(PageTrouble, match="has texts from before"):
            await page.check()


async def test_it_outlives_a_double_that_goes_away(double: TwilioDouble) -> None:
    async with Page(double.base_url, Script(math.inf)) as page:
        await double.down()
        await page.look()
