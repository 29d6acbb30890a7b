"""Replies without a webhook: the records name them, and each is asked for once."""

from collections.abc import AsyncIterator

import pytest

from sms.provider import ProviderTrouble
from sms.telnyx.client import TelnyxProvider
from sms.telnyx.records import OVERLAP, PAGE
from sms.telnyx.rest import TelnyxAccount
from tests.doubles.telnyx import API_KEY, OUR_NUMBER, PROFILE, Sender, TelnyxDouble
from tests.doubles.telnyx.carrier import Refusal
from tests.doubles.telnyx.troubles import error_500, refused
from tests.doubles.twilio import VirtualClock
from tests.doubles.twilio.troubles import FINE, Canned, answers

NOON = 1_750_000_000.0
CALLER = "+12025550143"
OTHER_NUMBER = "+13125550101"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def telnyx(clock: VirtualClock) -> AsyncIterator[TelnyxDouble]:
    senders = (Sender(OUR_NUMBER, PROFILE), Sender(OTHER_NUMBER, "another profile"))
    async with TelnyxDouble(clock, senders=senders) as double:
        yield double


@pytest.fixture
async def provider(telnyx: TelnyxDouble, clock: VirtualClock) -> AsyncIterator[TelnyxProvider]:
    provider = TelnyxProvider(TelnyxAccount(API_KEY, OUR_NUMBER, base_url=telnyx.base_url), now=clock.now)
    yield provider
    await provider.close()


async def bodies(provider: TelnyxProvider, since: float = NOON) -> list[str]:
    return [text.body for text in await provider.received(since)]


async def test_each_reply_costs_one_request_however_often_it_is_told(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.reply(CALLER, "Tuesday?")
    clock.advance(1)
    telnyx.reply(CALLER, "Or Wednesday")
    assert await bodies(provider) == ["Tuesday?", "Or Wednesday"]
    asked = len(telnyx.record.of("get"))
    assert await bodies(provider) == ["Tuesday?", "Or Wednesday"]
    assert len(telnyx.record.of("get")) == asked + 1


async def test_more_than_a_page_of_replies_are_all_read(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    for number in range(PAGE + 1):
        telnyx.reply(CALLER, str(number))
    assert sorted(await bodies(provider), key=int) == [str(number) for number in range(PAGE + 1)]


async def test_a_reply_that_is_listed_late_is_not_lost(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.list_lag = OVERLAP - 60
    telnyx.reply(CALLER, "Tuesday?")
    assert await bodies(provider) == []
    clock.advance(telnyx.list_lag)
    assert await bodies(provider, since=clock.now()) == ["Tuesday?"]


async def test_replies_to_other_numbers_of_the_account_are_not_ours(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    telnyx.reply(CALLER, "For somebody else", OTHER_NUMBER)
    telnyx.reply(CALLER, "For us")
    assert await bodies(provider) == ["For us"]
    pool = TelnyxProvider(TelnyxAccount(API_KEY, messaging_profile=PROFILE, base_url=telnyx.base_url))
    assert await bodies(pool) == ["For us"]
    await pool.close()


async def test_a_reply_that_cannot_be_read_hides_no_other_and_is_tried_again(
    telnyx: TelnyxDouble, provider: TelnyxProvider, clock: VirtualClock
) -> None:
    telnyx.reply(CALLER, "First")
    clock.advance(1)
    telnyx.reply(CALLER, "Second")
    telnyx.on_get(FINE, answers(refused(Refusal(10005, "Resource not found", http=404))))
    assert await bodies(provider) == ["First"]
    assert await bodies(provider) == ["First", "Second"]


@pytest.mark.parametrize(
    "answer", [Canned(200, b"<html>"), Canned(200, b"{}"), Canned(200, b'{"data": 5}'), Canned(302)]
)
async def test_a_list_that_is_none_is_a_trouble(telnyx: TelnyxDouble, provider: TelnyxProvider, answer: Canned) -> None:
    telnyx.on_get(answers(answer))
    with pytest.raises(ProviderTrouble, match=r"\w+ \w+"):
        await provider.received(NOON)


async def test_a_failure_in_the_middle_is_a_trouble_and_the_next_reading_has_all(
    telnyx: TelnyxDouble, provider: TelnyxProvider
) -> None:
    telnyx.reply(CALLER, "Tuesday?")
    telnyx.on_get(FINE, error_500(stores=False))
    with pytest.raises(ProviderTrouble):
        await provider.received(NOON)
    assert await bodies(provider) == ["Tuesday?"]


async def test_nonsense_among_the_records_hides_no_reply(telnyx: TelnyxDouble, provider: TelnyxProvider) -> None:
    telnyx.reply(CALLER, "Tuesday?")
    telnyx.on_get(answers(Canned(200, b'{"data": [5, null, {}, {"uuid": "../x", "cld": "+13125550100"}, []]}')))
    assert await bodies(provider) == []
    assert await bodies(provider) == ["Tuesday?"]
