"""The double calls webhooks as the real Twilio does, on its worst days: a judge must be beyond doubt."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from sms.provider import Accepted, OutgoingText, Refused
from sms.twilio.client import TwilioProvider
from sms.twilio.rest import TwilioAccount
from tests.doubles.receiver import Receiver
from tests.doubles.twilio import ACCOUNT, OUR_NUMBER, TOKEN, Sender, TwilioDouble
from tests.doubles.twilio.hook_troubles import (
    AFTER_A_DAY,
    BLANK_VALUES,
    DUPLICATE_NAMES,
    EARLY,
    FORGED_BODY,
    FORGED_SECRET,
    FORGETFUL,
    GARNISHED,
    NEVER,
    NEW_PARAMETERS,
    OUT_OF_ORDER,
    REPLAYED,
    REVIVED,
    TWICE,
    UNSIGNED,
    HookMix,
    HookTrouble,
    hook_mix_named,
)
from tests.doubles.twilio.posting import IDEMPOTENCY_HEADER, Forgery, Rules
from tests.doubles.twilio.troubles import drops_after
from tests.virtual_time import EPOCH, LoopClock, clock, in_virtual_time

ANNA = "+12025550143"
OTHER = "+13125550101"
DAY = 86_400.0


@dataclass
class Scene:
    twilio: TwilioDouble
    receiver: Receiver
    provider: TwilioProvider
    _refs: list[str] = field(default_factory=list)

    async def send(self, to: str = ANNA) -> str:
        """Our text to a caller, with a StatusCallback that has our own id in it; its sid."""
        self._refs.append(f"{len(self._refs):032x}")
        fate = await self.provider.send(OutgoingText(self._refs[-1], to, "Sorry. Reply STOP to opt out.", 600))
        assert isinstance(fate, Accepted)
        return fate.sid

    def hooks(self) -> list[tuple[object, object, object]]:
        """What the double recorded of its calls: status answered, attempt, failure."""
        return [(e["status"], e["attempt"], e["failure"]) for e in self.twilio.record.of("hook")]

    def errors(self) -> list[object]:
        return [e["code"] for e in self.twilio.record.of("error")]


@contextlib.asynccontextmanager
async def scene(fragment: str = "", senders: tuple[Sender, ...] = ()) -> AsyncIterator[Scene]:
    async with Receiver(clock) as receiver, TwilioDouble(LoopClock(), senders=senders) as twilio:
        twilio.hooks.inbound_url = receiver.url() + fragment
        account = TwilioAccount(
            ACCOUNT, ACCOUNT, TOKEN, OUR_NUMBER, base_url=twilio.base_url, hook_url=receiver.url("/hooks/status")
        )
        provider = TwilioProvider(account, now=clock)
        try:
            yield Scene(twilio, receiver, provider)
        finally:
            await provider.close()


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


# Troubles


async def statuses_with(trouble: HookTrouble, s: Scene, wait: float = 10) -> list[str]:
    s.twilio.on_hook(trouble)
    await s.send()
    await asyncio.sleep(wait)
    return s.receiver.statuses()


@in_virtual_time
async def test_statuses_out_of_order() -> None:
    async with scene() as s:
        assert await statuses_with(OUT_OF_ORDER, s) == ["delivered", "sent", "sending"]


@in_virtual_time
async def test_statuses_twice_with_the_same_token() -> None:
    async with scene() as s:
        assert await statuses_with(TWICE, s) == ["sending", "sending", "sent", "sent", "delivered", "delivered"]
        tokens = [got.headers[IDEMPOTENCY_HEADER] for got in s.receiver.got]
        assert tokens[::2] == tokens[1::2] and len(set(tokens)) == 3


@in_virtual_time
async def test_a_status_before_the_answer_to_the_text() -> None:
    async with scene() as s:
        s.twilio.on_hook(EARLY)
        await s.send()
        assert s.receiver.statuses() == ["sending"]


@in_virtual_time
async def test_statuses_never_and_after_a_day() -> None:
    async with scene() as s:
        assert await statuses_with(NEVER, s, DAY) == []
        begun = clock()
        assert await statuses_with(AFTER_A_DAY, s, DAY / 2) == []
        await asyncio.sleep(DAY)
        assert s.receiver.statuses() == ["sending", "sent", "delivered"]
        assert all(got.at - begun >= DAY for got in s.receiver.got)


@in_virtual_time
async def test_delivered_after_undelivered() -> None:
    async with scene() as s:
        assert await statuses_with(REVIVED, s) == ["sending", "sent", "undelivered", "delivered"]
        s.receiver.got.clear()
        s.twilio.carrier.fates[ANNA] = 30006
        assert await statuses_with(REVIVED, s) == ["sending", "sent", "undelivered", "delivered"]
        assert [got.of.get("ErrorCode") for got in s.receiver.got] == [None, None, "30006", None]


@in_virtual_time
async def test_failed_without_a_code_after_one_with() -> None:
    async with scene() as s:
        s.twilio.carrier.fates[ANNA] = 30006
        assert await statuses_with(FORGETFUL, s) == ["sending", "sent", "undelivered", "failed"]
        assert [got.of.get("ErrorCode") for got in s.receiver.got] == [None, None, "30006", None]


@in_virtual_time
async def test_odd_fields_are_signed_like_all_others() -> None:
    async with scene() as s:
        for trouble in (NEW_PARAMETERS, BLANK_VALUES, DUPLICATE_NAMES, GARNISHED):
            s.twilio.on_hook(trouble)
            s.twilio.reply(ANNA, "yes")
            await asyncio.sleep(1)
        new, blank, duplicate, garnished = s.receiver.got
        assert all(got.genuine for got in s.receiver.got)
        assert "AbuseScore" in new.of
        assert blank.of["FromCity"] == "" and blank.of["From"] == ANNA and ("", "") in blank.fields
        assert [value for name, value in duplicate.fields if name == "FromZip"] == ["20005", "20005", "99999"]
        assert garnished.of["Body"] == "yes 👍🏽  "
        polled = await s.provider.received(EPOCH - 60)
        assert polled[-1].body == "yes 👍🏽  "


@in_virtual_time
async def test_an_old_call_comes_again_byte_by_byte_though_the_token_was_changed() -> None:
    async with scene() as s:
        s.twilio.on_hook(REPLAYED)
        message = s.twilio.reply(ANNA, "yes")
        await asyncio.sleep(60)
        s.twilio.rotate_token("the-new-token")
        await asyncio.sleep(DAY)
        assert await s.twilio.hooks.replay(message.sid) == [200]
        assert len(s.receiver.got) == 3
        for again in s.receiver.got[1:]:
            assert (again.fields, again.headers) == (s.receiver.got[0].fields, s.receiver.got[0].headers)


@in_virtual_time
async def test_forged_calls_come_before_the_true_ones_and_say_the_worst() -> None:
    async with scene() as s:
        for trouble in (FORGED_SECRET, FORGED_BODY, UNSIGNED):
            s.twilio.on_hook(trouble, trouble)
            s.twilio.reply(ANNA, "yes")
            await asyncio.sleep(1)
            await s.send()
            await asyncio.sleep(10)
        kinds = [(e["kind"], e["status"], bool(e["forgery"])) for e in s.twilio.record.of("hook")]
        one_round = [("inbound", 403, True), ("inbound", 200, False)]
        one_round += [("status", 403, True), ("status", 200, False)] * 3
        assert kinds == one_round * 3
        forged = [got.of for got in s.receiver.got if not got.genuine]
        assert {fields.get("Body", fields.get("MessageStatus")) for fields in forged} == {"STOP", "failed"}
        assert s.errors() == []


@pytest.mark.parametrize("forgery", Forgery)
def test_a_test_forges_and_tells_what_it_likes(forgery: Forgery) -> None:
    @in_virtual_time
    async def story() -> None:
        async with scene() as s:
            sid = await s.send()
            await asyncio.sleep(10)
            assert await s.twilio.hooks.forge_text(ANNA, "STOP", forgery) == 403
            assert await s.twilio.hooks.tell(sid, "failed", 30007, forgery=forgery) == 403
            assert await s.twilio.hooks.tell(sid, "failed", 30007) == 200
            assert s.receiver.got[-1].of["ErrorCode"] == "30007" and s.receiver.got[-1].genuine
            assert await s.provider.received(EPOCH - 60) == []

    story()


def test_the_same_seed_brings_the_same_bad_day() -> None:
    days = [[mix.draw().name for _ in range(300)] for mix in (HookMix(7), HookMix(7), HookMix(8))]
    assert days[0] == days[1] != days[2]
    assert {"fine", "twice", "never", "out_of_order"} <= set(days[0])
    with pytest.raises(ValueError, match="earthquake"):
        hook_mix_named("twice=0.1,earthquake=0.2", seed=1)


@in_virtual_time
async def test_a_mixed_day_ends_and_every_true_call_is_proven() -> None:
    async with scene() as s:
        s.twilio.hooks.mix = HookMix(3)
        for number in range(60):
            s.twilio.reply(f"+1202555{number:04}", "hello?")
            await s.send(f"+1202555{number:04}")
        await asyncio.sleep(2 * DAY)
        for got, event in zip(s.receiver.got, s.twilio.record.of("hook"), strict=True):
            assert got.genuine == (event["forgery"] is None)


# Handsets


@in_virtual_time
async def test_a_long_text_a_picture_without_words_and_our_own_number() -> None:
    async with scene() as s:
        s.twilio.reply(ANNA, "x" * 400)
        await asyncio.sleep(1)
        s.twilio.reply(ANNA, "", media=2)
        await asyncio.sleep(1)
        s.twilio.reply(OUR_NUMBER, "echo")
        await asyncio.sleep(1)
        long, picture, echo = (got.of for got in s.receiver.got)
        assert long["NumSegments"] == "3" and long["Body"] == "x" * 400
        assert (picture["Body"], picture["NumMedia"], picture["MediaContentType1"]) == ("", "2", "image/jpeg")
        assert picture["MessageSid"].startswith("MM")
        assert echo["From"] == echo["To"] == OUR_NUMBER


@in_virtual_time
async def test_a_text_to_our_own_number_is_refused_and_one_to_another_of_ours_comes_in() -> None:
    async with scene(senders=(Sender(OUR_NUMBER), Sender(OTHER))) as s:
        refused = await s.provider.send(OutgoingText("m", OUR_NUMBER, "Sorry. Reply STOP to opt out.", 600))
        assert isinstance(refused, Refused) and refused.code == "21266"
        await s.send(OTHER)
        await asyncio.sleep(10)
        [received] = [got.of for got in s.receiver.got if got.of["SmsStatus"] == "received"]
        assert (received["From"], received["To"]) == (OUR_NUMBER, OTHER)


@in_virtual_time
async def test_a_handset_that_answers_by_itself_answers_for_ever() -> None:
    async with scene() as s:
        s.twilio.handsets.answers[ANNA] = "I'm driving"
        for texts in (1, 2, 3):
            await s.send()
            await asyncio.sleep(60)
            assert [got.of["Body"] for got in s.receiver.got if "Body" in got.of] == ["I'm driving"] * texts
