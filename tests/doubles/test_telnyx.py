"""The double is as strict as what it stands for: its keys, its block rules, its webhooks."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.doubles.telnyx import API_KEY, OUR_NUMBER, TelnyxDouble
from tests.doubles.telnyx.troubles import error_500
from tests.doubles.twilio import VirtualClock

NOON = 1_750_000_000.0
CALLER = "+12025550143"
TEXT = {"from": OUR_NUMBER, "to": CALLER, "text": "Sorry we missed your call.", "type": "SMS"}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
async def telnyx(clock: VirtualClock) -> AsyncIterator[TelnyxDouble]:
    async with TelnyxDouble(clock) as double:
        yield double


async def post(
    telnyx: TelnyxDouble, fields: object, key: str | None = None, bearer: str = API_KEY
) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    headers |= {} if key is None else {"Idempotency-Key": key}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telnyx.base_url}/v2/messages", data=json.dumps(fields), headers=headers) as answer,
    ):
        return answer.status, await answer.json()


def code(answer: dict[str, object]) -> str:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return str(errors[0]["code"])


async def test_without_a_key_the_same_request_is_two_texts(telnyx: TelnyxDouble) -> None:
    await post(telnyx, TEXT)
    await post(telnyx, TEXT)
    with pytest.raises(AssertionError, match="2 texts, 1 missed"):
        telnyx.at_most_one_per_miss()


async def test_a_key_gives_the_same_bytes_their_first_answer_for_a_day(
    telnyx: TelnyxDouble, clock: VirtualClock
) -> None:
    first = await post(telnyx, TEXT, "k")
    clock.advance(24 * 3600 - 1)
    assert await post(telnyx, TEXT, "k") == first
    assert len(telnyx.handset(CALLER)) == 1
    clock.advance(1)
    assert await post(telnyx, TEXT, "k") != first
    assert len(telnyx.handset(CALLER)) == 2


async def test_a_key_refuses_other_bytes_and_what_is_under_way(telnyx: TelnyxDouble) -> None:
    await post(telnyx, TEXT, "k")
    status, answer = await post(telnyx, TEXT | {"text": "Something else."}, "k")
    assert (status, code(answer)) == (422, "10027")
    telnyx.keys.under_way.add("k")
    status, answer = await post(telnyx, TEXT, "k")
    assert (status, code(answer)) == (409, "10036")
    assert len(telnyx.handset(CALLER)) == 1


async def test_only_a_success_is_kept_under_a_key(telnyx: TelnyxDouble) -> None:
    telnyx.on_post(error_500(stores=True))
    await post(telnyx, TEXT, "k")
    await post(telnyx, TEXT, "k")
    assert len(telnyx.handset(CALLER)) == 2


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, (422, "10004")),
        (TEXT | {"to": "5550143"}, (400, "40310")),
        (TEXT | {"from": "+13125550199"}, (400, "40305")),
        (TEXT | {"text": ""}, (400, "40316")),
        (TEXT | {"validity": 60}, (422, "10015")),
        ([], (422, "10015")),
    ],
)
async def test_what_telnyx_would_refuse_is_refused(
    telnyx: TelnyxDouble, fields: object, refusal: tuple[int, str]
) -> None:
    status, answer = await post(telnyx, fields, "k")
    assert (status, code(answer)) == refusal


async def test_a_key_nobody_gave_out_and_a_malformed_one_are_refused(telnyx: TelnyxDouble) -> None:
    status, answer = await post(telnyx, TEXT, bearer="another")
    assert (status, code(answer)) == (401, "10009")
    status, answer = await post(telnyx, TEXT, "not a key")
    assert (status, code(answer)) == (400, "10015")


async def test_stop_and_start_are_obeyed_and_answered(telnyx: TelnyxDouble) -> None:
    telnyx.reply(CALLER, " STOP ALL ")
    status, answer = await post(telnyx, TEXT)
    assert (status, code(answer)) == (400, "40300")
    telnyx.reply(CALLER, "Start")
    assert (await post(telnyx, TEXT))[0] == 200
    assert [text.by_provider for text in telnyx.handset(CALLER)] == [True, True, False]


async def test_webhooks_are_posted_in_whatever_order_and_however_often(
    telnyx: TelnyxDouble, clock: VirtualClock
) -> None:
    got: list[tuple[str, str]] = []

    async def receive(request: web.BaseRequest) -> web.Response:
        event = json.loads(await request.read())["data"]
        got.append((event["event_type"], event["payload"]["to"][0]["status"]))
        return web.Response(status=204)

    runner = web.ServerRunner(web.Server(receive))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await post(telnyx, TEXT | {"webhook_url": f"http://127.0.0.1:{runner.addresses[0][1]}/hooks?m=1"})
    clock.advance(60)
    sent, finalized = telnyx.webhooks()
    assert await telnyx.post(finalized, sent, finalized) == [204, 204, 204]
    assert got == [("message.finalized", "delivered"), ("message.sent", "sent"), ("message.finalized", "delivered")]
    await runner.cleanup()
