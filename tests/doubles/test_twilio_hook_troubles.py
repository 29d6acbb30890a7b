"""The double calls webhooks as the real Twilio does on its worst days, and as forgers do."""

import asyncio

import pytest

from sms.provider import OutgoingText, Refused
from tests.doubles.scene import ANNA, Scene, scene
from tests.doubles.twilio import OUR_NUMBER, Sender
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
from tests.doubles.twilio.posting import IDEMPOTENCY_HEADER, Forgery
from tests.virtual_time import EPOCH, clock, in_virtual_time

OTHER = "+13125550101"
DAY = 86_400.0


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
