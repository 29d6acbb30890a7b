"""The double calls webhooks as the real Twilio does: a judge must be beyond doubt."""

import asyncio

import pytest
from aiohttp import web

from sms.provider import OutgoingText, Refused
from tests.doubles.scene import ANNA, scene
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER
from tests.doubles.twilio.posting import IDEMPOTENCY_HEADER, Rules
from tests.doubles.twilio.troubles import drops_after
from tests.virtual_time import EPOCH, in_virtual_time


@in_virtual_time
async def test_a_reply_is_posted_with_all_its_fields_and_found_by_polling_too() -> None:
    async with scene() as s:
        message = s.twilio.reply(ANNA, "Tuesday is fine")
        await s.twilio.record.wait_for("hook")
        [got] = s.receiver.got
        assert got.genuine and got.method == "POST" and got.path == "/hooks/twilio"
        told = {"MessageSid", "SmsSid", "SmsMessageSid"}
        assert {got.of[name] for name in told} == {message.sid}
        assert (got.of["From"], got.of["To"], got.of["Body"]) == (ANNA, OUR_NUMBER, "Tuesday is fine")
        assert (got.of["SmsStatus"], got.of["NumMedia"], got.of["NumSegments"]) == ("received", "0", "1")
        assert (got.of["AccountSid"], got.of["ApiVersion"]) == (ACCOUNT, "2010-04-01")
        assert got.of["FromCountry"] == "US" and "OptOutType" not in got.of and "MessagingServiceSid" not in got.of
        assert [inbound.sid for inbound in await s.provider.received(EPOCH - 60)] == [message.sid]
        assert s.hooks() == [(200, 1, "")]


@in_virtual_time
async def test_each_status_but_the_first_is_told_and_nothing_before_the_text_was_answered() -> None:
    async with scene() as s:
        sid = await s.send()
        assert s.receiver.got == []
        await asyncio.sleep(10)
        assert s.receiver.statuses() == ["sending", "sent", "delivered"]
        last = s.receiver.got[-1]
        assert last.genuine and last.path == f"/hooks/status?m={0:032x}"
        assert last.of["MessageSid"] == last.of["SmsSid"] == sid and last.of["SmsStatus"] == "delivered"
        assert (last.of["To"], last.of["From"]) == (ANNA, OUR_NUMBER) and "ErrorCode" not in last.of


@in_virtual_time
async def test_a_failure_is_told_with_its_code() -> None:
    async with scene() as s:
        s.twilio.carrier.fates[ANNA] = 30006
        await s.send()
        await asyncio.sleep(10)
        assert [(got.of["MessageStatus"], got.of.get("ErrorCode")) for got in s.receiver.got][-1] == (
            "undelivered",
            "30006",
        )


@in_virtual_time
async def test_a_text_whose_answer_was_lost_is_told_with_our_own_id() -> None:
    async with scene() as s:
        s.twilio.on_post(drops_after())
        await s.provider.send(OutgoingText("f" * 32, ANNA, "Sorry. Reply STOP to opt out.", 600))
        await asyncio.sleep(10)
        assert {got.path for got in s.receiver.got} == {f"/hooks/status?m={'f' * 32}"}


@in_virtual_time
async def test_machine_made_texts_are_not_posted() -> None:
    async with scene() as s:
        s.twilio.reply(ANNA, "Your code is 1234", machine_made=True)
        await asyncio.sleep(60)
        assert s.receiver.got == []


@in_virtual_time
async def test_the_opt_out_type_is_told_only_with_advanced_opt_out() -> None:
    async with scene() as s:
        for s.twilio.hooks.advanced_opt_out in (False, True):
            for words in ("STOP", "start", "Help", "stop it"):
                s.twilio.reply(ANNA, words)
                await asyncio.sleep(1)
        assert [got.of.get("OptOutType") for got in s.receiver.got] == [None] * 4 + ["STOP", "START", "HELP", None]


@in_virtual_time
async def test_a_shared_key_signs_with_sha_256_and_a_rotated_token_with_the_new_one() -> None:
    async with scene() as s:
        s.twilio.hooks.poster.shared_key = ("webhooks_sharedkey_1", "the-shared-key")
        s.receiver.secret = "the-shared-key"
        s.twilio.reply(ANNA, "one")
        await asyncio.sleep(1)
        assert s.receiver.got[-1].genuine
        settings = s.receiver.got[-1].headers["X-Twilio-Webhooks-Signature-Settings"]
        assert settings == "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
        s.twilio.hooks.poster.shared_key = None
        s.twilio.rotate_token("the-new-token")
        s.receiver.secret = "the-new-token"
        s.twilio.reply(ANNA, "two")
        await asyncio.sleep(1)
        assert s.receiver.got[-1].genuine
        refused = await s.provider.send(OutgoingText("m", ANNA, "Sorry. Reply STOP to opt out.", 600))
        assert isinstance(refused, Refused) and refused.code == "20003"


# Retries


