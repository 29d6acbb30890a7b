"""The page on which a newcomer plays the callers, and the double as a process that has it."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sms.provider import OutgoingText
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.receiver import Receiver
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, TwilioDouble, VirtualClock

ANNA = "+12025550143"
NOON = 1_750_000_000.0
MARKUP = '<img src=x onerror="alert(1)">&amp;'
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def twilio(clock: VirtualClock) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble(clock, page=True) as double:
        yield double


@pytest.fixture
async def person(twilio: TwilioDouble) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(twilio.base_url, headers=BROWSER) as session:
        yield session


async def test_the_page_is_for_browsers_and_the_api_stays_as_it_is(
    twilio: TwilioDouble, person: aiohttp.ClientSession
) -> None:
    page = await person.get("/")
    assert page.content_type == "text/html" and "Play the caller" in await page.text()
    plain = await person.get("/", headers={"Accept": "*/*"})
    assert await plain.json() == {"versions": []}
    assert len(twilio.record.of("get")) == 1
    async with TwilioDouble() as without, aiohttp.ClientSession(headers=BROWSER) as other:
        assert (await other.get(without.base_url)).content_type == "application/json"


async def test_the_page_needs_nothing_from_elsewhere_and_never_reads_content_as_markup(
    person: aiohttp.ClientSession,
) -> None:
    page = await (await person.get("/")).text()
    assert not re.search(r"https?://|@import|<link[^>]+stylesheet|<script[^>]+src", page)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(", page)
    assert "default-src 'none'" in page


async def test_a_conversation_shows_whose_words_they_are_and_how_each_text_stands(
    twilio: TwilioDouble, person: aiohttp.ClientSession, clock: VirtualClock
) -> None:
    provider = TwilioProvider(TwilioAccount(ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url))
    await provider.send(OutgoingText("m", ANNA, "Sorry. Reply STOP to opt out.", 600))
    await provider.close()
    for body in (MARKUP, "STOP"):
        clock.advance(60)
        answer = await person.post("/double/reply", json={"from": ANNA, "body": body, "to": OUR_NUMBER})
        assert answer.status == 200
    shown = await (await person.get("/double/conversations")).json()
    [conversation] = shown["conversations"]
    assert (conversation["number"], conversation["ours"], conversation["opted_out"]) == (ANNA, OUR_NUMBER, True)
    assert [(text["side"], text["body"][:9], text["status"]) for text in conversation["texts"]] == [
        ("ours", "Sorry. Re", "delivered"),
        ("theirs", MARKUP[:9], "received"),
        ("theirs", "STOP", "received"),
        ("provider", "You have ", "queued"),
    ]
    assert conversation["texts"][1]["body"] == MARKUP


async def test_the_page_tells_what_the_webhook_answered() -> None:
    clock = VirtualClock(NOON)
    async with Receiver(clock.now) as receiver, TwilioDouble(clock, inbound_url=receiver.url(), page=True) as twilio:
        twilio.reply(ANNA, "hello?")
        clock.advance(1)
        await twilio.record.wait_for("hook")
        async with aiohttp.ClientSession(twilio.base_url) as person:
            shown = await (await person.get("/double/conversations")).json()
        assert shown["webhook"] is True
        assert shown["conversations"][0]["texts"][0]["told"] == 200


@pytest.mark.parametrize(
    "asked", ["", "[]", '"x"', "{}", '{"from": "Anna", "body": "x"}', '{"from": "+1202555", "body": "x", "to": "+1"}']
)
async def test_what_cant_be_read_is_refused_with_a_reason(person: aiohttp.ClientSession, asked: str) -> None:
    answer = await person.post("/double/reply", data=asked)
    assert answer.status == 400 and (await answer.json())["error"]


async def test_as_a_process_it_prints_the_pages_address_and_posts_replies(tmp_path: Path) -> None:
    async with Receiver(lambda: 0.0) as receiver:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.doubles.twilio", "--page"),
            *("--inbound-url", receiver.url(), "--hook-faults", "twice=1.0", "--ledger", str(tmp_path / "ledger")),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession(address, headers=BROWSER) as person, asyncio.timeout(20):
            assert (await person.get("/")).content_type == "text/html"
            await person.post("/double/reply", json={"from": ANNA, "body": "hello?"})
            while len(receiver.got) < 2:  # noqa: ASYNC110 - in another process there is nothing to wait on
                await asyncio.sleep(0.01)
        process.terminate()
        assert await process.wait() == 0
        assert [(got.genuine, got.of["Body"]) for got in receiver.got] == [(True, "hello?")] * 2
