"""Sending through Twilio: one POST, an honest fate, and never a second text."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import TypedDict, Unpack

import aiohttp
import pytest

from sms.provider import Accepted, Fault, NotSent, OutgoingText, ProviderTrouble, Refused, Unknown
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from storage.vocabulary import TextState
from tests.doubles.twilio import ACCOUNT, API_KEY, API_SECRET, OUR_NUMBER, SERVICE, TOKEN, TwilioDouble, VirtualClock
from tests.doubles.twilio.troubles import (
    Canned,
    Trouble,
    answers,
    drops_after,
    drops_before,
    drops_during,
    error_500,
    error_502,
    hangs,
    slow_down,
    unauthorized,
)

NOON = 1_750_000_000.0
CALLER = "+12025550143"
SORRY = "Sorry we missed your call. Reply STOP to opt out."
SHORT_ANSWER = aiohttp.ClientTimeout(total=0.3, connect=10)
SHORT_CONNECT = aiohttp.ClientTimeout(total=10, connect=0.1)


class Settings(TypedDict, total=False):
    secret: str
    user: str
    sender: str | None
    messaging_service: str | None
    base_url: str
    own_numbers: tuple[str, ...]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def twilio(clock: VirtualClock) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble(clock) as double:
        yield double


def account(twilio: TwilioDouble, **settings: Unpack[Settings]) -> TwilioAccount:
    usual: Settings = {"user": ACCOUNT, "secret": TOKEN, "sender": OUR_NUMBER, "base_url": twilio.base_url}
    return TwilioAccount(account_sid=ACCOUNT, **(usual | settings))


@pytest.fixture
async def provider(twilio: TwilioDouble, clock: VirtualClock) -> AsyncIterator[TwilioProvider]:
    provider = TwilioProvider(account(twilio), now=clock.now)
    yield provider
    await provider.close()


def text(to: str = CALLER, body: str = SORRY, valid_for: int = 600) -> OutgoingText:
    return OutgoingText("m1", to, body, valid_for)


async def test_a_text_reaches_the_handset(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    fate = await provider.send(text())
    [got] = twilio.handset(CALLER)
    assert fate == Accepted(got.sid, segments=1, at=NOON)
    assert (got.sender, got.body) == (OUR_NUMBER, SORRY)


async def test_every_character_arrives_as_written(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    body = "Zoë & Søn: 100 % +1=2? “déjà vu” 🔔\r\n\tReply STOP "
    await provider.send(text(body=body))
    assert [got.body for got in twilio.handset(CALLER)] == [body]


@pytest.mark.parametrize(("left", "asked"), [(600, 600), (3, 10), (-5, 10), (10**6, 36000)])
async def test_twilio_may_queue_it_only_for_what_is_left(
    twilio: TwilioDouble, provider: TwilioProvider, left: int, asked: int
) -> None:
    await provider.send(text(valid_for=left))
    assert [e["validity"] for e in twilio.record.of("stored")] == [asked]


async def test_a_messaging_service_sends_too(clock: VirtualClock) -> None:
    async with TwilioDouble(clock, service=SERVICE) as twilio:
        provider = TwilioProvider(account(twilio, sender=None, messaging_service=SERVICE), now=clock.now)
        fate = await provider.send(text())
        assert isinstance(fate, Accepted) and fate.segments is None
        assert len(twilio.handset(CALLER)) == 1
        await provider.close()


async def test_an_api_key_does(twilio: TwilioDouble) -> None:
    provider = TwilioProvider(account(twilio, user=API_KEY, secret=API_SECRET))
    assert isinstance(await provider.send(text()), Accepted)
    await provider.close()


@pytest.mark.parametrize(
    ("outgoing", "fault"),
    [
        (text(to="12025550143"), Fault.BAD_NUMBER),
        (text(to="+442079460100"), Fault.COUNTRY),
        (text(body="x" * 1601), Fault.OUR_MISTAKE),
        (text(body=""), Fault.OUR_MISTAKE),
        (text(body="half \ud83d"), Fault.OUR_MISTAKE),
    ],
)
async def test_a_refusal_names_its_class(
    twilio: TwilioDouble, provider: TwilioProvider, outgoing: OutgoingText, fault: Fault
) -> None:
    fate = await provider.send(outgoing)
    assert isinstance(fate, Refused) and fate.fault is fault
    assert twilio.handset(outgoing.to) == []


async def test_wrong_credentials_are_an_account_refusal(twilio: TwilioDouble) -> None:
    provider = TwilioProvider(account(twilio, secret="old"))
    fate = await provider.send(text())
    assert isinstance(fate, Refused) and (fate.fault, fate.code) == (Fault.ACCOUNT, "20003")
    await provider.close()


async def test_a_sender_that_is_not_ours_is_an_account_refusal(twilio: TwilioDouble) -> None:
    provider = TwilioProvider(account(twilio, sender="+13125550199"))
    fate = await provider.send(text())
    assert isinstance(fate, Refused) and (fate.fault, fate.code) == (Fault.ACCOUNT, "21606")
    await provider.close()


@pytest.mark.parametrize(
    "trouble",
    [
        drops_before(),
        drops_during(),
        drops_after(),
        error_500(stores=True),
        error_500(stores=False),
        error_502(stores=True),
        answers(Canned(201, b"<html>ok</html>", "text/html"), stores=True),
        answers(Canned(201, b'["SM"]'), stores=True),
        answers(Canned(201, b'{"sid": ' + b"[" * 100_000), stores=True),
        answers(Canned(201, b'{"sid": "' + b"x" * 5_000_000), stores=True),
        answers(
            Canned(201, gzip.compress(b'{"sid": "SM1234567890"}'), headers={"Content-Encoding": "gzip"}), stores=True
        ),
        answers(Canned(201, b"", headers={"X-Long": "x" * 20_000}), stores=True),
    ],
    ids=lambda trouble: trouble.name,
)
async def test_without_a_readable_answer_the_fate_is_unknown_after_exactly_one_post(
    twilio: TwilioDouble, provider: TwilioProvider, trouble: Trouble
) -> None:
    twilio.on_post(trouble)
    assert isinstance(await provider.send(text()), Unknown)
    assert twilio.posts() == 1
    assert len(twilio.handset(CALLER)) == (1 if trouble.stores else 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00" * 5000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 999\r\n\r\n",
        b"HTTP/9.9 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nxx",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 3000,
        b"HTTP/1.1 201 Created\r\nSet-Cookie: \xff=\x01;;=;\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nDate: \xff\xfe\r\nRetry-After: \xb2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 201 Created\r\nContent-Encoding: br\r\nContent-Type: x/y; charset=none\r\n\r\n{",
    ],
)
async def test_no_bytes_from_the_other_end_make_send_raise(raw: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=f"http://127.0.0.1:{port}")
        provider = TwilioProvider(settings)
        assert isinstance(await provider.send(text()), Unknown)
        await provider.close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_never_followed(twilio: TwilioDouble, provider: TwilioProvider, status: int) -> None:
    twilio.on_post(answers(Canned(status, headers={"Location": f"{twilio.base_url}/2010-04-01/elsewhere"})))
    assert isinstance(await provider.send(text()), Unknown)
    assert twilio.posts() == 1
    assert twilio.record.of("get") == []


async def test_a_kept_connection_that_dies_under_the_post_is_unknown_and_not_posted_again(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    await provider.warm()
    twilio.on_post(drops_before())
    assert isinstance(await provider.send(text()), Unknown)
    assert twilio.posts() == 1


async def test_a_provider_that_hangs_is_given_up_as_unknown(twilio: TwilioDouble) -> None:
    provider = TwilioProvider(account(twilio), timeout=SHORT_ANSWER)
    twilio.on_post(hangs(stores=True))
    assert isinstance(await provider.send(text()), Unknown)
    assert twilio.posts() == 1
    await provider.close()


async def test_too_many_requests_is_not_sent_with_the_wait_asked_for(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    twilio.on_post(slow_down("3"), slow_down("Sun, 15 Jun 2025 15:06:55 GMT"), slow_down(None))
    fates = [await provider.send(text()) for _ in range(3)]
    assert [fate.retry_after for fate in fates if isinstance(fate, NotSent)] == [3.0, 15.0, 1.0]
    assert twilio.handset(CALLER) == []


async def test_the_wait_until_a_date_goes_by_twilios_clock(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    twilio.skew = 300
    twilio.on_post(slow_down("Sun, 15 Jun 2025 15:11:50 GMT"))
    fate = await provider.send(text())
    assert isinstance(fate, NotSent) and fate.retry_after == 10.0


async def test_nobody_at_the_door_is_not_sent(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await twilio.down()
    assert isinstance(await provider.send(text()), NotSent)
    await twilio.up()
    assert isinstance(await provider.send(text()), Accepted)


async def test_a_failed_handshake_is_not_sent(twilio: TwilioDouble) -> None:
    provider = TwilioProvider(account(twilio, base_url=twilio.base_url.replace("http:", "https:")))
    assert isinstance(await provider.send(text()), NotSent)
    assert twilio.posts() == 0
    await provider.close()


async def test_a_handshake_that_never_ends_is_not_sent() -> None:
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    settings = TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=f"https://127.0.0.1:{port}")
    provider = TwilioProvider(settings, timeout=SHORT_CONNECT)
    assert isinstance(await provider.send(text()), NotSent)
    await provider.close()
    silent.close()


async def test_a_cancelled_send_was_taken_and_is_found(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    twilio.on_post(hangs(stores=True))
    sending = asyncio.create_task(provider.send(text()))
    await twilio.record.wait_for("stored")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert twilio.posts() == 1
    found = await provider.find(text(), NOON)
    assert found is not None and found.sid == twilio.handset(CALLER)[0].sid


async def test_the_token_is_not_shown_with_the_account(twilio: TwilioDouble) -> None:
    assert TOKEN not in repr(account(twilio))


@pytest.mark.parametrize("settings", [Settings(sender=None), Settings(user="SK:1")])
def test_an_account_that_cannot_work_is_refused_at_once(settings: Settings) -> None:
    with pytest.raises(ValueError, match="Twilio"):
        account(TwilioDouble(), **settings)


# Warming


async def test_a_warm_connection_serves_the_post(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await provider.warm()
    await provider.send(text())
    connections = {e["connection"] for e in twilio.record.events if e["event"] in ("get", "post")}
    assert connections == {1}


async def test_many_ringing_calls_warm_once(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await asyncio.gather(*(provider.warm() for _ in range(20)))
    assert len(twilio.record.of("get")) == 1


@pytest.mark.parametrize(
    "trouble", [drops_before(), drops_during(), unauthorized(), answers(Canned(200, b"x" * 5_000_000))]
)
async def test_warming_that_fails_harms_no_text(
    twilio: TwilioDouble, provider: TwilioProvider, trouble: Trouble
) -> None:
    twilio.on_get(trouble, trouble)
    await provider.warm()
    assert isinstance(await provider.send(text()), Accepted)


async def test_a_text_does_not_wait_for_a_warming_that_hangs(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    twilio.on_get(hangs(stores=False))
    warming = asyncio.create_task(provider.warm())
    await twilio.record.wait_for("get")
    assert isinstance(await provider.send(text()), Accepted)
    warming.cancel()


async def test_warming_a_provider_that_is_down_says_nothing(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await twilio.down()
    await provider.warm()


# Finding a text of unknown fate


async def test_a_lost_answer_is_found_once_twilio_lists_it(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    twilio.list_lag = 30
    twilio.on_post(drops_after())
    await provider.send(text())
    assert await provider.find(text(), NOON) is None
    clock.advance(31)
    found = await provider.find(text(), NOON)
    assert found is not None and found.sid == twilio.handset(CALLER)[0].sid


async def test_a_text_that_was_never_taken_is_not_found(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    twilio.on_post(drops_before())
    await provider.send(text())
    assert await provider.find(text(), NOON) is None


@pytest.mark.parametrize("skew", [-300, 0, 300])
async def test_the_same_words_of_last_week_are_not_taken_for_this_text_whatever_the_clocks(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock, skew: float
) -> None:
    twilio.skew = skew
    await provider.send(text())
    clock.advance(60)
    twilio.on_post(drops_before(), drops_after())
    await provider.send(text())
    assert await provider.find(text(), clock.now()) is None
    clock.advance(5)
    since = clock.now()
    await provider.send(text())
    clock.advance(3)
    found = await provider.find(text(), since)
    assert found is not None and found.sid == twilio.handset(CALLER)[1].sid


async def test_an_id_that_belongs_to_another_text_is_not_taken(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    first = await provider.send(text())
    assert isinstance(first, Accepted)
    twilio.on_post(drops_after())
    await provider.send(text())
    found = await provider.find(text(), NOON, known={first.sid})
    assert found is not None and found.sid == twilio.handset(CALLER)[1].sid
    assert await provider.find(text(), NOON, known={first.sid, found.sid}) is None


async def test_of_two_that_could_be_it_the_first_is_taken(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    twilio.on_post(drops_after(), drops_after())
    for _ in range(2):
        await provider.send(text())
        clock.advance(60)
    found = await provider.find(text(), NOON)
    assert found is not None and found.sid == twilio.handset(CALLER)[0].sid


async def test_an_answer_that_twilio_gave_by_itself_is_not_taken(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    same = {"sid": "SM" + "1" * 32, "to": CALLER, "body": SORRY, "date_created": "Sun, 15 Jun 2025 15:06:40 +0000"}
    for direction in ("outbound-reply", "outbound-call", "inbound", None):
        listed = json.dumps({"messages": [same | {"direction": direction}]}).encode()
        twilio.on_get(answers(Canned(200, listed)))
        assert await provider.find(text(), NOON) is None


async def test_other_words_other_handsets_and_the_callers_own_texts_are_not_taken(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    await provider.send(text(body=SORRY + " "))
    await provider.send(text(to="+12025550144"))
    twilio.reply(CALLER, SORRY)
    assert await provider.find(text(), NOON) is None


@pytest.mark.parametrize(
    "trouble", [drops_during(), error_502(stores=False), unauthorized(), answers(Canned(200, b"{}"))]
)
async def test_a_question_that_fails_says_so(twilio: TwilioDouble, provider: TwilioProvider, trouble: Trouble) -> None:
    twilio.on_get(trouble)
    with pytest.raises(ProviderTrouble, match=r"Twilio|127\.0\.0\.1"):
        await provider.find(text(), NOON)


# How it stands


async def test_a_text_goes_its_way_and_its_price_comes_late(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    fate = await provider.send(text())
    assert isinstance(fate, Accepted)
    seen = []
    for seconds in (0.0, 1.0, 2.0, 200.0):
        clock.advance(seconds)
        status = await provider.status(fate.sid)
        seen.append((status.state, status.final, status.price))
    assert seen == [
        (TextState.ACCEPTED, False, None),
        (TextState.SENT, False, None),
        (TextState.DELIVERED, True, None),
        (TextState.DELIVERED, True, "-0.00790"),
    ]


async def test_an_unregistered_number_is_an_account_fault_told_late(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    twilio.carrier.unregistered = True
    fate = await provider.send(text())
    assert isinstance(fate, Accepted)
    clock.advance(10)
    status = await provider.status(fate.sid)
    assert (status.state, status.final, status.fault) == (TextState.FAILED, True, Fault.ACCOUNT)


async def test_a_text_that_waits_too_long_in_the_queue_expires_and_reaches_nobody(
    twilio: TwilioDouble, provider: TwilioProvider, clock: VirtualClock
) -> None:
    await provider.send(text(to="+12025550144", body="x" * 1600))
    fate = await provider.send(text(valid_for=10))
    assert isinstance(fate, Accepted)
    clock.advance(10)
    status = await provider.status(fate.sid)
    assert (status.state, status.final) == (TextState.EXPIRED, True)
    assert twilio.handset(CALLER) == []


async def test_an_unknown_id_is_a_trouble_with_words(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    with pytest.raises(ProviderTrouble, match="404"):
        await provider.status("SM" + "0" * 32)


async def test_an_answer_about_another_text_is_not_believed(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    other = json.dumps({"sid": "SM" + "1" * 32, "status": "delivered"}).encode()
    twilio.on_get(answers(Canned(200, other)))
    with pytest.raises(ProviderTrouble, match="no message"):
        await provider.status("SM" + "0" * 32)
