"""The double itself: a judge must be beyond doubt."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sms.provider import Accepted, OutgoingText, Refused
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.twilio import (
    ACCOUNT,
    OUR_NUMBER,
    TOKEN,
    Sender,
    TwilioDouble,
    VirtualClock,
    at_most_one_per_miss,
    events_of,
    handset_texts,
)
from tests.doubles.twilio.carrier import segments
from tests.doubles.twilio.troubles import Mix, mix_named

NOON = 1_750_000_000.0
CALLER = "+12025550143"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def twilio(clock: VirtualClock) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble(clock) as double:
        yield double


@pytest.fixture
async def provider(twilio: TwilioDouble, clock: VirtualClock) -> AsyncIterator[TwilioProvider]:
    provider = TwilioProvider(account(twilio.base_url), now=clock.now)
    yield provider
    await provider.close()


def account(base_url: str) -> TwilioAccount:
    return TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=base_url)


def text(to: str = CALLER, body: str = "Sorry. Reply STOP to opt out.") -> OutgoingText:
    return OutgoingText("m1", to, body, 600)


async def test_two_texts_for_one_miss_are_found_out(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await provider.send(text())
    twilio.at_most_one_per_miss()
    await provider.send(text(body="Sorry again. Reply STOP to opt out."))
    with pytest.raises(AssertionError, match="Sorry again"):
        twilio.at_most_one_per_miss()
    twilio.at_most_one_per_miss({CALLER: 2})


async def test_a_text_to_someone_who_was_never_missed_is_found_out(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    await provider.send(text())
    with pytest.raises(AssertionError, match="1 texts, 0 missed"):
        twilio.at_most_one_per_miss({"+12025550144": 1})


async def test_stop_is_answered_and_obeyed_until_start(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    twilio.reply(CALLER, " Stop ")
    refused = await provider.send(text())
    assert isinstance(refused, Refused) and refused.code == "21610"
    twilio.reply(CALLER, "START")
    assert isinstance(await provider.send(text()), Accepted)
    assert [(got.by_provider, got.body[:12]) for got in twilio.handset(CALLER)] == [
        (True, "You have suc"),
        (True, "You have suc"),
        (False, "Sorry. Reply"),
    ]
    twilio.at_most_one_per_miss()


async def test_a_toll_free_number_knows_only_stop(clock: VirtualClock) -> None:
    async with TwilioDouble(clock, senders=(Sender(OUR_NUMBER, rate=3, toll_free=True),)) as twilio:
        provider = TwilioProvider(account(twilio.base_url), now=clock.now)
        twilio.reply(CALLER, "QUIT")
        assert isinstance(await provider.send(text()), Accepted)
        twilio.reply(CALLER, "STOP")
        assert isinstance(await provider.send(text()), Refused)
        await provider.close()


async def test_a_long_code_lets_one_segment_a_second_out(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    for number in range(3):
        await provider.send(text(f"+1202555014{number}", "x" * 161))
    assert [twilio.handset(f"+1202555014{number}")[0].at - NOON for number in range(3)] == [2.0, 4.0, 6.0]


async def test_sixteen_texts_between_two_numbers_in_half_a_minute_are_too_many(
    twilio: TwilioDouble, provider: TwilioProvider
) -> None:
    for _ in range(16):
        await provider.send(text())
    assert len(twilio.handset(CALLER)) == 15


async def test_the_first_byte_of_a_request_is_timed(twilio: TwilioDouble, provider: TwilioProvider) -> None:
    await provider.send(text())
    await provider.send(text())
    first, second = twilio.record.of("post")
    stored = twilio.record.of("stored")
    times = [first["first_byte_ns"], stored[0]["monotonic_ns"], second["first_byte_ns"], stored[1]["monotonic_ns"]]
    assert times == sorted(times, key=lambda t: int(str(t)))


@pytest.mark.parametrize(
    ("body", "count"),
    [("x" * 160, 1), ("x" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ç" * 70, 1), ("ç" * 71, 2), ("🔔" * 36, 2)],
)
def test_segments_are_counted_as_billed(body: str, count: int) -> None:
    assert segments(body) == count


def test_the_same_seed_brings_the_same_bad_day() -> None:
    days = [[mix.draw() for _ in range(300)] for mix in (Mix(7), Mix(7), Mix(8))]
    assert days[0] == days[1] != days[2]
    assert {trouble.name for trouble in days[0]} >= {"fine", "late", "drops_before", "drops_during", "drops_after"}


def test_a_mix_with_an_unknown_trouble_is_refused() -> None:
    with pytest.raises(ValueError, match="earthquake"):
        mix_named("late=0.1,earthquake=0.2", seed=1)


async def test_as_a_process_it_outlives_the_agent_and_its_ledger_can_be_read_at_any_time(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.doubles.twilio", "--ledger", str(ledger), "--faults", "drops_after=1.0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    base_url = f"http://127.0.0.1:{int(await process.stdout.readline())}"
    provider = TwilioProvider(account(base_url))
    await provider.send(text())
    await provider.close()
    async with aiohttp.ClientSession() as person:
        answer = await person.post(f"{base_url}/double/reply", data=json.dumps({"from": CALLER, "body": "STOP"}))
        assert answer.status == 200
    events = events_of(ledger)
    assert [event["event"] for event in events] == ["post", "stored", "handset", "reply", "handset"]
    assert [(got.to, got.by_provider) for got in handset_texts(events)] == [(CALLER, False), (CALLER, True)]
    at_most_one_per_miss(handset_texts(events))
    process.terminate()
    assert await process.wait() == 0