@in_virtual_time
async def test_by_itself_twilio_tries_a_failed_connection_once_more_and_nothing_else() -> None:
    async with scene() as s:
        s.receiver.answers.extend([web.Response(status=503)])
        s.twilio.reply(ANNA, "lost to a 503")
        await asyncio.sleep(30)
        s.receiver.answers.extend([None])
        s.twilio.reply(ANNA, "lost to a slow answer")
        await asyncio.sleep(30)
        assert s.hooks() == [(503, 1, "5xx"), (None, 1, "rt")]
        await s.receiver.__aexit__()
        s.twilio.reply(ANNA, "lost to a stopped server")
        await asyncio.sleep(30)
        assert s.hooks()[2:] == [(None, 1, "ct"), (None, 2, "ct")]
        assert s.errors() == [11200, 11200, 11205]


@in_virtual_time
async def test_the_fragment_is_obeyed_unsigned_and_each_retry_brings_the_same_token() -> None:
    async with scene("#rc=5&rp=all&ct=2000&rt=5000") as s:
        s.receiver.answers.extend([web.Response(status=500), web.Response(status=404), None])
        s.twilio.reply(ANNA, "at last")
        await asyncio.sleep(30)
        assert s.hooks() == [(500, 1, "5xx"), (404, 2, "4xx"), (None, 3, "rt"), (200, 4, "")]
        assert len({got.headers[IDEMPOTENCY_HEADER] for got in s.receiver.got}) == 1
        assert all(got.genuine for got in s.receiver.got)
        assert round(s.receiver.got[3].at - s.receiver.got[2].at) == 5


@in_virtual_time
async def test_all_tries_together_take_no_more_than_fifteen_seconds() -> None:
    async with scene("#rc=5&rp=rt&rt=6000") as s:
        s.receiver.answers.extend([None] * 6)
        s.twilio.reply(ANNA, "hm")
        await asyncio.sleep(60)
        assert s.hooks() == [(None, 1, "rt"), (None, 2, "rt"), (None, 3, "rt")]


@pytest.mark.parametrize(
    ("fragment", "rules"),
    [
        ("", Rules()),
        ("#rc=2", Rules(retries=2)),
        ("#rc=9&ct=5&rt=x&tt=20000", Rules()),
        ("#rp=5xx,rt&ct=100&rt=200&tt=300", Rules(1, frozenset(["5xx", "rt"]), 0.1, 0.2, 0.3)),
        ("#rc=0&rp=all", Rules(0, frozenset(["ct", "rt", "4xx", "5xx", "cut"]))),
    ],
)
def test_the_rules_in_an_address_are_read_and_odd_ones_ignored(fragment: str, rules: Rules) -> None:
    assert Rules.of(f"https://office.example/hook?m=1{fragment}") == rules


# Answers


@pytest.mark.parametrize(
    ("content_type", "body", "sent", "error"),
    [
        ("text/xml", "<Response/>", [], []),
        ("text/xml", "<Response><Message>Hi</Message></Response>", ["Hi"], []),
        ("application/xml", "<Response><Message><Body>A</Body></Message><Sms>B</Sms></Response>", ["A", "B"], []),
        ("text/plain", "Internal error in line 5", ["Internal error in line 5"], []),
        ("text/plain", "", [], []),
        ("application/json", '{"ok": true}', [], [12300]),
        ("text/html", "<p>oops", [], [12100]),
    ],
)
def test_words_in_an_answer_reach_the_caller(content_type: str, body: str, sent: list[str], error: list[int]) -> None:
    @in_virtual_time
    async def story() -> None:
        async with scene() as s:
            s.receiver.answers.append(web.Response(text=body, content_type=content_type))
            s.twilio.reply(ANNA, "hello?")
            await asyncio.sleep(1)
            assert [text.body for text in s.twilio.handset(ANNA)] == sent
            assert s.errors() == error
            if sent:
                with pytest.raises(AssertionError, match="0 missed"):
                    s.twilio.at_most_one_per_miss({})

    story()


@in_virtual_time
async def test_an_error_page_and_the_answer_to_a_status_are_not_sent_and_who_opted_out_gets_nothing() -> None:
    async with scene() as s:
        s.receiver.answers.extend([web.Response(status=500, text="oops"), web.Response(text="hello")])
        s.twilio.reply(ANNA, "hm")
        await asyncio.sleep(1)
        s.twilio.reply(ANNA, "STOP")
        await asyncio.sleep(1)
        assert [text.by_provider for text in s.twilio.handset(ANNA)] == [True]
        s.receiver.answers.extend([web.Response(text="thanks")] * 3)
        await s.send("+12025550144")
        await asyncio.sleep(10)
        assert len(s.twilio.handset("+12025550144")) == 1


@in_virtual_time
async def test_a_redirect_loses_what_was_posted() -> None:
    async with scene() as s:
        s.receiver.answers.append(web.Response(status=302, headers={"Location": "/elsewhere?x=1"}))
        s.twilio.reply(ANNA, "hello?")
        await asyncio.sleep(1)
        assert [(got.method, got.path, len(got.fields) > 0, got.genuine) for got in s.receiver.got] == [
            ("POST", "/hooks/twilio", True, True),
            ("GET", "/elsewhere?x=1", False, True),
        ]
