"""Replies by polling: each once, none lost, our credentials nowhere else."""

import json
from collections.abc import AsyncIterator

import pytest

from sms.provider import ProviderTrouble
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, SERVICE, TOKEN, Sender, TwilioDouble, VirtualClock
from tests.doubles.twilio.troubles import Canned, answers

NOON = 1_750_000_000.0
CALLER = "+12025550143"
SECOND = "+13125550101"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def twilio(clock: VirtualClock) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble(clock, senders=(Sender(OUR_NUMBER), Sender(SECOND))) as double:
        yield double


@pytest.fixture
async def provider(twilio: TwilioDouble, clock: VirtualClock) -> AsyncIterator[TwilioProvider]:
    settings = TwilioAccount(
        ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url, own_numbers=(OUR_NUMBER, SECOND)
    )
    provider = TwilioProvider(settings, now=clock.now)
    yield provider
    await provider.close()


async def test_replies_to_every_number_come_oldest_first(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    for body, to in (("one", OUR_NUMBER), ("two", SECOND), ("three", OUR_NUMBER)):
        twilio.reply(CALLER, body, to)
        clock.advance(1)
    texts = await provider.received(NOON)
    assert [(text.body, text.to, text.sender) for text in texts] == [
        ("one", OUR_NUMBER, CALLER),
        ("two", SECOND, CALLER),
        ("three", OUR_NUMBER, CALLER),
    ]


async def test_a_busy_day_is_read_page_by_page_and_each_text_once(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    for number in range(250):
        twilio.reply(CALLER, f"text {number}")
        clock.advance(1)
    texts = await provider.received(NOON)
    assert [text.body for text in texts] == [f"text {number}" for number in range(250)]


async def test_a_text_listed_late_or_not_recorded_comes_again(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    twilio.list_lag = 30
    twilio.reply(CALLER, "STOP")
    clock.advance(10)
    assert await provider.received(clock.now()) == []
    clock.advance(21)
    assert [text.body for text in await provider.received(clock.now())] == ["STOP"]
    assert [text.body for text in await provider.received(clock.now())] == ["STOP"]


async def test_what_is_older_than_a_day_before_is_not_read_again(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    for number in range(350):
        twilio.reply(CALLER, f"old {number}")
    clock.advance(30 * 3600)
    twilio.reply(CALLER, "new")
    texts = await provider.received(clock.now())
    assert [text.body for text in texts] == ["new"]
    asked_for_it = [e for e in twilio.record.of("get") if OUR_NUMBER[1:] in str(e["path"])]
    assert len(asked_for_it) == 2


async def test_our_own_texts_and_machine_made_ones_are_no_replies(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    twilio.reply(CALLER, "HELP")
    twilio.reply(CALLER, "I'm driving", machine_made=True)
    assert [text.body for text in await provider.received(NOON)] == ["HELP"]


async def test_a_service_without_numbers_reads_what_came_in_through_it(clock: VirtualClock) -> None:
    async with TwilioDouble(clock, service=SERVICE) as twilio:
        settings = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, messaging_service=SERVICE, base_url=twilio.base_url)
        provider = TwilioProvider(settings, now=clock.now)
        twilio.reply(CALLER, "for us")
        twilio.carrier.service = "MG" + "9" * 32
        twilio.reply(CALLER, "for another shop of the same account")
        assert [text.body for text in await provider.received(NOON)] == ["for us"]
        await provider.close()


def page(messages: object, following: object = None) -> Canned:
    return Canned(200, json.dumps({"messages": messages, "next_page_uri": following}).encode())


def listed(sid: str, **fields: object) -> dict[str, object]:
    date = "Sun, 15 Jun 2025 15:06:40 +0000"
    whole = {"sid": sid, "direction": "inbound", "from": CALLER, "to": OUR_NUMBER, "body": "hi", "date_sent": date}
    return whole | fields


async def test_one_spoilt_text_hides_no_other(
    twilio: TwilioDouble, provider: TwilioProvider, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.on_get(
        answers(page([listed("SM00000001"), 7, None, listed("SM00000002", date_sent=[1]), listed("SM00000003")]))
    )
    assert [text.sid for text in await provider.received(NOON)] == ["SM00000001", "SM00000003"]
    assert "SM00000002" in caplog.text


@pytest.mark.parametrize(
    "following",
    [
        "http://127.0.0.1:1/2010-04-01/Accounts/x/Messages.json",
        f"http://127.0.0.1:1/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        f"//192.0.2.1/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        "http://user:secret@127.0.0.1/",
        "/2010-04-01/Accounts/other/Messages.json",
        "http://[",
        "https://",
    ],
)
async def test_a_next_page_elsewhere_is_not_followed(
    twilio: TwilioDouble, provider: TwilioProvider, following: str
) -> None:
    twilio.on_get(answers(page([], following)))
    with pytest.raises(ProviderTrouble, match=r"next page|not followed"):
        await provider.received(NOON)
    assert len(twilio.record.of("get")) == 1


async def test_pages_that_lead_round_in_a_circle_end(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    twilio.on_get(*(answers(page([], f"{path}?Page={number}")) for number in (1, 2, 1)))
    with pytest.raises(ProviderTrouble, match="circle"):
        await provider.received(NOON)


async def test_pages_without_end_are_left_with_a_warning(
    twilio: TwilioDouble, provider: TwilioProvider, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    twilio.on_get(*(answers(page([listed("SM00000001")], f"{path}?Page={number}")) for number in range(1, 51)))
    assert [text.sid for text in await provider.received(NOON)] == ["SM00000001"]
    assert "the oldest were not read" in caplog.text


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"messages": 5}', b"x" * 5_000_000])
async def test_a_list_that_is_none_is_a_trouble(twilio: TwilioDouble, provider: TwilioProvider, body: bytes) -> None:
    twilio.on_get(answers(Canned(200, body)))
    with pytest.raises(ProviderTrouble, match="base_url"):
        await provider.received(NOON)
